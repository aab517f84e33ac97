"""The door: whatever a file does to its reader, the process that asks goes on and knows what to say of the file."""

from __future__ import annotations

import ctypes
import logging
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.readers import door as door_module
from ingest.readers.dispatch import read_file, reading_door, taken_file
from ingest.readers.door import Door, limits_for
from ingest.readers.door_worker import Limits
from ingest.readers.payment_list.line_columns import PaymentLines
from ingest.readers.unreadable import ReaderDefectError, RefusedFileError
from runtime.errors import OurFaultError, SetupError
from tests.poison import POISON


@pytest.fixture
def files(tmp_path: Path) -> list[tuple[Path, str]]:
    """Three files, by their names."""
    for name in "abc":
        (tmp_path / name).write_text(name)
    return [(tmp_path / name, f"663/{name}.txt") for name in "abc"]


def outcomes(read: Callable[[Path, str], Any], files: list[tuple[Path, str]]) -> list[Any]:
    """What comes of each file: its value, or the rule or kind of what was wrong."""
    found: list[Any] = []
    with Door(read) as door:
        for passed in door.read_all(files):
            try:
                found.append(passed.taken())
            except RefusedFileError as refused:
                found.append(refused.finding.rule_id)
            except (ReaderDefectError, SetupError) as problem:
                found.append(type(problem).__name__)
    return found


def only_b(deed: Callable[[], object]) -> Callable[[Path, str], str]:
    """Reads every file but does something else at the second."""

    def read(path: Path, source_path: str) -> str:
        if path.name == "b":
            deed()
        return path.read_text()

    return read


class Panic(BaseException):
    """As a library in Rust raises it."""


def panic() -> None:
    raise Panic


def recurse() -> None:
    recurse()


def spin() -> None:
    while True:
        pass


def full() -> None:
    raise OSError(28, "No space left on device")


def defect() -> None:
    raise ZeroDivisionError("somebody's name")


def setting() -> None:
    raise SetupError("set a key")


