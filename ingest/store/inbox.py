"""The inbox: which files lie in it, and their bytes. Any folder that fsspec can list.

Looking through it costs by the number of names: nothing is opened. What is no regular file, or leads outside, is
listed with what is to be said of it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from upath import UPath

from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.readers.dispatch import no_file, wrong_size

# Office programs and copy programs leave these beside a file that is open or still arriving.
_PASSING_PREFIXES = (".", "~$")
# Control characters, line and paragraph marks, marks of direction, and bytes that are no UTF-8.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_PASSING_SUFFIXES = (".tmp", ".part", ".partial", ".crdownload", ".filepart")
# Under which names stores tell when a file was changed, and which other properties change with it.
_TIMES = ("mtime", "LastModified", "last_modified", "modified", "updated", "created")
_TAGS = ("ETag", "etag", "md5")


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file in the inbox: where it lies, and its path below the inbox as it is kept and shown (always with `/`).

    Characters that a log, a terminal or the database would stumble over are shown by their numbers. `signature` is
    its size, times and tags as the store tells them, empty where nobody looked; `changed_at` is when it was changed
    (seconds since 1970). `problem` is why it must not be opened.
    """

    path: UPath
    source_path: str
    signature: str = ""
    changed_at: float | None = None
    problem: Finding | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "source_path", _shown(self.source_path))


def _shown(source_path: str) -> str:
    return _UNSHOWN.sub(lambda match: f"\\x{ord(match[0]):02x}", source_path)


def list_files(inbox: str | Path) -> Iterator[InboxFile]:
    """Every file below the inbox in a stable order; passing files of other programs are left out.

    Raises:
        FileNotFoundError: there is no such folder.
        OSError: it cannot be listed.
    """
    root = UPath(inbox)
    if not is_local(root):
        # What a store listed before it does not list again.
        root.fs.invalidate_cache()
    if not root.is_dir():
        raise FileNotFoundError(f"The inbox {root} is not a folder")
    found = _local_files(Path(root.path)) if is_local(root) else _stored_files(root)
    yield from sorted(found, key=lambda file: file.source_path)


def look_at(path: Path | UPath) -> InboxFile:
    """A single file as `list_files` lists it, under its own name; a link may lead anywhere."""
    found = UPath(path)
    if is_local(found):
        return _local_file(Path(found.path), found.name) or InboxFile(found, found.name)
    return _stored_file(found, found.name, found.fs.info(found.path))


def look_again(file: InboxFile) -> str:
    """The signature that a listed file has now; empty where it is gone."""
    try:
        if is_local(file.path):
            return _signature(Path(file.path.path).stat())
        file.path.fs.invalidate_cache()
        return _stored_signature(file.path.fs.info(file.path.path))
    except FileNotFoundError:
        return ""


