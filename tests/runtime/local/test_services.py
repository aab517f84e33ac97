"""Stopping what was started: all of it, and nothing of anybody else."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from runtime.local import services
from runtime.settings import Settings

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
    return Settings(home=tmp_path)


def start_stubborn() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    for _ in range(2):
        assert process.stdout.readline() == "ready\n"
    return process


def remember(settings: Settings, pid: int, started_at: float) -> None:
    path = settings.run / "services.json"
    path.parent.mkdir()
    path.write_text(json.dumps([{"name": "scheduler", "pid": pid, "started_at": started_at}]))


def start_time(pid: int) -> float:
    return psutil.Process(pid).create_time()


def session_of(pid: int) -> list[int]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getsid(process.pid) == pid and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
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


@pytest.mark.parametrize(
    "content", ["", "not json", '[{"name": "scheduler"}]', '[{"name": "scheduler", "pid": 1, "started": 7}]', "{}"]
)
def test_a_damaged_memory_is_no_obstacle(settings, content):
    path = settings.run / "services.json"
    path.parent.mkdir()
    path.write_text(content)
    assert not services.is_up(settings)
    started = time.monotonic()
    services.stop(settings)
    assert time.monotonic() - started < 1
    assert not path.exists()


def test_stopping_where_nothing_runs_is_fine(settings):
    services.down(settings)
