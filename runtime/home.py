"""The folder that everything is written to, and how the project knows it for its own.

A home is marked when it is first used. `make clean` deletes only in a marked one, so that an
`ANSINH_HOME` that was set to the wrong folder costs nobody their files.
"""

from __future__ import annotations

from runtime.clean import DEFAULT_HOME, MARK
from runtime.errors import SetupError
from runtime.settings import Settings

# What may lie in a home before its first use: an inbox set up beforehand, a disk's own folder.
_BEFOREHAND = frozenset({"inbox", "lost+found"})
_MARK_TEXT = "An Sinh keeps its files here. `make clean` deletes them, and nothing else in this folder.\n"


def claim(settings: Settings) -> None:
    """Makes the home where it is not there and marks it as the project's own.

    Raises:
        SetupError: the folder holds somebody else's files, or cannot be written.
    """
    mark = settings.home / MARK
    if mark.exists():
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
        mark.write_text(_MARK_TEXT)
    except OSError as error:
        raise SetupError(f"ANSINH_HOME={settings.home} cannot be written: {error.strerror}.") from error
