"""Stocks with which a year began."""

from __future__ import annotations

from ingest.narrative.meaning.reading import Reading
from ingest.narrative.text.patterns import Patterns

SAYS = Patterns("measure")


def is_opening(reading: Reading) -> bool:
    """Whether a stock is told as that with which a year named, or the period, began."""
    wording = reading.wording
    if wording is None or "movement" not in wording.lists or reading.is_change:
        return False
    text = reading.before
    if reading.link_kind in ("follow", "bracket", "pair") and reading.link is not None:
        return reading.link.breakdown.get("movement") == "opening"
    return SAYS.opening_of_a_year.search(text) is not None
