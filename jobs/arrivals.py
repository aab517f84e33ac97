"""What arrived: files are looked at, kept in the archive and registered.

A file that somebody may still be writing waits: it is taken when it has not changed for some seconds. What is no
file, leads outside or is too large is refused with a finding. A fault of ours (archive full, store away) leaves the
file where it lies; the next time tries again.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from psycopg import Connection

from ingest.core.catalogue import load_catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding, ReadFile
from ingest.store import load, registry
from ingest.store.inbox import InboxFile, list_files, look_again, open_file
from ingest.store.registry import Channel, Look, StillArrivingError, UnreadableSourceError
from ingest.submitters import feedback
from jobs.answers import feedback_path
from runtime.settings import Settings

logger = logging.getLogger(__name__)

# A file that was changed within so many seconds may be growing. Copies across a network pause for less.
QUIET_SECONDS = 5.0
# What a sender can mend about a file that cannot be opened; all else is tried again.
_SENDERS = frozenset({errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG})


@dataclass(slots=True)
class Arrivals:
    """What became of what lay there.

    `deliveries` is how many are news; by path: what is `refused` and why, what is still `arriving`, and the `faults` of
    ours for which something waits.
    """

    deliveries: int = 0
    refused: dict[str, Finding] = field(default_factory=dict)
    arriving: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    def told(self) -> list[str]:
        """A line for each path that was not taken."""
        return [
            *(f"{path}: {why.rule_id} {why.message_en}" for path, why in self.refused.items()),
            *(f"{path}: still arriving; it is taken when it has not changed for a while" for path in self.arriving),
            *(f"{path}: not taken for a fault here ({why}); it is tried again" for path, why in self.faults.items()),
        ]


def register_inbox(connection: Connection, settings: Settings, inbox: str) -> Arrivals:
    """Registers whatever arrived in the inbox since the last time."""
    return register_files(connection, settings, list_files(inbox), channel="inbox", inbox=inbox)


def register_files(
    connection: Connection, settings: Settings, files: Iterable[InboxFile], *, channel: Channel, inbox: str | None
) -> Arrivals:
    """Archives and registers files; what cannot be taken is told in the log.

    What an inbox held the last time and still holds is not opened again. What is handed in by hand is.
    """
    taking = _Taking(connection, settings, channel, inbox if channel == "inbox" else None)
    found = list(files)
    taking.take_all(found)
    if taking.inbox is not None:
        with connection.transaction():
            registry.forget_looks(connection, taking.inbox, [file.source_path for file in found])
    for line in taking.arrivals.told():
        logger.warning("%s", line)
    return taking.arrivals


class _Taking:
    """One look through files."""

    def __init__(self, connection: Connection, settings: Settings, channel: Channel, inbox: str | None) -> None:
        self._connection, self._settings, self._channel, self.inbox = connection, settings, channel, inbox
        self._looks: Mapping[str, Look] = registry.looks(connection, inbox) if inbox is not None else {}
        self.arrivals = Arrivals()

    def take_all(self, files: Iterable[InboxFile]) -> None:
        started, young = time.monotonic(), []
        for file in files:
            look = self._looks.get(file.source_path)
            is_known = look is not None and look.signature == file.signature
            if look is not None and is_known and look.outcome == "taken":
                continue
            if file.problem is not None:
                if look is None or not is_known or look.outcome != "refused":
                    self._refuse(file, file.problem)
            elif _is_quiet(file) or (look is not None and is_known and _seconds_since(look.seen_at) >= QUIET_SECONDS):
                self._take(file)
            else:
                young.append(file)
        if young:
            time.sleep(max(0.0, QUIET_SECONDS - (time.monotonic() - started)))
        for file in young:
            signature = look_again(file)
            if signature == file.signature:
                self._take(file)
            elif signature:
                self._wait(file, signature)

    def _take(self, file: InboxFile) -> None:
        try:
            source = open_file(file)
        except Exception as problem:  # noqa: BLE001 - stores have errors of their own
            self._leave(file, problem)
            return
        with source:
            try:
                sha256, size, archived = registry.archive_file(source, self._settings.archive, lambda: _is_whole(file))
            except StillArrivingError:
                self._wait(file, look_again(file))
                return
            except UnreadableSourceError as problem:
                self._leave(file, problem.__cause__ or problem)
                return
            except OSError as problem:
                self.arrivals.faults[file.source_path] = f"the archive cannot be written: {_reason(problem)}"
                return
        with self._connection.transaction():
            self.arrivals.deliveries += registry.register_delivery(
                self._connection,
                sha256=sha256,
                size_bytes=size,
                archive_path=archived.relative_to(self._settings.archive),
                source_path=file.source_path,
                channel=self._channel,
            )
            self._note(file, file.signature, "taken", sha256)

    def _leave(self, file: InboxFile, problem: BaseException) -> None:
        """What cannot be opened: the sender's to mend, gone meanwhile, or ours to try again."""
        if isinstance(problem, FileNotFoundError):
            return
        if isinstance(problem, OSError) and problem.errno in _SENDERS:
            self._refuse(file, finding("FILE-005", "", name=file.source_path, problem=_reason(problem)))
        else:
            self.arrivals.faults[file.source_path] = f"it cannot be opened: {_reason(problem)}"

    def _wait(self, file: InboxFile, signature: str) -> None:
        self.arrivals.arriving.append(file.source_path)
        with self._connection.transaction():
            self._note(file, signature, "arriving")

    def _refuse(self, file: InboxFile, why: Finding) -> None:
        """Tells of a file that has no bytes to be known by: once, as long as it stays as it is."""
        path = file.source_path
        self.arrivals.refused[path] = why
        with self._connection.transaction():
            if self.inbox is None and registry.has_finding(self._connection, path, why.rule_id):
                return
            load.write_check_results(
                self._connection, sha256=None, submission_id=None, source_path=path, findings=[why]
            )
            try:
                answer = feedback_path(path, self._settings)
                feedback.write_feedback(ReadFile(findings=[why]), answer, path, load_catalogue())
            except OSError as problem:
                self.arrivals.faults[path] = f"the answer cannot be written: {_reason(problem)}"
            self._note(file, file.signature, "refused")

    def _note(self, file: InboxFile, signature: str, outcome: str, sha256: str | None = None) -> None:
        if self.inbox is not None:
            registry.note_look(self._connection, self.inbox, file.source_path, signature, outcome, sha256)


def _is_quiet(file: InboxFile) -> bool:
    """Whether a file was changed long ago; one that was changed in times to come, by another clock, is looked at."""
    return not file.signature or (file.changed_at is not None and 0 <= time.time() - file.changed_at >= QUIET_SECONDS)


def _is_whole(file: InboxFile) -> bool:
    return not file.signature or look_again(file) == file.signature


def _seconds_since(moment: datetime) -> float:
    return (datetime.now(UTC) - moment).total_seconds()


def _reason(problem: BaseException) -> str:
    return getattr(problem, "strerror", None) or type(problem).__name__
