"""What is handed on of the process's environment."""

from __future__ import annotations

import os

import pytest

from runtime.process_environment import changed_environment, child_environment


def test_a_child_gets_everything_and_the_changes(monkeypatch):
    monkeypatch.setenv("ONE", "1")
    assert child_environment({"TWO": "2"}).items() >= {"ONE": "1", "TWO": "2"}.items()
    assert "TWO" not in os.environ


def test_changes_hold_inside_only_also_after_an_error(monkeypatch):
    monkeypatch.setenv("ONE", "1")
    monkeypatch.delenv("TWO", raising=False)

    def fail_inside() -> None:
        with changed_environment({"ONE": "changed", "TWO": "2"}):
            assert (os.environ["ONE"], os.environ["TWO"]) == ("changed", "2")
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fail_inside()
    assert os.environ["ONE"] == "1"
    assert "TWO" not in os.environ
