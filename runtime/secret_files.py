"""Passwords and keys that the project makes for itself, each a file of mode 600."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path


def kept_secret(folder: Path, name: str, generate: Callable[[], str] = lambda: secrets.token_urlsafe(24)) -> str:
    """A secret that is made the first time it is asked for and is the same ever after.

    Args:
        folder: `Settings.secrets`, or a folder of the user's own.
        name: the file's path below it, such as `postgres/ansinh`.
        generate: makes the secret.
    """
    path = folder / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as handle:  # mode 600
            handle.write(generate())
            handle.flush()
            # Whoever links first has made it; a half-written secret is never seen.
            with contextlib.suppress(FileExistsError):
                os.link(handle.name, path)
    return path.read_text()
