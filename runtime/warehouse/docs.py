"""`make docs`: the site of the warehouse's models, columns and lineage, as one file that needs no server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from runtime.errors import SetupError
from runtime.settings import Settings, load_settings
from runtime.warehouse.connect import warehouse_url
from runtime.warehouse.dbt import DBT_PROJECT, dbt_environment


class DocsFailedError(Exception):
    """dbt could not generate its site; the message holds what it said."""


def generate(settings: Settings) -> Path:
    """Writes dbt's site from the project and the warehouse as it is; returns the file.

    Raises:
        runtime.errors.SetupError: no usable server.
        DocsFailedError: dbt failed.
    """
    target = settings.home / "dbt" / "docs"
    places = {"--project-dir": DBT_PROJECT, "--profiles-dir": DBT_PROJECT, "--target-path": target}
    command = [sys.executable, "-m", "dbt.cli.main", "docs", "generate", "--static", "--no-use-colors"]
    for option, place in places.items():
        command += [option, str(place)]
    environment = {**os.environ, **dbt_environment(warehouse_url(settings))}
    command += ["--log-path", str(settings.home / "dbt" / "logs")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DocsFailedError(done.stdout[-2000:] + done.stderr[-2000:])
    settings.docs.mkdir(parents=True, exist_ok=True)
    site = settings.docs / "warehouse.html"
    shutil.copyfile(target / "static_index.html", site)
    return site


def main() -> int:
    """Generates the site and says where it is."""
    try:
        print(f"The warehouse's site: {generate(load_settings())}")
    except (SetupError, DocsFailedError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
