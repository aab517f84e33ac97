"""Waiting ends when the condition holds, when time is up, or when asking fails."""

from __future__ import annotations

import time

import pytest

from runtime.waiting import comes_about


def test_it_ends_as_soon_as_the_condition_holds():
    answers = iter([False, False, True])
    assert comes_about(lambda: next(answers), seconds=60, pause=0)
    assert list(answers) == []


def test_it_gives_up_when_time_is_up():
    started = time.monotonic()
    assert not comes_about(lambda: False, seconds=0.05, pause=0.01)
    assert time.monotonic() - started < 5


def test_what_goes_wrong_while_asking_is_not_swallowed():
    def fail() -> bool:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        comes_about(fail, seconds=60, pause=0)
