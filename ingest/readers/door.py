"""The one door through which files are opened: in a worker process with limits of memory and time.

A panic, an abort, a kill, an exhausted limit ends the worker or one reading, never the process that asks, and
becomes what is said about that file. The worker is a copy of the asking process (fork), serves many files, and is
replaced when it ends; a file at which it ended is tried once more by a fresh one. While the asking process works on
one answer, the worker reads the next file.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import stat
from collections import deque
from collections.abc import Generator, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path, PurePosixPath
from typing import Any

from ingest.core.findings import finding
from ingest.readers.door_worker import Answer, Limits, Read, Request, receive, serve
from ingest.readers.unreadable import ReaderDefectError, RefusedFileError
from runtime.errors import OurFaultError, SetupError

logger = logging.getLogger(__name__)

# A list of 200,000 persons, 25 MB, takes 540 MB and 11 s; a form less than 50 MB and a tenth of a second.
_MEMORY_BYTES, _MOST_MEMORY_BYTES = 360 * 2**20, 1024 * 2**20
_MEMORY_A_BYTE = 24
# Prose takes longer than tables, by its length: 25 s for a text of a megabyte.
_TABLE_SECONDS, _TABLE_SECONDS_A_MB = 7, 2
_PROSE_SECONDS, _PROSE_SECONDS_A_MB = 20, 60
_MOST_SECONDS = 300
_TABLE_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv")
# By the clock, for a machine that is busy with other things; what bounds a file is the processor's time. Pages of a
# PDF are recognised by another program.
_CLOCK_SECONDS, _CLOCK_TIMES, _PAGES_SECONDS = 60, 10, 600
# The worker ends itself; one that was stopped does not.
_GRACE_SECONDS = 15
# So often may a file end its worker; then it is set aside.
MOST_ENDINGS = 2
_AHEAD = 2


def limits_for(size_bytes: int, source_path: str) -> Limits:
    """What reading a file of a size and name may take; a small file, which unpacks to anything, gets little."""
    size_mb = size_bytes / 2**20
    suffix = PurePosixPath(source_path.lower()).suffix
    is_table = suffix in _TABLE_SUFFIXES
    least, a_mb = (_TABLE_SECONDS, _TABLE_SECONDS_A_MB) if is_table else (_PROSE_SECONDS, _PROSE_SECONDS_A_MB)
    memory_bytes = min(_MEMORY_BYTES + _MEMORY_A_BYTE * size_bytes, _MOST_MEMORY_BYTES)
    cpu_seconds = min(int(least + a_mb * size_mb), _MOST_SECONDS)
    seconds = _CLOCK_SECONDS + _CLOCK_TIMES * cpu_seconds + (_PAGES_SECONDS if suffix == ".pdf" else 0)
    return Limits(memory_bytes, cpu_seconds, seconds)


@dataclass(slots=True)
class Passed:
    """What came of a file: what was made of it, or why nothing was; `endings` is how workers ended over it."""

    value: Any = None
    problem: Exception | None = None
    endings: tuple[str, ...] = ()

    def taken(self) -> Any:
        """What was made of the file.

        Raises:
            RefusedFileError: it ended its reader, or asked for more than a file may.
            ReaderDefectError: a reader failed over it.
            runtime.errors.SetupError: it could not be read for want of a setting or by a fault of ours.
        """
        if self.problem is not None:
            raise self.problem
        return self.value


@dataclass(slots=True)
class _Asked:
    path: Path
    source_path: str
    size_bytes: int | None = None
    limits: Limits | None = None
    endings: list[str] = field(default_factory=list)
    passed: Passed | None = None


@dataclass(frozen=True, slots=True)
class _Worker:
    pid: int
    channel: Connection


class Door:
    """Reads files with a function, one after the other, in a worker that may end.

    The worker is made at the first file and is what this process is at that moment. `close` ends it.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._worker: _Worker | None = None

    def __enter__(self) -> Door:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker."""
        self._end(is_killed=True)

    def read(self, path: Path, source_path: str, size_bytes: int | None = None) -> Passed:
        """Reads one file; its size is looked up where it is not given."""
        with closing(self._passed([_Asked(path, source_path, size_bytes)])) as passed:
            return next(passed)

    def read_all(self, files: Iterable[tuple[Path, str]]) -> Generator[Passed, None, None]:
        """Reads files (where each lies, under which path it came) in their order, one ahead of what was taken."""
        return self._passed(_Asked(path, source_path) for path, source_path in files)

    def _passed(self, files: Iterable[_Asked]) -> Generator[Passed, None, None]:
        todo = iter(files)
        asked: deque[_Asked] = deque()
        while True:
            while len(asked) < _AHEAD and (following := next(todo, None)) is not None:
                asked.append(following)
                self._ask(following)
            if not asked:
                return
            while (passed := asked[0].passed) is None:
                self._wait(asked)
            asked.popleft()
            yield passed

    def _ask(self, one: _Asked) -> None:
        """Sends a request; what cannot even be looked at has passed."""
        try:
            if one.size_bytes is None:
                found = one.path.stat()
                # What is no file has no size that says anything; the reader says what it is.
                one.size_bytes = found.st_size if stat.S_ISREG(found.st_mode) else 0
            one.limits = limits_for(one.size_bytes, one.source_path)
            worker = self._worker or self._start()
            with suppress(BrokenPipeError, ConnectionError):
                # Of a worker that is gone the answer will not come, which is seen there.
                worker.channel.send_bytes(pickle.dumps(Request(one.path, one.source_path, one.limits)))
        except OSError as problem:
            one.passed = Passed(problem=_fault(one, problem.strerror or type(problem).__name__))

    def _start(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if pid == 0:
            serve(theirs, self._read)
        theirs.close()
        with suppress(OSError):
            os.setpgid(pid, pid)
        self._worker = _Worker(pid, ours)
        return self._worker

    def _wait(self, asked: deque[_Asked]) -> None:
        """Waits for the first answer that is due, or for the end of the worker."""
        first = next(one for one in asked if one.passed is None)
        assert self._worker is not None
        assert first.limits is not None
        try:
            if not self._worker.channel.poll(first.limits.seconds + _GRACE_SECONDS):
                raise TimeoutError
            answer = receive(self._worker.channel)
        except TimeoutError:
            self._end(is_killed=True)
            ending = "no answer"
        except pickle.UnpicklingError:
            self._end(is_killed=True)
            ending = "no answer"
        except (EOFError, OSError):
            ending = self._end(is_killed=False)
        else:
            first.passed = _passed(first, answer)
            if not answer.is_last:
                return
            ending = ""
            self._end(is_killed=False)
        if ending:
            first.endings.append(ending)
            logger.warning("The reader ended (%s) over %s", ending, first.source_path)
            if ending == signal.SIGXCPU.name:
                first.passed = Passed(problem=_too_much(first), endings=tuple(first.endings))
            elif len(first.endings) >= MOST_ENDINGS:
                how = ", ".join(first.endings)
                why = finding("FILE-007", "", name=_name(first), how=how)
                first.passed = Passed(problem=RefusedFileError(why), endings=tuple(first.endings))
        for one in asked:
            if one.passed is None:
                self._ask(one)

    def _end(self, *, is_killed: bool) -> str:
        """Ends the worker and what it started; returns how it ended by itself."""
        worker, self._worker = self._worker, None
        if worker is None:
            return ""
        worker.channel.close()
        if is_killed:
            _kill(worker.pid)
        try:
            _, status = os.waitpid(worker.pid, 0)
        except ChildProcessError:
            return "ended"
        _kill(worker.pid)
        if os.WIFSIGNALED(status):
            return signal.Signals(os.WTERMSIG(status)).name
        return f"exit {os.WEXITSTATUS(status)}"


def _kill(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _name(one: _Asked) -> str:
    return PurePosixPath(one.source_path).name


def _fault(one: _Asked, problem: str) -> OurFaultError:
    return OurFaultError(f"{_name(one)} could not be read here ({problem}); it waits and is tried again.")


def _too_much(one: _Asked) -> RefusedFileError:
    assert one.limits is not None
    return RefusedFileError(
        finding(
            "FILE-006",
            "",
            name=_name(one),
            limit_mb=one.limits.memory_bytes // 2**20,
            limit_seconds=one.limits.cpu_seconds,
        )
    )


def _passed(one: _Asked, answer: Answer) -> Passed:
    for name, level, text in answer.logged:
        logging.getLogger(name).log(level, "%s", text)
    problem: Exception | None = None
    match answer.kind:
        case "memory":
            problem = _too_much(one)
        case "broken":
            problem = RefusedFileError(finding("FILE-008", "", name=_name(one), problem=answer.text))
        case "waits":
            problem = SetupError(answer.text)
        case "fault":
            problem = _fault(one, answer.text)
        case "defect":
            problem = ReaderDefectError(answer.text, answer.frames)
    return Passed(answer.value, problem, tuple(one.endings))
