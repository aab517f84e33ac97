"""Parts against their whole: lists, `trong đó`, footnotes, categories that together are all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.narrative.audit.figures import (
    COMPARED,
    PLAIN,
    Figures,
    Statement,
    by_key,
    is_plain,
    is_single,
    is_stock,
    rounding,
)
from ingest.narrative.audit.relations import Relations
from ingest.narrative.text.quantities import Quantity
from ingest.narrative.text.slips import is_slip, is_swap, written

# A list that falls short of its total by less than this is meant to add up to it: `trong đó` may leave a rest out.
# One that says `gồm` or `chia theo` names all its parts.
NEAR_MISS = Decimal("0.01")
NEAR_MISS_OF_ALL = Decimal("0.1")
NEAR_MISS_COUNT = 2


def check_parts(found: Figures, catalogue: Catalogue) -> list[Finding]:
    """The parts that a `trong đó`, a list or a footnote names, against their whole."""
    by_reading: dict[int, list[Statement]] = defaultdict(list)
    for statement in found:
        by_reading[id(statement.reading)].append(statement)
    parts_of: dict[tuple[int, str], list[Statement]] = defaultdict(list)
    for statement in found:
        candidates = [
            (candidate, dimension)
            for whole in statement.reading.wholes
            for candidate in by_reading.get(id(whole), ())
            if (dimension := _dimension(candidate, statement))
        ]
        if candidates:
            # Of several in a row, `Kinh 640 hộ, thiểu số 1.675 hộ, trong đó tại chỗ …`, the nearest is its whole.
            nearest, dimension = max(candidates, key=lambda pair: pair[0].reading.index)
            parts_of[id(nearest.reading), dimension].append(statement)
    findings = []
    for (whole_id, dimension), parts in parts_of.items():
        whole = by_reading[whole_id][0]
        if not _adds_up(whole, catalogue):
            continue
        top = _top_level(parts, dimension, catalogue)
        findings += _compare_sum(whole, top, _repeats(whole, found), _listing(whole, parts[0]))
        larger = [part for part in parts if part.is_exact and part.value > whole.value]
        # A whole that several of its parts outgrow is none.
        if len(larger) == 1 and whole.is_exact and not _is_total_nearby(larger[0].value, whole, parts):
            findings += _larger(larger[0], whole)
    return findings


_ALL_PARTS = re.compile(r"(?i)\b(?:gồm|bao gồm|chia theo|chia ra|phân theo|phân ra|cụ thể|là)\b")


# Whether the parts that are named are all there are (`gồm`), perhaps not all (`trong đó`), or the whole by their
# very meaning (men and women).
Listing = Literal["all", "some", "halves"]


def _listing(whole: Statement, part: Statement) -> Listing:
    """What the words between a whole and its first part say about the parts."""
    if whole.reading.passage is part.reading.passage:
        between = whole.reading.page.text(whole.quantity.end, part.quantity.start)
    else:
        between = whole.words_after(80)
    return "all" if _ALL_PARTS.search(between) and "trong đó" not in between.lower() else "some"


def _adds_up(statement: Statement, catalogue: Catalogue) -> bool:
    """Whether values of parts can be added: counts, amounts and shares of one whole, not rates of groups."""
    indicator = catalogue.indicators[statement.indicator]
    return indicator.measure_type in ("stock", "flow") or indicator.rate_kind == "whole"


def _dimension(whole: Statement, part: Statement) -> str:
    """The list by which one figure is a part of another: one more category, or another unit; empty if it is none."""
    if whole is part or whole.key("breakdown", "unit_id") != part.key("breakdown", "unit_id"):
        return ""
    more = set(part.breakdown.items()) - set(whole.breakdown.items())
    less = {name for name, _ in set(whole.breakdown.items()) - set(part.breakdown.items())}
    if whole.unit_id != part.unit_id:
        return "unit" if not more and not less else ""
    names = {name for name, _ in more}
    return next(iter(names)) if len(more) == 1 and less <= names else ""


def _top_level(parts: Sequence[Statement], dimension: str, catalogue: Catalogue) -> list[Statement]:
    """The parts that lie in no other part: the minority, not also the local minority within it."""
    unique: dict[tuple[object, ...], Statement] = {}
    for part in parts:
        unique.setdefault((*part.key(), part.value), part)
    parts = list(unique.values())
    if dimension == "unit" or dimension not in catalogue.code_lists:
        return parts
    codes = {part.breakdown[dimension] for part in parts}
    below = {code: catalogue.descendants(dimension, code) for code in codes}
    return [p for p in parts if not any(p.breakdown[dimension] in below[code] for code in codes)]


def _compare_sum(whole: Statement, parts: Sequence[Statement], repeats: Sequence[str], kind: Listing) -> list[Finding]:
    if len(parts) < 2 or not whole.is_exact or not all(part.is_exact for part in parts):
        return []
    if len({(*sorted(p.breakdown.items()), p.unit_id) for p in parts}) < len(parts):
        return []
    total = sum((part.value for part in parts), Decimal(0))
    short = whole.value - total
    if abs(short) <= rounding([whole, *parts]) or not _is_near(whole, parts, total, kind):
        return []
    if _is_total_nearby(total, whole, parts) or (short > 0 and _is_rest_nearby(short, whole, parts)):
        return []
    # A part that was not understood as one is missing from the sum.
    if short > 0 and kind != "halves" and _has_other_items(whole, parts):
        return []
    return [
        finding(
            "TXT-101",
            whole.ref,
            refs=(*repeats, *(part.ref for part in parts)),
            lhs=whole.value,
            rhs=total,
            whole=whole.raw,
            parts=" + ".join(part.raw for part in parts),
            total=written(total),
            difference=written(whole.value - total),
        )
    ]


# Two digits of a small number change places by chance.
_LEAST_SUM = 100


def _is_near(whole: Statement, parts: Sequence[Statement], total: Decimal, kind: Listing) -> bool:
    """Whether parts are meant to add up to their whole though they do not."""
    short = whole.value - total
    is_wrong_digit = is_swap if kind == "some" and short > 0 else is_slip
    if min(whole.value, total) >= _LEAST_SUM and is_wrong_digit(whole.value, total):
        return True
    if kind == "halves":
        return abs(short) <= whole.value / 3
    # One part with a slip explains it; of parts that may leave a rest out, only two digits that changed places.
    is_likely = is_slip if kind == "all" or short < 0 else is_swap
    is_part_slip = any(is_likely(part.value, part.value + short) for part in parts)
    if is_part_slip and abs(short) <= whole.value / 2:
        return True
    most = NEAR_MISS_OF_ALL if kind == "all" else NEAR_MISS
    # Parts that are more than the whole are wrong by however little or much, unless they are of something else.
    return (
        short <= max(whole.value * most, min(Decimal(NEAR_MISS_COUNT), whole.value / 5))
        if short > 0
        else -short <= whole.value / 2
    )


def _numbers_near(whole: Statement, parts: Sequence[Statement]) -> Iterator[Quantity]:
    """Every other number of the passages in which a whole and its parts stand."""
    own = {id(s.quantity) for s in (whole, *parts)}
    pages = {id(s.reading.page): s.reading.page for s in (whole, *parts)}
    for page in pages.values():
        for quantity in page.quantities:
            if id(quantity) not in own:
                yield quantity


def _is_total_nearby(total: Decimal, whole: Statement, parts: Sequence[Statement]) -> bool:
    """Whether another number there is what the parts add up to: then they are that number's parts."""
    return any(q.value == total and _same_unit(q, whole.quantity) for q in _numbers_near(whole, parts))


