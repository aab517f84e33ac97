"""What a rate is a rate of stands in the catalogue's seed, and nowhere in Python."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ingest.narrative
from ingest.core.catalogue import load_catalogue
from ingest.narrative.text.lexicon import load_lexicon

FOLDER = Path(ingest.narrative.__file__).parent


def literals(path: Path) -> set[str]:
    """The string literals of a module, its docstrings among them as a whole."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_no_indicator_and_no_end_of_a_code_is_named_in_python(path):
    codes = load_catalogue().indicators.keys()
    ends = {f"_{code.split('_', 1)[1]}" for code in codes if "_" in code}
    assert not literals(path) & (codes | ends)


def test_every_kind_of_rate_is_loaded_from_the_seed():
    indicators = load_catalogue().indicators.values()
    assert {i.rate_kind for i in indicators} == {"", "group", "whole", "plan"}
    assert all(i.measure_type == "rate" for i in indicators if i.rate_kind)


def test_a_completed_plan_is_one_of_its_own_numerator():
    completed = load_lexicon().completion_of
    assert completed
    assert all(load_catalogue().indicators[rate].numerator == code for code, rate in completed.items())
