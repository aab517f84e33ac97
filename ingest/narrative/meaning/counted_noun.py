"""The noun that a number counts: `412 hộ nghèo`, `tổng số hộ cận nghèo là 388 hộ`. It decides the family."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.narrative.meaning.reading import Reading
from ingest.narrative.text.lexicon import Lexicon, Mention
from ingest.narrative.text.patterns import Patterns

SAYS = Patterns("indicator")
# A noun further before its number is another's.
_REACH = 140


@dataclass(frozen=True, slots=True)
class CountedNoun:
    """Where a counted noun stands, the terms that it words, and the families of indicators that it names alone.

    `is_subject`: it stands before the number, joined to it by nothing but `là`, `có`, a colon, a place or a time.
    """

    start: int
    end: int
    terms: frozenset[int]
    families: frozenset[str]
    is_subject: bool = False


def counted_noun(reading: Reading) -> CountedNoun | None:
    """The group of people or households that a number counts or is a rate of, where the words say so directly."""
    if reading.passage.kind == "row" or reading.quantity.unit == "vnd" or reading.quantity.is_zero:
        return None
    return _behind(reading) or _before(reading)


def _behind(reading: Reading) -> CountedNoun | None:
    quantity = reading.quantity
    if quantity.unit == "percent":
        # `giảm 10,24% tỷ lệ hộ nghèo`
        behind = [m for m in reading.page.mentions.between(quantity.end, quantity.end + 2) if m.kind == "term"]
        return _named(behind, reading.lexicon)
    first = next((s for s in reading.page.tokens.starts if s >= quantity.number_end), None)
    if first is None or not quantity.units or first >= quantity.end or _are_members(reading):
        return None
    return _named([m for m in reading.page.mentions.between(first, first + 1) if m.kind == "term"], reading.lexicon)


def _are_members(reading: Reading) -> bool:
    """Whether the persons counted are the members of the households counted right before: `95 hộ, 402 khẩu`."""
    quantity = reading.quantity
    before = reading.page.quantities_between(max(0, quantity.start - 40), quantity.start)
    if quantity.unit != "person" or not before or before[-1].unit != "household":
        return False
    return SAYS.members_follow.match(reading.passage.text, before[-1].end) is not None


def _before(reading: Reading) -> CountedNoun | None:
    page, start = reading.page, reading.quantity.start
    found = [
        m for m in page.mentions.between(max(reading.window.left, start - _REACH), start)
        if m.kind == "term" and m.end <= start
    ]  # fmt: skip
    for end in sorted({m.end for m in found}, reverse=True):
        if not SAYS.copula_to_number.fullmatch(page.passage.text, end, start):
            continue
        noun = _named([m for m in found if m.end == end], reading.lexicon, is_subject=True)
        if noun is None or page.quantities_between(noun.start, start):
            continue
        if SAYS.begins_a_noun.search(page.text(reading.window.left, noun.start)):
            return noun
    return None


def _named(mentions: list[Mention], lexicon: Lexicon, *, is_subject: bool = False) -> CountedNoun | None:
    """The noun that the longest of some wordings words, if it is one of a group."""
    best = max(mentions, key=lambda m: m.end - m.start, default=None)
    if best is None:
        return None
    terms = frozenset(m.term for m in mentions if (m.start, m.end) == (best.start, best.end))
    families = frozenset(
        lexicon.wordings[code].family
        for term in terms
        for code, cue in lexicon.by_term.get(term, ())
        if set(cue.spoken) <= terms and lexicon.wordings[code].family in lexicon.group_families
    )
    return CountedNoun(best.start, best.end, terms, families, is_subject) if families else None
