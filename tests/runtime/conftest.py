"""What the tests of the runtime share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from runtime.local.ports import free_port


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder for ANSINH_HOME that the system user under which root runs Postgres may enter."""
    with tempfile.TemporaryDirectory(prefix="ansinh-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    """The environment of an installation of its own, on free ports."""
    own = {
        "ANSINH_HOME": str(home),
        "ANSINH_POSTGRES_PORT": str(free_port()),
        "ANSINH_WEB_PORT": str(free_port()),
    }
    return {name: value for name, value in os.environ.items() if not name.startswith(("ANSINH_", "AIRFLOW_"))} | own


@pytest.fixture(scope="session")
def processes_of() -> Callable[[Path], list[str]]:
    """Gives the command lines of all running processes that belong to a home, by environment or by argument."""

    def look(home: Path) -> list[str]:
        found = []
        for process in psutil.process_iter():
            if process.pid == os.getpid():
                continue
            try:
                variables, command = process.environ(), " ".join(process.cmdline())
            except psutil.Error:
                continue
            if variables.get("ANSINH_HOME") == str(home) or str(home) in command:
                found.append(command)
        return found

    return look
