"""A warehouse for one measurement: an embedded Postgres with everything that protects data left on, deleted after."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from runtime.local import embedded_postgres
from runtime.local.home import claim
from runtime.local.ports import free_port
from runtime.settings import Settings
from runtime.warehouse import migrate


@contextmanager
def own_warehouse() -> Iterator[tuple[Settings, str]]:
    """Settings whose home is a folder of the measurement's own, and the URL of its migrated, empty database."""
    with tempfile.TemporaryDirectory(prefix="ansinh-bench-") as folder, patch.dict(os.environ, ANSINH_HOME=folder):
        home = Path(folder)
        # The system user under which root runs Postgres has to get in.
        home.chmod(0o711)
        settings = Settings(home=home, database_url=None, postgres_port=free_port())
        claim(settings)
        url = embedded_postgres.ensure_running(settings)
        try:
            migrate.upgrade(url)
            yield settings, url
        finally:
            embedded_postgres.remove(settings)
