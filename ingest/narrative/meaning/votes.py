"""What speaks for which indicator: the wordings around a quantity, and the quantities before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ingest.core.catalogue import Catalogue
from ingest.narrative.meaning.reading import LinkKind, Reading, Vote
from ingest.narrative.meaning.unit_fit import unit_fit, unit_fits
from ingest.narrative.meaning.windows import DOCUMENT_TITLE, EARLIER, Page, Window, locality
from ingest.narrative.text.lexicon import Cue, Lexicon, Mention, Wording
from ingest.narrative.text.quantities import Quantity

SIBLING = 0.8
SIBLING_IN_SERIES = 0.4
GROUP_WEIGHT = 0.75
AGAINST_WEIGHT = 0.3
TITLE_ONLY_LIMIT = 0.46


def terms_of(
    page: Page, quantity: Quantity, window: Window, head: str, lexicon: Lexicon
) -> tuple[dict[int, float], set[int]]:
    """Every wording that may speak for a quantity with how much it counts, and those right beside it."""
    terms = dict(page.above)
    near: set[int] = set()
    if head:
        for mention in lexicon.mentions_of(head):
            terms[mention.term] = max(terms.get(mention.term, 0.0), 0.8)
            near.add(mention.term)
    for mention in _around(page, quantity):
        weight = locality(mention, quantity, window)
        if weight <= EARLIER and mention.end <= page.passage.title_end and mention.start >= page.passage.body_start:
            weight = 0.5
        if page.asides and any(s < mention.start and mention.end <= e < quantity.start for s, e in page.asides):
            weight *= ASIDE
        if weight > terms.get(mention.term, 0.0):
            terms[mention.term] = weight
        if weight >= 0.7:
            near.add(mention.term)
    return terms, near


# How much a wording in a bracket that closes before the number still counts.
ASIDE = 0.5
# How far from a number its words are looked for, in characters.
_REACH_LEFT, _REACH_RIGHT = 900, 500


def _around(page: Page, quantity: Quantity) -> list[Mention]:
    """The wordings in reach of a quantity, and those of its passage's run-in title."""
    start = max(0, quantity.start - _REACH_LEFT)
    titled = page.mentions.between(0, min(page.passage.title_end, start))
    return [*titled, *page.mentions.between(start, quantity.end + _REACH_RIGHT)]


def cue_votes(
    terms: dict[int, float], near: set[int], quantity: Quantity, lexicon: Lexicon
) -> Iterable[tuple[str, str, float]]:
    """What the wordings around a quantity say: indicator, the best wording, how strongly."""
    fits = unit_fits(quantity, lexicon)
    met: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for term in terms:
        for code, cue in lexicon.by_term.get(term, ()):
            if code not in fits or (cue.terms[0] != term and cue.terms[0] in terms):
                continue
            strength = _strength(cue, terms)
            if strength > 0.0:
                met[code].append((strength, cue.text))
    for code, strengths in met.items():
        wording = lexicon.wordings[code]
        best, text = max(strengths)
        best += 0.04 * min(len(strengths) - 1, 3)
        if wording.is_group:
            best *= GROUP_WEIGHT
        if wording.against & near:
            best *= AGAINST_WEIGHT
        yield code, text, best * fits[code]


def _strength(cue: Cue, terms: dict[int, float]) -> float:
    """How strongly a wording speaks: 0 unless all of it is there, little if only titles say it."""
    product = 1.0
    for term in cue.spoken:
        weight = terms.get(term, 0.0)
        if weight <= 0.0:
            return 0.0
        product *= weight
    for term in cue.conditions:
        if terms.get(term, 0.0) < 0.4:
            return 0.0
    mean = product ** (1 / len(cue.spoken))
    if max(terms[term] for term in cue.telling) < 0.5:
        mean = min(mean, TITLE_ONLY_LIMIT)
    return float(mean * cue.weight)


def link_votes(
    weight: float, kind: LinkKind, other: Reading, lexicon: Lexicon, catalogue: Catalogue
) -> Iterable[tuple[str, float]]:
    """What another quantity says: its own indicator, the rate of it, others of its family."""
    code = other.base or other.indicator
    if not code or code not in lexicon.wordings:
        return
    yield code, weight
    for sibling in lexicon.by_family[lexicon.wordings[code].family]:
        if sibling != code:
            is_rate_of_it = catalogue.indicators[sibling].numerator == code
            yield sibling, weight * (0.92 if is_rate_of_it else SIBLING_IN_SERIES if kind == "series" else SIBLING)


def is_allowed(
    wording: Wording,
    quantity: Quantity,
    near: set[int],
    terms: dict[int, float],
    lexicon: Lexicon,
    vote: Vote | None = None,
) -> bool:
    """Whether an indicator may be meant at all: its unit fits, and what it needs beside it or above is there."""
    if unit_fit(wording, quantity) <= 0.0:
        return False
    is_told = (
        vote is not None
        and vote.reading is not None
        and vote.reading.indicator == wording.code
        and vote.kind in ("series", "part", "pair", "item", "bracket", "footnote")
    )
    if is_told and wording.rate_kind != "whole":
        return not quantity.per or quantity.unit != "vnd"
    if wording.needs and not any(terms.get(term, 0.0) >= 0.5 for term in wording.needs):
        return False
    if wording.near and not (wording.near & near):
        return False
    if wording.unless_under and _is_under_another(wording, terms):
        return False
    if wording.topic and not wording.unless_under and not any(terms.get(term, 0.0) > 0.0 for term in wording.topic):
        return False
    parts = set(quantity.per.split("/")) if quantity.per else set()
    if quantity.unit in ("vnd", "kg") and (parts - {"năm"}):
        return bool(wording.per & parts)
    if wording.per and quantity.unit == "vnd" and not (wording.needs & near):
        return False
    if wording.is_share_of_all:
        return lexicon.term("$share_of_all") in near
    return not (_is_rate_of_households(wording, lexicon) and lexicon.term("$share_of_poor") in near)


def _is_rate_of_households(wording: Wording, lexicon: Lexicon) -> bool:
    counted = lexicon.catalogue.indicators.get(lexicon.catalogue.indicators[wording.code].numerator)
    return wording.rate_kind == "group" and counted is not None and counted.unit_of_measure == "household"


def _is_under_another(wording: Wording, terms: dict[int, float]) -> bool:
    """Whether only another field that shares an indicator's words is named: funeral support of merit persons."""
    own = max((terms.get(term, 0.0) for term in wording.topic), default=0.0)
    return own <= DOCUMENT_TITLE and any(terms.get(term, 0.0) > DOCUMENT_TITLE for term in wording.unless_under)


def is_local(terms: dict[int, float], lexicon: Lexicon) -> bool:
    """Whether the group of a share over all households is named in its clause."""
    return terms.get(lexicon.term("#ethnicity"), 0.0) >= 0.5
