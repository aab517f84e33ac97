"""The process behind the door: reads one file after the other, and ends where a file asks for too much.

It is a copy of the process that asks (fork), so that catalogue and forms are there already. Nothing it holds is
anybody else's: files and connections of the process it was copied from are cut off at its beginning. Its limits are
set anew for each file; what exceeds them ends this process and nothing else.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import io
import logging
import os
import pickle
import resource
import signal
import socket
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from ingest.readers.payment_list.line_columns import PaymentLines
from runtime.errors import SetupError

# What the machine cannot give says nothing about the file.
OUR_ERRORS = frozenset({
    errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM,
    errno.EAGAIN, errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.ETIMEDOUT, errno.ECONNRESET, errno.ECONNREFUSED,
    errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENOTCONN,
})  # fmt: skip

# Findings and figures of the largest file take a tenth of this.
ANSWER_BYTES = 256 * 2**20
# A worker that keeps more than this beyond what it began with is replaced.
_WORN_BYTES = 128 * 2**20
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


class Limits(NamedTuple):
    """What reading one file may take: memory beyond what the worker began with, processor time, time by the clock."""

    memory_bytes: int
    cpu_seconds: int
    seconds: int


class Request(NamedTuple):
    """A file to read: where it lies, and the path under which it came."""

    path: Path
    source_path: str
    limits: Limits


class Answer(NamedTuple):
    """What came of a file.

    `kind`: `read` (`value` is what was made of it), `waits` (for a setting), `fault` (of ours), `defect` (of a
    reader), `broken` (a library gave up), `memory` (more than allowed). `files` come after the answer. `is_last`: the
    worker ends.
    """

    kind: str
    value: Any = None
    text: str = ""
    frames: str = ""
    logged: tuple[tuple[str, int, str], ...] = ()
    files: int = 0
    is_last: bool = False


# Reads the file that lies at a path and came under another.
Read = Callable[[Path, str], Any]


def serve(channel: Connection, read: Read) -> NoReturn:
    """Answers requests until the channel is closed; never returns."""
    status = 1
    try:
        logged = _cut_off(channel.fileno())
        begun_bytes = address_space()
        while True:
            try:
                request = pickle.loads(channel.recv_bytes())  # noqa: S301 - from the process that asks
            except EOFError:
                break
            answer = _answer(read, request, begun_bytes)
            is_worn = address_space() - begun_bytes > _WORN_BYTES
            answer = answer._replace(logged=tuple(logged), is_last=answer.is_last or is_worn)
            logged.clear()
            _send(channel, answer)
            if answer.is_last:
                break
        status = 0
    except BaseException:  # noqa: BLE001, S110 - whoever asks sees that this process is gone; nobody else may go on here
        pass
    finally:
        os._exit(status)


def address_space() -> int:
    """The bytes of address space of this process; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return 0


def _cut_off(channel: int) -> list[tuple[str, int, str]]:
    """Leaves the process that this one was copied from; returns the list that log records go to."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for handled in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGXCPU, signal.SIGCHLD):
        signal.signal(handled, signal.SIG_DFL)
    with suppress(OSError, AttributeError):
        # Where the one who asks is killed, nobody reads on.
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    with suppress(OSError):
        # Where memory runs out, this process goes, not the one that holds what was read.
        Path("/proc/self/oom_score_adj").write_text("500")
    # Numbers stay taken: what the copied process meant for its database must not reach a file that is opened here.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        if number not in (channel, nowhere):
            with suppress(OSError):
                os.dup2(nowhere, number, inheritable=number < 3)
    # Libraries quote what they read when they fail, and no core of a process that held names is written.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.freeze()
    logged: list[tuple[str, int, str]] = []
    logging.getLogger().handlers = [_Kept(logged)]
    for logger in list(logging.Logger.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            logger.handlers, logger.propagate = [], True
    return logged


class _Kept(logging.Handler):
    """Keeps records of warnings for the process that asked."""

    def __init__(self, records: list[tuple[str, int, str]]) -> None:
        super().__init__(logging.WARNING)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append((record.name, record.levelno, record.getMessage()))


def _answer(read: Read, request: Request, begun_bytes: int) -> Answer:
    try:
        _limit(request.limits, begun_bytes)
        try:
            return Answer("read", read(request.path, request.source_path))
        finally:
            _unlimit()
    except MemoryError:
        return Answer("memory", is_last=True)
    except SetupError as problem:
        return Answer("waits", text=str(problem))
    except OSError as problem:
        if problem.errno in OUR_ERRORS:
            return Answer("fault", text=problem.strerror or type(problem).__name__)
        return _defect(problem)
    except RecursionError as problem:
        # Parts within parts, deeper than any program writes them.
        return Answer("broken", text=type(problem).__name__)
    except Exception as problem:  # noqa: BLE001
        # Not its message: that may quote what was being read, perhaps somebody's name.
        return _defect(problem)
    except BaseException as problem:  # noqa: BLE001
        # A panic of a library that is written in Rust is no `Exception`.
        return Answer("broken", text=type(problem).__name__, is_last=True)


def _defect(problem: Exception) -> Answer:
    frames = "".join(traceback.format_tb(problem.__traceback__))
    return Answer("defect", text=str(getattr(problem, "problem", type(problem).__name__)), frames=frames)


def _limit(limits: Limits, begun_bytes: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft(resource.RLIMIT_AS, begun_bytes + limits.memory_bytes if begun_bytes else resource.RLIM_INFINITY)
    _soft(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + limits.cpu_seconds + 1)
    # Not handled: ends the process.
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)


def _unlimit() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    _soft(resource.RLIMIT_AS, resource.RLIM_INFINITY)
    _soft(resource.RLIMIT_CPU, resource.RLIM_INFINITY)


def _soft(kind: int, limit: int) -> None:
    """Sets a limit that this process may raise again, as far as the system lets it."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        limit = hard if limit == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (limit, hard))


