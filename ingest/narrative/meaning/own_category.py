"""The category that the words of a quantity's own sentence give."""

from __future__ import annotations

import re

from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.windows import Page
from ingest.narrative.text.lexicon import WHOLE, Lexicon, Mention, Wording
from ingest.narrative.text.patterns import Patterns
from ingest.narrative.text.quantities import Quantity

SAYS = Patterns("breakdown")


def is_bracketed_off(text: str, start: int, end: int) -> bool:
    """Whether what stands at `start` lies in a bracket that closes before `end`."""
    depth = 0
    for sign in re.findall(r"[()]", text[start:end]):
        depth += 1 if sign == "(" else -1
        if depth < 0:
            return True
    return False


def own_category(reading: Reading, wording: Wording, name: str, lexicon: Lexicon, *, near_only: bool) -> str | None:
    """The code of a list that the words beside a number give, else its clause or sentence; None if they give none."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    found = [
        m for m in page.mentions.categories(name)
        if m.family in ("", wording.family) and window.sentence_start <= m.start < window.sentence_end
        and not _is_part_of_name(m, wording, page, lexicon)
        and not _is_of_an_earlier_noun(m, reading)
        and not _is_another_status(m, wording, lexicon)
        and not _names_a_plan(m, page)
        and not (m.end <= quantity.start and is_bracketed_off(page.passage.text, m.end, quantity.start))
    ]  # fmt: skip
    within = lexicon.categories[name].within
    right = [m for m in found if quantity.number_end <= m.start < window.right]
    is_noun = lexicon.categories[name].is_noun
    left = [
        m for m in found
        # What goes on from the unit of the number before is said of this one too, unless it is that one's noun.
        if (window.left <= m.start or (not is_noun and window.left < m.end)) and m.end <= quantity.start
    ]  # fmt: skip
    left, right = _within(left[::-1], quantity.start, within)[::-1], _within(right, quantity.end, within)
    if page.passage.kind == "row":
        left = [m for m in found if m.end <= quantity.start]
    settings = lexicon.categories[name]
    near = left + right
    if near:
        return _choose(near, left, right, quantity.start, quantity.end, settings.mixed, name, lexicon)
    if (other := _other_kind(reading, name, lexicon)) is not None:
        return other
    if near_only or settings.reach == "phrase":
        return None
    is_wide = settings.reach == "heading"
    following = None if is_wide else page.next_alike(quantity)
    stop = window.clause_end if following is None else min(window.clause_end, following + 1)
    stop = min([stop, *(m.start for m in page.mentions.marks("parts") if m.start > quantity.end)])
    after = [
        m for m in found
        if quantity.end <= m.start < stop and (is_wide or not _between(page, quantity.end, m.start))
        and not _is_anothers(m, reading)
    ]  # fmt: skip
    if after and not (window.depth == 0 and _closes(page, quantity.end, after[0].start)):
        return _choose(after, [], after, quantity.start, quantity.end, settings.mixed, name, lexicon)
    is_alone = reading.link is None or reading.link.window.sentence_start != window.sentence_start
    start = window.sentence_start if is_alone and window.depth else window.clause_start
    conceded = max((m.end() for m in SAYS.conceding.finditer(page.passage.text, start, window.left)), default=start)
    before = [m for m in found if conceded <= m.start and m.end <= window.left and not _is_anothers(m, reading)]
    if not before and settings.reach in ("sentence", "passage", "heading"):
        before = [
            m for m in found
            if window.sentence_start <= m.start and m.end <= window.left and not _is_anothers(m, reading)
        ]  # fmt: skip
    if before and reading.link_kind != "part":
        return _choose(before, before, [], quantity.start, quantity.end, settings.mixed, name, lexicon)
    return None


def _is_another_status(mention: Mention, wording: Wording, lexicon: Lexicon) -> bool:
    """Whether a category is a status that excludes the indicator's own: poor households are not near-poor."""
    statuses = lexicon.statuses.get(mention.name, frozenset())
    return bool(wording.implies & statuses) and wording.is_group and mention.code in statuses - wording.implies


# What is said of a programme, a level or money may well stand in the name of a plan.
_NAMED_IN_PLANS = ("programme", "plan_level", "funding_source", "fund_type", "fund_year", "occasion", "giver")


def _names_a_plan(mention: Mention, page: Page) -> bool:
    """Whether a category only names a plan: `chỉ tiêu giao tại kế hoạch phát triển kinh tế - xã hội`."""
    if mention.name in _NAMED_IN_PLANS:
        return False
    return SAYS.name_of_a_plan.search(page.text(max(0, mention.start - 30), mention.start)) is not None


def _is_of_an_earlier_noun(mention: Mention, reading: Reading) -> bool:
    """Whether a category is said where the noun was named before: `rà soát hộ nghèo phát sinh: hộ nghèo có 689`."""
    noun = reading.noun
    if noun is None or not noun.is_subject or mention.end > noun.start:
        return False
    return any(
        m.kind == "term" and m.term in noun.terms and m.end <= noun.start and m.start <= mention.start <= m.end + 1
        for m in reading.page.mentions.touching(mention.start - 2, mention.end)
    )


