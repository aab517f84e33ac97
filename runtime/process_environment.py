"""The process's own environment, for what is handed on: to child processes, and to libraries that look nowhere else.

What the project itself wants to know of it are settings (`runtime.settings`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


def child_environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a child process: this process's own, with changes."""
    return {**os.environ, **(changes or {})}


def set_variable(name: str, value: str) -> None:
    """Sets a variable for the rest of the process."""
    os.environ[name] = value


@contextmanager
def changed_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Variables that hold inside only, for a library that reads them in this process, as dbt reads its profile's."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