def open_file(file: InboxFile) -> BinaryIO:
    """The bytes of a listed file. A pipe or device that has taken its place is not waited for.

    Raises:
        OSError: it cannot be opened, or is no regular file any more.
    """
    if not is_local(file.path):
        return file.path.open("rb")
    descriptor = os.open(file.path.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(f"{file.source_path} is no file any more")
    return os.fdopen(descriptor, "rb")


def is_local(path: UPath) -> bool:
    """Whether a path lies on this machine's disks."""
    return path.protocol in ("", "file", "local")


def _is_passing(name: str, *, is_folder: bool) -> bool:
    return name.startswith(_PASSING_PREFIXES) or (not is_folder and name.endswith(_PASSING_SUFFIXES))


# Local disks


def _local_files(root: Path) -> Iterator[InboxFile]:
    real_root = root.resolve()
    folders = [(root, "")]
    while folders:
        folder, below = folders.pop()
        try:
            entries = list(os.scandir(folder))
        except PermissionError as problem:
            yield InboxFile(UPath(folder), below, "closed", problem=_unopened(below, problem))
            continue
        except FileNotFoundError:
            continue
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if _is_passing(entry.name, is_folder=is_folder):
                continue
            source_path = f"{below}{entry.name}"
            if is_folder:
                folders.append((Path(entry.path), f"{source_path}/"))
            elif (file := _listed(Path(entry.path), source_path, real_root)) is not None:
                yield file


def _listed(path: Path, source_path: str, real_root: Path) -> InboxFile | None:
    """None for what is gone, and for a folder that is listed at its own place."""
    try:
        return _local_file(path, source_path, real_root)
    except FileNotFoundError:
        return None
    except OSError as problem:
        return InboxFile(UPath(path), source_path, "closed", problem=_unopened(source_path, problem))


def _local_file(path: Path, source_path: str, real_root: Path | None = None) -> InboxFile | None:
    """A path of a disk; outside `real_root`, where there is one, nothing is looked at. None for a linked folder."""
    where, found, name = UPath(path), path.lstat(), _shown(source_path)
    if stat.S_ISLNK(found.st_mode):
        try:
            if real_root is not None and not path.resolve().is_relative_to(real_root):
                return InboxFile(where, source_path, _signature(found), problem=finding("FILE-004", "", name=name))
            found = path.stat()
        except (OSError, RuntimeError):
            # A ring of links is the one or the other.
            return InboxFile(where, source_path, _signature(found), problem=no_file(found.st_mode, name))
        if stat.S_ISDIR(found.st_mode):
            return None
    is_file = stat.S_ISREG(found.st_mode)
    problem = _unwanted(found.st_size, name) if is_file else no_file(found.st_mode, name)
    return InboxFile(where, source_path, _signature(found), found.st_mtime, problem)


def _signature(found: os.stat_result) -> str:
    # The time of the last change of anything: that of the content can be set to any value.
    return f"{found.st_mode} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


def _unopened(source_path: str, problem: OSError) -> Finding:
    return finding("FILE-005", "", name=_shown(source_path), problem=problem.strerror or type(problem).__name__)


def _unwanted(size_bytes: int, source_path: str) -> Finding | None:
    """What is not even kept: an empty file is (it was sent), one that is too large is not."""
    return wrong_size(size_bytes, source_path) if size_bytes else None


# Other stores


def _stored_files(root: UPath) -> Iterator[InboxFile]:
    for name, told in root.fs.find(root.path, detail=True).items():
        source_path = name.removeprefix(root.path.rstrip("/")).lstrip("/\\").replace("\\", "/")
        *folders, last = source_path.split("/")
        if any(_is_passing(folder, is_folder=True) for folder in folders) or _is_passing(last, is_folder=False):
            continue
        yield _stored_file(root / source_path, source_path, told)


def _stored_file(path: UPath, source_path: str, told: Mapping[str, Any]) -> InboxFile:
    size_bytes, name = told.get("size"), _shown(source_path)
    problem: Finding | None
    if told.get("type") == "link" or told.get("islink"):
        # Where it leads, the store's own machine knows.
        problem = finding("FILE-004", "", name=name)
    elif size_bytes == 0:
        # So look pipes and devices of another machine, too, and whoever opens one waits for ever.
        problem = wrong_size(0, name)
    else:
        problem = _unwanted(size_bytes or 0, name)
    return InboxFile(path, source_path, _stored_signature(told), _changed_at(told), problem)


def _stored_signature(told: Mapping[str, Any]) -> str:
    tags = (str(told[key]) for key in _TAGS if told.get(key) is not None)
    return " ".join([str(told.get("size")), str(_changed_at(told)), *tags])


def _changed_at(told: Mapping[str, Any]) -> float | None:
    """When a store's file was changed; listed and looked up, the same moment may be told in different ways."""
    changed = next((told[key] for key in _TIMES if told.get(key) is not None), None)
    if isinstance(changed, str):
        try:
            changed = datetime.fromisoformat(changed)
        except ValueError:
            return None
    return changed.timestamp() if isinstance(changed, datetime) else changed
