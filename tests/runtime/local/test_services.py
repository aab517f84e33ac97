"""Stopping what was started: all of it, and nothing of anybody else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.local import services
from runtime.settings import Settings, load_settings

# A leader that forks a child into a process group of its own, as Airflow's task runner does; both are deaf to SIGTERM.
STUBBORN = r"""
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgid(0, 0)
os.write(1, b"ready\n")
time.sleep(600)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load_settings(), home=tmp_path)


def start_stubborn() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    for _ in range(2):
        assert process.stdout.readline() == "ready\n"
    return process


def remember(settings: Settings, pid: int, started: int) -> None:
    path = settings.home / "run" / "services.json"
    path.parent.mkdir()
    path.write_text(json.dumps([{"name": "scheduler", "pid": pid, "started": started}]))


def start_time(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def session_of(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == pid and fields[0] != "Z":
                found.append(int(path.name))
    return found


def test_everything_a_service_forked_ends_even_if_it_does_not_want_to(settings, monkeypatch):
    monkeypatch.setattr(services, "STOP_SECONDS", 1)
    process = start_stubborn()
    assert len(session_of(process.pid)) == 2
    remember(settings, process.pid, start_time(process.pid))
    assert services.is_up(settings)
    services.stop(settings)
    assert session_of(process.pid) == []
    assert not services.is_up(settings)


def test_what_a_dead_leader_left_behind_is_found(settings, monkeypatch):
    monkeypatch.setattr(services, "STOP_SECONDS", 1)
    process = start_stubborn()
    remember(settings, process.pid, start_time(process.pid))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not services.is_up(settings)
    assert len(session_of(process.pid)) == 1
    services.stop(settings)
    assert session_of(process.pid) == []


def test_a_stale_number_that_another_program_carries_is_not_touched(settings):
    process = start_stubborn()
    try:
        remember(settings, process.pid, start_time(process.pid) - 1000)
        assert not services.is_up(settings)
        services.stop(settings)
        assert len(session_of(process.pid)) == 2
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        for pid in session_of(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("content", ["", "not json", '[{"name": "scheduler"}]', "{}"])
def test_a_damaged_memory_is_no_obstacle(settings, content):
    path = settings.home / "run" / "services.json"
    path.parent.mkdir()
    path.write_text(content)
    assert not services.is_up(settings)
    started = time.monotonic()
    services.stop(settings)
    assert time.monotonic() - started < 1
    assert not path.exists()


def test_stopping_where_nothing_runs_is_fine(settings):
    services.down(settings)


def test_an_unknown_word_on_the_command_line_is_refused(capsys):
    assert services.main(["sideways"]) == 2
    assert "up|down|remove" in capsys.readouterr().err
