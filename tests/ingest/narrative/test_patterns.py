"""Patterns are data: each fits its examples and misses the others, each is used, and none is asked for in vain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ingest.narrative
from ingest.narrative.text.data import LexiconError
from ingest.narrative.text.patterns import Patterns, compiled_patterns, pattern_entries, pattern_files

FOLDER = Path(ingest.narrative.__file__).parent
# Times are asked for all together, in the order of their file.
ASKED_TOGETHER = {"times"}


def entries():
    return [(file, name) for file in pattern_files() for name in pattern_entries(file)]


def asked_for() -> set[tuple[str, str]]:
    found = set()
    for path in FOLDER.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        file = re.search(r'^SAYS = Patterns\("(\w+)"\)', text, re.MULTILINE)
        if file:
            found |= {(file[1], name) for name in re.findall(r"\bSAYS\.(\w+)", text)}
    return found


@pytest.mark.parametrize(("file", "name"), entries())
def test_a_pattern_fits_its_examples_and_misses_the_others(file, name):
    entry, pattern = pattern_entries(file)[name], compiled_patterns(file)[name]
    meets = getattr(pattern, entry.how)
    assert [text for text in entry.fits if not meets(text)] == []
    assert [text for text in entry.misses if meets(text)] == []


def test_every_pattern_asked_for_is_there_and_every_one_is_asked_for():
    known = set(entries())
    assert asked_for() - known == set()
    assert {pair for pair in known - asked_for() if pair[0] not in ASKED_TOGETHER} == set()


def test_an_unknown_pattern_is_named():
    with pytest.raises(LexiconError, match="no_such_pattern"):
        _ = Patterns("measure").no_such_pattern