# Answers on their way. The lines of a list go as an open file: they may be many.


def _send(channel: Connection, answer: Answer) -> None:
    files: list[int] = []

    def detached(lines: PaymentLines) -> tuple[Callable[..., PaymentLines], tuple[int | bytes, int]]:
        content = lines.content()
        if isinstance(content, bytes):
            return received_lines, (content, lines.count)
        files.append(content)
        return received_lines, (len(files) - 1, lines.count)

    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=5)
    pickler.dispatch_table = {PaymentLines: detached}
    try:
        pickler.dump(answer)
    except Exception as problem:  # noqa: BLE001 - what a reader returned cannot be handed over
        return _send(channel, _defect(problem)._replace(logged=answer.logged, is_last=answer.is_last))
    if buffer.tell() > ANSWER_BYTES:
        return _send(channel, Answer("memory", logged=answer.logged, is_last=True))
    channel.send_bytes(buffer.getbuffer())
    channel.send_bytes(len(files).to_bytes(8, "little"))
    with socket.socket(fileno=os.dup(channel.fileno())) as handed:
        for number in files:
            socket.send_fds(handed, [b"."], [number])
    return None


def received_lines(_content: int | bytes, _count: int) -> PaymentLines:
    """Stands in an answer for lines whose file comes after it (`receive`)."""
    raise TypeError("lines without their file")


_PLAIN = frozenset({
    ("decimal", "Decimal"), ("datetime", "date"), ("datetime", "datetime"), ("datetime", "time"),
    ("datetime", "timedelta"), ("datetime", "timezone"), ("builtins", "set"), ("builtins", "frozenset"),
    ("builtins", "list"), ("builtins", "dict"),
    ("collections", "Counter"), ("collections", "defaultdict"), ("pathlib", "PosixPath"), ("copyreg", "_reconstructor"),
})  # fmt: skip


class _Unpickler(pickle.Unpickler):
    """Makes values of the project's own types and plain ones, and calls nothing else: a file was at work there."""

    def __init__(self, data: bytes, files: list[int]) -> None:
        super().__init__(io.BytesIO(data))
        self._files = files

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (__name__, "received_lines"):
            return self._lines
        found = super().find_class(module, name) if module.startswith("ingest.") or (module, name) in _PLAIN else None
        if isinstance(found, type) or module == "copyreg":
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value")

    def _lines(self, content: int | bytes, count: int) -> PaymentLines:
        return PaymentLines.of(content if isinstance(content, bytes) else self._files[content], count)


def receive(channel: Connection) -> Answer:
    """The next answer of a worker.

    Raises:
        EOFError: the worker is gone.
        OSError: the same.
        pickle.UnpicklingError: no answer, or one with more than values in it.
    """
    data = channel.recv_bytes(2 * ANSWER_BYTES)
    files: list[int] = []
    count = int.from_bytes(channel.recv_bytes(8), "little")
    with socket.socket(fileno=os.dup(channel.fileno())) as handed:
        for _ in range(count):
            files += socket.recv_fds(handed, 1, 1)[1]
    answer = _Unpickler(data, files).load()
    if not isinstance(answer, Answer):
        raise pickle.UnpicklingError("no answer")
    return answer