@pytest.mark.parametrize(
    ("deed", "outcome"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "FILE-007"),
        (os.abort, "FILE-007"),
        (lambda: ctypes.string_at(0), "FILE-007"),
        (lambda: os._exit(0), "FILE-007"),
        (lambda: bytearray(1 << 33), "FILE-006"),
        (spin, "FILE-006"),
        (lambda: time.sleep(60), "FILE-007"),
        (lambda: os.kill(os.getpid(), signal.SIGSTOP), "FILE-007"),
        (panic, "FILE-008"),
        (sys.exit, "FILE-008"),
        (recurse, "FILE-008"),
        (defect, "ReaderDefectError"),
        (full, "OurFaultError"),
        (setting, "SetupError"),
    ],
    ids=["kill", "abort", "segfault", "exit", "memory", "time", "sleep", "stop", "panic", "leave", "depth", "defect",
         "full disk", "setting"],
)  # fmt: skip
def test_one_file_stops_no_other(
    deed: Callable[[], object], outcome: str, files: list[tuple[Path, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine a second of the processor takes many by the clock.
    limits = Limits(200 * 2**20, 1, 100 if deed is spin else 3)
    monkeypatch.setattr(door_module, "limits_for", lambda *_: limits)
    monkeypatch.setattr(door_module, "_GRACE_SECONDS", 1)
    assert outcomes(only_b(deed), files) == ["a", outcome, "c"]


def test_a_file_that_ends_its_reader_once_is_read(files: list[tuple[Path, str]], tmp_path: Path) -> None:
    met = tmp_path / "met"

    def once() -> None:
        if not met.exists():
            met.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    with Door(only_b(once)) as door:
        passed = list(door.read_all(files))
    assert [one.value for one in passed] == ["a", "b", "c"]
    assert [one.endings for one in passed] == [(), ("SIGKILL",), ()]


def test_what_ended_the_reader_is_said_without_what_was_read(files: list[tuple[Path, str]]) -> None:
    with Door(only_b(lambda: os.kill(os.getpid(), signal.SIGKILL))) as door:
        problem = door.read(*files[1]).problem
    assert isinstance(problem, RefusedFileError)
    assert "b.txt" in problem.finding.message_vi
    assert "SIGKILL" in problem.finding.message_vi
    with Door(only_b(defect)) as door:
        problem = door.read(*files[1]).problem
    assert isinstance(problem, ReaderDefectError)
    assert problem.problem == "ZeroDivisionError"
    assert "in defect" in problem.frames
    assert "name" not in problem.problem + problem.frames.partition("raise")[0]


def test_a_missing_archive_is_ours(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(OurFaultError, match=r"form\.xlsx.*tried again"):
        read_file(tmp_path / "none", "663/form.xlsx", catalogue)


def test_the_worker_holds_nothing_of_the_process_it_was_copied_from(files: list[tuple[Path, str]]) -> None:
    left, right = os.pipe()

    def deed(_path: Path, _name: str) -> list[str]:
        os.write(right, b"x")
        return sorted({str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()})

    with Door(deed) as door:
        (held,) = [door.read(*files[0]).taken()]
    assert [name for name in held if not name.startswith(("socket:", "/dev/null", "/proc/"))] == []
    os.set_blocking(left, False)
    with pytest.raises(BlockingIOError):
        os.read(left, 1)


def test_closing_ends_the_worker(files: list[tuple[Path, str]]) -> None:
    with Door(lambda _path, _name: os.getpid()) as door:
        pids = [passed.value for passed in door.read_all(files)]
        assert len(set(pids)) == 1
        assert pids[0] != os.getpid()
        os.kill(pids[0], 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_a_worker_that_has_grown_is_replaced(files: list[tuple[Path, str]]) -> None:
    kept = []

    def grow(_path: Path, _name: str) -> int:
        kept.append(bytearray(150 << 20))
        return os.getpid()

    assert len(set(outcomes(grow, files))) == 3


def test_warnings_of_the_worker_are_logged_here(
    files: list[tuple[Path, str]], caplog: pytest.LogCaptureFixture
) -> None:
    outcomes(only_b(lambda: logging.getLogger("ingest.some").warning("a key was made")), files)
    assert [(record.name, record.getMessage()) for record in caplog.records] == [("ingest.some", "a key was made")]


@pytest.mark.parametrize("count", [3, 20_000])
def test_lines_of_a_list_arrive_whole(count: int, files: list[tuple[Path, str]]) -> None:
    def lines(_path: Path, _name: str) -> PaymentLines:
        made = PaymentLines()
        for number in range(count):
            made.add(f"{number}\trow {number}\tĐắk Mil\n", 1)
        return made

    for received in outcomes(lines, files):
        assert received.count == count
        blocks = b"".join(received.blocks(7)).decode().splitlines()
        assert blocks[-1] == f"7\t{count - 1}\trow {count - 1}\tĐắk Mil"
        assert len(blocks) == count


class Evil:
    """Runs a command where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., int], tuple[str]]:
        return os.system, ("true",)


def test_an_answer_that_is_more_than_values_is_refused(files: list[tuple[Path, str]]) -> None:
    assert pickle.loads(pickle.dumps(Evil())) == 0  # noqa: S301 - what would happen
    assert outcomes(lambda _path, _name: Evil(), files[:1]) == ["FILE-007"]
    assert outcomes(lambda _path, _name: open(os.devnull), files[:1]) == ["ReaderDefectError"]  # noqa: SIM115, PTH123


def test_findings_survive_the_way(files: list[tuple[Path, str]]) -> None:
    told = finding("FILE-001", "", name="Đắk Mil.xlsx")
    assert outcomes(lambda _path, _name: [told], files[:1]) == [[told]]


def test_limits_grow_with_the_file_and_have_an_end() -> None:
    small, large, huge = (limits_for(size, "a.xlsx") for size in (1_000, 25 << 20, 100 << 20))
    assert small.cpu_seconds <= 10
    assert small.memory_bytes <= 400 * 2**20
    assert small < large < huge
    assert huge.memory_bytes <= 1 << 30
    assert limits_for(1_000, "a.pdf").cpu_seconds > small.cpu_seconds


@pytest.mark.parametrize("suffix", POISON)
def test_poison_of_each_format_is_a_finding(suffix: str, catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / f"poison{suffix}"
    path.write_bytes(POISON[suffix]())
    read = read_file(path, path.name, catalogue)
    assert read.submissions == []
    (told,) = read.findings
    assert told.severity == "error"
    assert path.name in told.message_vi
    assert path.name in told.message_en


def test_a_pipe_is_no_file(catalogue: Catalogue, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert [told.rule_id for told in read_file(tmp_path / "pipe.xlsx", "pipe.xlsx", catalogue).findings] == ["FILE-009"]


def test_many_files_share_a_door(catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("xin chào")
    asked = [(tmp_path / name, f"{number}.md") for number, name in enumerate(["text", "empty"] * 5)]
    with reading_door(catalogue) as door:
        read = [taken_file(passed, name) for passed, (_, name) in zip(door.read_all(asked), asked, strict=True)]
    assert [one.findings[0].rule_id == "FILE-001" for one in read] == [False, True] * 5
