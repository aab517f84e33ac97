"""`ansinh docs`: the site of the warehouse's models, columns and lineage, as one file that needs no server."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from runtime.process_environment import child_environment
from runtime.settings import Settings
from runtime.warehouse.connect import warehouse_url
from runtime.warehouse.dbt import DBT_PROJECT, dbt_environment, variables_option


class DocsFailedError(Exception):
    """dbt could not generate its site; the message holds what it said."""


def generate(settings: Settings) -> Path:
    """Writes dbt's site from the project and the warehouse as it is; returns the file.

    Raises:
        runtime.errors.SetupError: no usable server.
        DocsFailedError: dbt failed.
    """
    target = settings.dbt / "docs"
    places = {"--project-dir": DBT_PROJECT, "--profiles-dir": DBT_PROJECT, "--target-path": target}
    command = [sys.executable, "-m", "dbt.cli.main", "docs", "generate", "--static", "--no-use-colors"]
    command += variables_option()
    for option, place in places.items():
        command += [option, str(place)]
    environment = child_environment(dbt_environment(warehouse_url(settings)))
    command += ["--log-path", str(settings.dbt / "logs")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DocsFailedError(done.stdout[-2000:] + done.stderr[-2000:])
    settings.docs.mkdir(parents=True, exist_ok=True)
    site = settings.docs / "warehouse.html"
    shutil.copyfile(target / "static_index.html", site)
    return site
