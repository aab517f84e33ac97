"""The folder that everything is written to, and how the project knows it for its own.

A home is marked when it is first used. `make clean` deletes only in a marked one, so that an
`ANSINH_HOME` that was set to the wrong folder costs nobody their files.
"""

from __future__ import annotations

import shutil

from runtime.errors import SetupError
from runtime.places import DEFAULT_HOME, INBOX, SETTINGS_FILE
from runtime.settings import Settings

# What may lie in a home before its first use: an inbox and settings made beforehand, a disk's own folder.
_BEFOREHAND = frozenset({INBOX, SETTINGS_FILE, "lost+found"})
# With less, Postgres stops and log files end in the middle of a line.
_FULL_BYTES = 30_000_000
_MARK_TEXT = "An Sinh keeps its files here. `make clean` deletes them, and nothing else in this folder.\n"


def claim(settings: Settings) -> None:
    """Makes the home where it is not there and marks it as the project's own.

    Raises:
        SetupError: the folder holds somebody else's files, or cannot be written.
    """
    if settings.mark.exists():
        return
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        others = sorted(path.name for path in settings.home.iterdir() if path.name not in _BEFOREHAND)
        # The default home is a name of the project's own in its own folder.
        if others and settings.home != DEFAULT_HOME:
            raise SetupError(
                f"ANSINH_HOME={settings.home} holds other files already ({', '.join(others[:3])}); "
                "give An Sinh a folder of its own."
            )
        settings.mark.write_text(_MARK_TEXT)
    except OSError as error:
        raise SetupError(f"ANSINH_HOME={settings.home} cannot be written: {error.strerror}.") from error


def cause_of(failure: object, settings: Settings) -> str:
    """What to tell of a failure: that the disk is full where it is, which looks like many other faults, else itself."""
    free = shutil.disk_usage(settings.home).free if settings.home.exists() else _FULL_BYTES
    if free < _FULL_BYTES:
        return (
            f"the disk of {settings.home} is full ({free // 1_000_000} MB free); free some space and run the same "
            "again: what was done is kept."
        )
    return str(failure)