def _is_anothers(mention: Mention, reading: Reading) -> bool:
    """Whether a category is another count's own: in the noun that it counts, or before it in a list of such labels.

    `143 học viên thuộc hộ nghèo, 60 học viên nữ`; `người mù 16 học viên, người dân tộc thiểu số 22 học viên`. Words
    before the first of several numbers without labels of their own are said of all: `trao cho trẻ em 12 xe, 30 suất`.
    """
    page, quantity = reading.page, reading.quantity
    is_noun = reading.lexicon.categories[mention.name].is_noun
    for other, window in zip(page.quantities, page.windows, strict=True):
        if other is quantity or other.unit in ("vnd", "percent", "percentage_point") or other.is_zero:
            continue
        if other.number_end <= mention.start < max(window.right, other.end) and not _are_a_pair(quantity, other):
            is_alike = other.start < quantity.start and other.unit == quantity.unit and bool(other.units)
            if is_noun or (is_alike and other.end <= mention.start):
                return True
        is_label = is_noun and window.left <= mention.start and mention.end <= other.start
        if is_label and other.start < quantity.start and ":" not in page.text(mention.end, other.start):
            return _has_label(reading)
    return False


def _are_a_pair(first: Quantity, second: Quantity) -> bool:
    """Whether two numbers are written as one: `1.847 lượt hộ/7.692 lượt khẩu`."""
    later, sooner = (first, second) if first.start > second.start else (second, first)
    return bool(later.link) and later.start - sooner.end < 4


def _has_label(reading: Reading) -> bool:
    """Whether a number has a category of its own before it or right behind it."""
    window, quantity = reading.window, reading.quantity
    return any(
        m.kind == "category" for m in reading.page.mentions.between(window.left, max(window.right, quantity.end))
    )


def _other_kind(reading: Reading, name: str, lexicon: Lexicon) -> str | None:
    """The code for the rest of a list that the quantity before belongs to: `Đài Loan 64, khác 21`."""
    link = reading.link
    code = link.breakdown.get(name) if link is not None else None
    if code is None or not SAYS.the_others.search(reading.page.text(reading.window.left, reading.quantity.start)):
        return None
    tree = lexicon.catalogue.code_lists[name]
    around = [parent for parent in tree if code in lexicon.catalogue.descendants(name, parent)]
    return next((other for other in (*(f"{parent}_other" for parent in around), "other") if other in tree), None)


def _within(side: list[Mention], position: int, within: int) -> list[Mention]:
    """Those of a side that begin near enough, each further one joined to the one before."""
    kept: list[Mention] = []
    for mention in side:
        gap = min(abs(mention.start - position), abs(position - mention.end))
        if gap > (within if not kept else 45):
            break
        kept.append(mention)
        position = mention.start if mention.end <= position else mention.end
    return kept


def _between(page: Page, start: int, end: int) -> bool:
    """Whether another count stands between; its money and its rates are no hindrance."""
    return any(q.unit not in ("vnd", "percent", "percentage_point") for q in page.quantities_between(start, end))


def _closes(page: Page, start: int, end: int) -> bool:
    """Whether what lies between opens a bracket that is still open at its end."""
    between = page.text(start, end)
    return between.count("(") > between.count(")")


def _is_part_of_name(mention: Mention, wording: Wording, page: Page, lexicon: Lexicon) -> bool:
    """Whether a category only repeats what the indicator's own name says: hộ nghèo in the number of poor households."""
    if mention.code in wording.implies:
        return True
    if not wording.is_group:
        return False
    terms = {term for cue in wording.cues if len(cue.terms) == 1 for term in cue.terms}
    if lexicon.term(f"#{mention.name}") in terms:
        return False
    return any(
        m.kind == "term" and m.term in terms and m.start <= mention.start and mention.end <= m.end
        for m in page.mentions.touching(mention.start, mention.end)
    )


def _choose(
    near: list[Mention],
    left: list[Mention],
    right: list[Mention],
    start: int,
    end: int,
    mixed: bool,
    name: str,
    lexicon: Lexicon,
) -> str:
    """The category meant among several: what those named side by side have in common, else the nearest."""
    codes = list(dict.fromkeys(m.code for m in near))
    if len(codes) == 1:
        return codes[0]
    if WHOLE in codes and mixed:
        return WHOLE
    side = right if right and (not left or _gap(right, start, end) <= _gap(left, start, end)) else left
    codes = list(dict.fromkeys(m.code for m in side))
    if len(codes) == 1:
        return codes[0]
    common = _common(codes, name, lexicon)
    if common is not None:
        return common
    if mixed:
        return WHOLE
    nearest = min(side, key=lambda m: m.start - end if m.start >= end else start - m.end)
    return nearest.code


def _gap(side: list[Mention], start: int, end: int) -> int:
    return min(m.start - end if m.start >= end else start - m.end for m in side)


def _common(codes: list[str], name: str, lexicon: Lexicon) -> str | None:
    """One of several codes that lies below all others, or the code whose parts they are together."""
    tree = lexicon.catalogue.code_lists[name]
    codes = [code for code in codes if code in tree]
    if not codes:
        return None
    descendants = {code: lexicon.catalogue.descendants(name, code) for code in codes}
    deepest = [c for c in codes if all(o == c or c in descendants[o] for o in codes)]
    if deepest:
        return deepest[0]
    wanted = {c for c in codes if not descendants[c]} | {d for c in codes for d in descendants[c]}
    for code in tree:
        below = lexicon.catalogue.descendants(name, code)
        leaves = {c for c in below if not lexicon.catalogue.descendants(name, c)}
        if leaves and {c for c in wanted if c in leaves} == leaves and wanted <= below | {code}:
            return code
    return None
