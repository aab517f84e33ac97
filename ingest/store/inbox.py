"""The inbox: which files lie in it, and their bytes. Any folder that fsspec can list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from upath import UPath

# Office programs and copy programs leave these beside a file that is open or still arriving.
_PASSING_PREFIXES = (".", "~$")
# Control characters, line and paragraph marks, marks of direction, and bytes that are no UTF-8.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_PASSING_SUFFIXES = (".tmp", ".part", ".partial", ".crdownload", ".filepart")


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file in the inbox: where it lies, and its path below the inbox as it is kept and shown (always with `/`).

    Characters that a log, a terminal or the database would stumble over are shown by their numbers.
    """

    path: UPath
    source_path: str

    def __post_init__(self) -> None:
        shown = _UNSHOWN.sub(lambda match: f"\\x{ord(match[0]):02x}", self.source_path)
        object.__setattr__(self, "source_path", shown)


class OutsideInboxError(ValueError):
    """The path is a link that leads outside the inbox."""


def list_files(inbox: str | Path) -> Iterator[InboxFile]:
    """Every file below the inbox in a stable order; passing files of other programs are left out.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    root = UPath(inbox)
    if not root.is_dir():
        raise FileNotFoundError(f"The inbox {root} is not a folder")
    found = (
        InboxFile(path, path.path.removeprefix(root.path).lstrip("/\\").replace("\\", "/"))
        for path in root.rglob("*")
        if not path.is_dir()
    )
    for file in sorted(found, key=lambda f: f.source_path):
        parts = file.source_path.split("/")
        if any(part.startswith(_PASSING_PREFIXES) for part in parts) or parts[-1].endswith(_PASSING_SUFFIXES):
            continue
        yield file


def check_inside(file: InboxFile, inbox: str | Path) -> None:
    """Refuses a link that leads outside a local inbox.

    Raises:
        OutsideInboxError: it does.
    """
    root = UPath(inbox)
    if root.protocol not in ("", "file", "local"):
        return
    if not Path(file.path.path).resolve().is_relative_to(Path(root.path).resolve()):
        raise OutsideInboxError(file.source_path)