def _same_unit(first: Quantity, second: Quantity) -> bool:
    """Whether two numbers are of one unit as written; one without any may be of every unit."""
    return not first.units or not second.units or first.units[0] == second.units[0]


def _is_rest_nearby(short: Decimal, whole: Statement, parts: Sequence[Statement]) -> bool:
    """Whether another number there is just what the parts lack: a part that was not recognised as one."""
    first, last = parts[0], parts[-1]
    for q in _numbers_near(whole, parts):
        is_beside = any(
            q in part.reading.page.quantities and abs(q.start - part.quantity.start) < 300 for part in (first, last)
        )
        if q.value == short and is_beside and _same_unit(q, whole.quantity):
            return True
    return False


def _has_other_items(whole: Statement, parts: Sequence[Statement]) -> bool:
    """Whether a list in one sentence has further numbers of its unit that are none of its parts."""
    page = parts[0].reading.page
    here = [part.quantity for part in parts if part.reading.page is page]
    own = {id(whole.quantity), *(id(quantity) for quantity in here)}
    start = min(quantity.start for quantity in here)
    last = max(here, key=lambda quantity: quantity.end)
    stop = next((s.end for s in page.passage.sentences if s.start <= last.start < s.end), last.end)
    stop = min(stop, last.end + _ITEM_LETTERS, _first_of(page.text(last.end, stop), "(", last.end, stop))
    return any(
        start < q.start < stop and id(q) not in own and q.unit == last.unit and not q.is_zero for q in page.quantities
    )


