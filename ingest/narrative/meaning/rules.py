"""Ordered tables of small rules: the first that has an answer decides, and its name stands among the steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ingest.narrative.meaning.reading import Reading

Answer = TypeVar("Answer")
Rule = Callable[[Reading], Answer | None]


def name_of(rule: Rule[Answer]) -> str:
    """The name of a rule as `--explain` shows it: that of its function, in words."""
    return rule.__name__.strip("_").replace("_", " ")


def first_answer(about: str, rules: Sequence[Rule[Answer]], reading: Reading) -> Answer | None:
    """The answer of the first rule that has one; None if none has."""
    for rule in rules:
        answer = rule(reading)
        if answer is not None:
            reading.steps.append(f"{about}: {name_of(rule)}")
            reading.decided[about] = name_of(rule)
            return answer
    return None