def _first_of(text: str, sign: str, shift: int, otherwise: int) -> int:
    at = text.find(sign)
    return shift + at if at >= 0 else otherwise


# How far after the last part another item of its list may stand.
_ITEM_LETTERS = 90


def _repeats(whole: Statement, found: Figures) -> list[str]:
    """Where the same whole is stated again."""
    return [s.ref for s in found.same(whole) if s.value == whole.value and s is not whole]


# A whole that is so much smaller than its part is another thing.
_MOST_TIMES = 12
# And sooner where only the meaning of the two holds them together, not the text.
_MOST_TIMES_APART = 3


def _larger(part: Statement, whole: Statement, most: int = _MOST_TIMES) -> list[Finding]:
    if part.value > whole.value * most or part.quantity.units[:1] != whole.quantity.units[:1]:
        return []
    if whole.reading.passage is part.reading.passage and not whole.stands_before(part):
        return []
    return [
        finding("TXT-102", part.ref, refs=(whole.ref,), lhs=part.value, rhs=whole.value, part=part.raw, whole=whole.raw)
    ]


def check_partitions(found: Figures, relations: Relations, catalogue: Catalogue) -> list[Finding]:
    """Categories that together are the whole, wherever they stand in the report."""
    findings = []
    for name, partitions in relations.partitions.items():
        for whole in found:
            if name in whole.breakdown or not is_stock(whole, catalogue) or not is_plain(whole, found):
                continue
            for codes in partitions:
                parts = _stated_by_all(found, whole, whole.indicator, name, codes)
                if parts:
                    findings += _compare_sum(whole, parts, _repeats(whole, found), "halves")
    return findings


def _stated_by_all(
    found: Figures, whole: Statement, indicator: str, name: str, codes: Sequence[str]
) -> list[Statement]:
    """The figures of all categories that make up a whole, each stated with one value; empty where one is missing."""
    parts = []
    for code in codes:
        same = found.like(whole, indicator, tuple(sorted({**whole.breakdown, name: code}.items())))
        if not same or len(found.values(same[0])) != 1:
            return []
        parts.append(same[0])
    return parts


def check_shares(found: Figures, relations: Relations) -> list[Finding]:
    """The shares of groups in one whole add up to the rate of all."""
    findings = []
    for share, rate_code in relations.shares.items():
        for whole in (s for s in found if s.indicator == rate_code and not s.breakdown and is_single(s, found)):
            for name, partitions in relations.partitions.items():
                for codes in partitions:
                    parts = _stated_by_all(found, whole, share, name, codes)
                    if parts:
                        findings += _compare_sum(whole, parts, _repeats(whole, found), "halves")
    return findings


def check_subgroups(found: Figures, relations: Relations, catalogue: Catalogue) -> list[Finding]:
    """A group within a group, and an indicator that counts some of what another counts."""
    findings = []
    for group in by_key(found, "breakdown").values():
        for whole in group[:COMPARED]:
            if not is_stock(whole, catalogue) or not is_plain(whole, found):
                continue
            larger = {
                _lasting(part): part
                for part in group[:COMPARED]
                if part.value > whole.value and _lies_within(part.breakdown, whole.breakdown, catalogue)
            }
            if len(larger) == 1:
                (part,) = larger.values()
                is_sure = part.is_exact and part.confidence >= PLAIN
                findings += _larger(part, whole, _MOST_TIMES_APART) if is_sure else []
    for smaller, larger_code in relations.subsets:
        for group in by_key([s for s in found if s.indicator in (smaller, larger_code)], "indicator").values():
            few = [s for s in group if s.indicator == smaller and is_single(s, found)]
            many = [s for s in group if s.indicator == larger_code and is_plain(s, found)]
            if few and many and few[0].value > many[0].value and few[0].value <= many[0].value * _MOST_TIMES:
                part, whole = few[0], many[0]
                findings.append(
                    finding(
                        "TXT-102", part.ref, refs=(whole.ref,), lhs=part.value, rhs=whole.value,
                        part=part.raw, whole=whole.raw,
                    )
                )  # fmt: skip
    return findings


def _lasting(statement: Statement) -> tuple[object, ...]:
    return (*sorted(statement.breakdown.items()), statement.value)


def _lies_within(part: Mapping[str, str], whole: Mapping[str, str], catalogue: Catalogue) -> bool:
    """Whether a breakdown is finer than another: further categories, or a deeper code of the same list."""
    if dict(part) == dict(whole) or not set(whole) <= set(part):
        return False
    return all(part[name] == code or part[name] in catalogue.descendants(name, code) for name, code in whole.items())
