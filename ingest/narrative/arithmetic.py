"""Do the figures of a report agree with each other?

Found from structure and catalogue, not from a list for each report: parts against the whole that a
`trong đó`, a list or a footnote makes them parts of; rates against their numerator and denominator with
the rounding that the text shows; changes against both years; amounts against counts and legal rates;
one figure stated twice. A report is loaded as written, so what disagrees is a warning, never an error.

A false alarm costs a district's trust, so a disagreement is told only where the text itself holds the figures
together (a list, a bracket, neighbours in a sentence) or a report states them once and plainly, where no number
nearby explains it, and where the difference is one that a slip makes rather than a misunderstanding.
"""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding, parse_breakdown
from ingest.narrative.lexicon import FOLDER, read_data
from ingest.narrative.quantities import Quantity
from ingest.narrative.readings import Reading
from ingest.narrative.slips import decimals, is_slip, is_swap, slack, written

# A list that falls short of its total by less than this is meant to add up to it: `trong đó` may leave a rest out.
# One that says `gồm` or `chia theo` names all its parts.
NEAR_MISS = Decimal("0.01")
NEAR_MISS_OF_ALL = Decimal("0.1")
NEAR_MISS_COUNT = 2
# How sure a reading must be: where the text holds figures together, and where only their meaning does.
SURE = 0.6
PLAIN = 0.75


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bound(_Entry):
    """What one of `count` is worth in `over`, at least and at most."""

    over: str
    count: str
    min: Decimal
    max: Decimal


class Legal(_Entry):
    """An amount for each of `count` by a legal rate."""

    amount: str
    count: str
    rate: str
    with_: dict[str, str] = Field(default={}, alias="with")
    step: bool = False
    months: bool = False
    min: Decimal = Decimal(0)
    max: Decimal = Decimal(1)


class Relations(_Entry):
    """What figures of one report must agree on (`lexicon/relations.yml`)."""

    partitions: dict[str, list[list[str]]]
    shares: dict[str, str]
    subsets: list[tuple[str, str]]
    bounds: list[Bound]
    legal: list[Legal]


@lru_cache(maxsize=1)
def load_relations() -> Relations:
    """Reads the relations. Raises LexiconError where the file breaks the schema."""
    relations: Relations = read_data(FOLDER / "relations.yml", Relations)
    return relations


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure as it is stated: what it says, where, and the reading behind it."""

    ref: str
    raw: str
    value: Decimal
    indicator: str
    unit_id: str
    period: str
    measure: str
    breakdown: Mapping[str, str]
    qualifier: str
    status: str
    issuer: str
    confidence: float
    reading: Reading

    @property
    def is_exact(self) -> bool:
        """Whether the number is given without `hơn`, `gần`, `khoảng`."""
        return self.qualifier == "exact"

    @property
    def quantity(self) -> Quantity:
        """The number as it stands in its passage."""
        return self.reading.quantity

    def key(self, *without: str) -> tuple[object, ...]:
        """What must be equal for two figures to be compared, but for the fields named."""
        fields: dict[str, object] = {
            "indicator": self.indicator,
            "unit_id": self.unit_id,
            "period": self.period,
            "measure": self.measure,
            "status": self.status,
            "breakdown": tuple(sorted(self.breakdown.items())),
        }
        return tuple(value for name, value in fields.items() if name not in without)

    def words_before(self, letters: int = 40) -> str:
        """What stands right before the number in its sentence."""
        start = max(self.reading.window.sentence_start, self.quantity.start - letters)
        return self.reading.page.text(start, self.quantity.start)

    def words_after(self, letters: int = 30) -> str:
        """What stands right after the number in its sentence."""
        end = min(self.reading.window.sentence_end, self.quantity.end + letters)
        return self.reading.page.text(self.quantity.end, end)

    def stands_before(self, other: Statement) -> bool:
        """Whether both stand in one passage, this one first."""
        return self.reading.passage is other.reading.passage and self.quantity.start < other.quantity.start


class Figures:
    """The figures of a report, found by what they say and by where they stand."""

    def __init__(self, found: Sequence[Statement]) -> None:
        self.all = list(found)
        self._by_key: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
        for statement in found:
            self._by_key[statement.key()].append(statement)
        self._values = {key: {s.value for s in same} for key, same in self._by_key.items()}
        self._in_order = sorted(found, key=lambda s: s.reading.index)
        self._series_heads = {id(s.reading.link) for s in found if s.reading.link_kind == "series"}

    def __iter__(self) -> Iterator[Statement]:
        return iter(self.all)

    def same(self, statement: Statement) -> Sequence[Statement]:
        """Every statement of the figure, itself included."""
        return self._by_key.get(statement.key(), ())

    def values(self, statement: Statement) -> AbstractSet[Decimal]:
        """The values with which the figure is stated."""
        return self._values.get(statement.key(), frozenset())

    def like(self, statement: Statement, indicator: str, breakdown: tuple[tuple[str, str], ...]) -> Sequence[Statement]:
        """The statements of another indicator and breakdown about the same unit, period, measure and status."""
        key = dataclasses.replace(statement, indicator=indicator, breakdown=dict(breakdown)).key()
        return self._by_key.get(key, ())

    def near(self, statement: Statement, distance: int) -> Iterator[Statement]:
        """The statements of a passage with at most so many numbers between, in reading order."""
        index = statement.reading.index
        at = bisect_left(self._in_order, index - distance, key=lambda s: s.reading.index)
        for place in range(at, len(self._in_order)):
            other = self._in_order[place]
            if other.reading.index > index + distance:
                return
            if other.reading.passage is statement.reading.passage:
                yield other

    def heads_series(self, statement: Statement) -> bool:
        """Whether an enumeration hangs on it: `hộ Tày 214 hộ, Dao 131 hộ`."""
        return id(statement.reading) in self._series_heads


def statements(quantities: Iterable[Any], readings: Iterable[Reading], *, every: bool = False) -> list[Statement]:
    """The recognised figures of an extraction (`Extraction.quantities` and `.readings`), or every number of it."""
    return [
        Statement(
            ref=q.ref,
            raw=q.raw,
            value=q.value,
            indicator=q.indicator_code,
            unit_id=q.unit.unit_id if q.unit else "",
            period=q.period,
            measure=q.measure,
            breakdown=parse_breakdown(q.breakdown),
            qualifier=q.qualifier,
            status=q.status,
            issuer=q.issuer,
            confidence=q.confidence,
            reading=reading,
        )
        for q, reading in zip(quantities, readings, strict=True)
        if every or (q.indicator_code and reading.role != "denominator")
    ]


def check(quantities: Sequence[Any], readings: Sequence[Reading], catalogue: Catalogue) -> list[Finding]:
    """Every disagreement among a report's figures (`Extraction.quantities`, `.readings`), in the order of places."""
    relations = load_relations()
    every = statements(quantities, readings, every=True)
    found = Figures(statements(quantities, readings))
    sure = Figures([s for s in found if s.confidence >= SURE])
    checks: list[Callable[[], list[Finding]]] = [
        lambda: check_parts(found, catalogue),
        lambda: check_partitions(sure, relations, catalogue),
        lambda: check_shares(sure, relations),
        lambda: check_subgroups(found, relations, catalogue),
        lambda: check_done_of_total(every),
        lambda: check_rates(sure, catalogue),
        lambda: check_changes(sure, catalogue),
        lambda: check_restatements(found),
        lambda: check_bounds(sure, relations),
        lambda: check_legal(found, relations, catalogue),
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    findings: list[Finding] = []
    for run in checks:
        for made in run():
            key = (made.rule_id, frozenset((made.ref, *made.refs)))
            if key not in seen:
                seen.add(key)
                findings.append(made)
    # A rate that is wrong by its own figures has no common denominator with others either.
    wrong = {made.ref for made in findings if made.rule_id == "TXT-103"}
    findings = [f for f in findings if f.rule_id != "TXT-104" or not wrong & {f.ref, *f.refs}]
    order = {s.ref: position for position, s in enumerate(every)}
    return sorted(findings, key=lambda f: order.get(f.ref, 0))


# Parts and wholes


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
    return catalogue.indicators[statement.indicator].measure_type in ("stock", "flow") or statement.indicator.endswith(
        "_share"
    )


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
    if abs(short) <= _rounding([whole, *parts]) or not _is_near(whole, parts, total, kind):
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
            if name in whole.breakdown or not _is_stock(whole, catalogue) or not _is_plain(whole, found):
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
        for whole in (s for s in found if s.indicator == rate_code and not s.breakdown and _is_single(s, found)):
            for name, partitions in relations.partitions.items():
                for codes in partitions:
                    parts = _stated_by_all(found, whole, share, name, codes)
                    if parts:
                        findings += _compare_sum(whole, parts, _repeats(whole, found), "halves")
    return findings


def _is_stock(statement: Statement, catalogue: Catalogue) -> bool:
    """Whether a figure counts what there is, so that any two statements of it are of the same things."""
    return catalogue.indicators[statement.indicator].measure_type == "stock"


def _is_plain(statement: Statement, found: Figures) -> bool:
    """Whether a report states a figure surely, with one value, and not as an item among parts.

    An item whose category was not understood looks like the whole: `karaoke 30, massage 12, loại khác 5`.
    """
    reading = statement.reading
    is_item = bool(reading.wholes) or reading.link_kind in ("series", "part", "item", "footnote", "bracket")
    return not is_item and not found.heads_series(statement) and _is_single(statement, found)


def _is_single(statement: Statement, found: Figures) -> bool:
    """Whether a report states a figure surely and with one value."""
    if statement.confidence < PLAIN or not statement.is_exact:
        return False
    return len(found.values(statement)) == 1


def check_subgroups(found: Figures, relations: Relations, catalogue: Catalogue) -> list[Finding]:
    """A group within a group, and an indicator that counts some of what another counts."""
    findings = []
    for group in _by_key(found, "breakdown").values():
        for whole in group[:_COMPARED]:
            if not _is_stock(whole, catalogue) or not _is_plain(whole, found):
                continue
            larger = {
                _lasting(part): part
                for part in group[:_COMPARED]
                if part.value > whole.value and _lies_within(part.breakdown, whole.breakdown, catalogue)
            }
            if len(larger) == 1:
                (part,) = larger.values()
                is_sure = part.is_exact and part.confidence >= PLAIN
                findings += _larger(part, whole, _MOST_TIMES_APART) if is_sure else []
    for smaller, larger_code in relations.subsets:
        for group in _by_key([s for s in found if s.indicator in (smaller, larger_code)], "indicator").values():
            few = [s for s in group if s.indicator == smaller and _is_single(s, found)]
            many = [s for s in group if s.indicator == larger_code and _is_plain(s, found)]
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


# Figures of one kind beyond so many are a list, not statements to be compared each with each.
_COMPARED = 60


def _lies_within(part: Mapping[str, str], whole: Mapping[str, str], catalogue: Catalogue) -> bool:
    """Whether a breakdown is finer than another: further categories, or a deeper code of the same list."""
    if dict(part) == dict(whole) or not set(whole) <= set(part):
        return False
    return all(part[name] == code or part[name] in catalogue.descendants(name, code) for name, code in whole.items())


# What can be done no more often than there is: `10/09 xã` is impossible, `1.250/1.000 lao động` a plan surpassed.
_COUNTED_THINGS = frozenset({"commune", "district", "village", "place", "target_item", "dossier", "facility"})
_SHARE_WORDS = re.compile(r"(?i)^[^,;.()]{0,40}[,(]?\s*(?:đạt|chiếm|tỷ lệ|tỉ lệ|bằng|tương ứng|=|\()[^,;.\d]{0,20}$")
_BRACKETED = re.compile(r"\([^()]*\)")
_MORE_OR_LESS = re.compile(
    r"(?i)\b(?:giảm|tăng|vượt|hơn|kém|thấp|cao|so với|cùng kỳ|chỉ tiêu|mục tiêu|phấn đấu|bình quân|kế hoạch giao)\b"
)


def check_done_of_total(found: Sequence[Statement]) -> list[Finding]:
    """`45/60 đối tượng, đạt 75%`: the first number is no larger than the second, and the rate is their quotient."""
    findings = []
    for done in found:
        page, quantity = done.reading.page, done.quantity
        if not quantity.is_ratio_head:
            continue
        at = next((i for i, q in enumerate(page.quantities) if q is quantity), len(page.quantities))
        following = page.quantities[at + 1 : at + 3]
        if not following or following[0].link != "ratio" or not following[0].value:
            continue
        total = following[0]
        place = _ref_beside(done, total)
        if quantity.value > total.value and total.unit in _COUNTED_THINGS:
            findings.append(
                finding(
                    "TXT-102", done.ref, refs=(place,), lhs=done.value, rhs=total.value,
                    part=done.raw, whole=total.raw,
                )
            )  # fmt: skip
        rate = following[1] if len(following) > 1 else None
        if rate is None or rate.unit != "percent" or rate.qualifier != "exact":
            continue
        between = _BRACKETED.sub("", page.text(total.end, rate.start))
        if not _SHARE_WORDS.match(between) or _MORE_OR_LESS.search(between):
            continue
        exact = quantity.value * 100 / total.value
        if not _rounds_to(exact, rate.value, rate.raw) and _is_meant(rate.value, exact):
            findings.append(
                _wrong_rate(
                    _ref_beside(done, rate), rate.raw, rate.value, exact, (done.ref, place), done.raw, total.raw
                )
            )
    return findings


def _ref_beside(statement: Statement, quantity: Quantity) -> str:
    """The place of another number of the same passage, as far as it stands on the same line."""
    place, bounds = statement.ref.rsplit(":", 1)
    start = int(bounds.split("-")[0]) + quantity.start - statement.quantity.start
    return f"{place}:{start}-{start + quantity.end - quantity.start}"


# Rates


def check_rates(found: Figures, catalogue: Catalogue) -> list[Finding]:
    """Rates against numerator and denominator, and above one hundred."""
    findings = []
    for rate in found:
        indicator = catalogue.indicators[rate.indicator]
        if indicator.unit_of_measure != "percent" or rate.measure not in ("actual", "prior") or not rate.is_exact:
            continue
        around = rate.words_before(30) + rate.words_after(40)
        is_completion = rate.indicator.endswith("_plan_completion")
        if rate.value > 100 and not is_completion:
            if not _MORE_OR_LESS.search(around) and "kế hoạch" not in around.lower():
                findings.append(finding("TXT-109", rate.ref, lhs=rate.value, rhs=Decimal(100), rate=rate.raw))
            continue
        if _MORE_OR_LESS.search(rate.words_before(25)):
            continue
        above = _term(rate, indicator.numerator, found, is_completion=False)
        below = _term(rate, indicator.denominator, found, is_completion=is_completion)
        if below is None and not is_completion:
            below = _stated_once(rate, indicator.denominator, found, catalogue)
        if above is None or below is None or above is below or not below.value:
            continue
        if not above.is_exact or not below.is_exact:
            continue
        exact = above.value * 100 / below.value
        if not _rounds_to(exact, rate.value, rate.raw) and _is_meant(rate.value, exact):
            findings.append(
                _wrong_rate(rate.ref, rate.raw, rate.value, exact, (above.ref, below.ref), above.raw, below.raw)
            )
    return findings + _check_common_denominators(found, catalogue)


def _wrong_rate(
    ref: str, raw: str, value: Decimal, exact: Decimal, refs: tuple[str, str], numerator: str, denominator: str
) -> Finding:
    shown = round(exact, decimals(raw) + 2)
    return finding(
        "TXT-103", ref, refs=refs, lhs=value, rhs=shown,
        rate=raw, numerator=numerator, denominator=denominator, exact=written(shown),
    )  # fmt: skip


# How many numbers may stand between a rate and what it is made of.
_NEIGHBOURS = 3


def _term(rate: Statement, code: str, found: Figures, *, is_completion: bool) -> Statement | None:
    """The figure that a rate was made of: the same unit, period and breakdown beside it; of a plan, its target."""
    measures = ("target",) if is_completion else (rate.measure, "plan")
    breakdown = {k: v for k, v in rate.breakdown.items() if k != "plan_level"}
    same = [
        s for s in found.near(rate, _NEIGHBOURS)
        if s.indicator == code and s.unit_id == rate.unit_id and s.measure in measures
        and (s.period == rate.period or (is_completion and s.period == rate.period[:4]))
        and s.reading.window.sentence_start == rate.reading.window.sentence_start
        and {k: v for k, v in s.breakdown.items() if k != "plan_level"} == breakdown
    ]  # fmt: skip
    # Of a count that is given another rate of its own, this one is none.
    same = [s for s in same if _nearest_rate(s, rate, found)]
    near = [s for s in same if s.reading is rate.reading.link]
    values = {s.value for s in same}
    return near[0] if near else (same[0] if len(values) == 1 else None)


def _nearest_rate(count: Statement, rate: Statement, found: Figures) -> bool:
    """Whether no other rate of the same indicator stands nearer to a count."""
    distance = abs(count.reading.index - rate.reading.index)
    return not any(s.indicator == rate.indicator and s is not rate for s in found.near(count, distance - 1))


def _stated_once(rate: Statement, code: str, found: Figures, catalogue: Catalogue) -> Statement | None:
    """The denominator where it stands elsewhere in the report, plainly and with one value."""
    if rate.breakdown and not rate.indicator.endswith("_share"):
        return None
    same = found.like(rate, code, ())
    return same[0] if same and _is_stock(same[0], catalogue) and _is_plain(same[0], found) else None


def _rounds_to(exact: Decimal, value: Decimal, raw: str) -> bool:
    """Whether a quotient was rounded, or cut, to the rate as written."""
    step = Decimal(1).scaleb(-decimals(raw))
    return value - step / 2 <= exact <= value + step


def _is_meant(value: Decimal, exact: Decimal) -> bool:
    """Whether a rate is near enough to a quotient, or like it with a slip, to be that of the same figures."""
    return abs(value - exact) <= max(value, exact) / 5 or is_slip(value, exact)


def _check_common_denominators(found: Figures, catalogue: Catalogue) -> list[Finding]:
    """Counts and their shares imply what they are shares of; no one number may explain them all."""
    implied: dict[tuple[object, ...], list[_Implied]] = defaultdict(list)
    for rate in found:
        indicator = catalogue.indicators[rate.indicator]
        if not indicator.denominator or indicator.unit_of_measure != "percent" or not rate.is_exact or rate.value <= 0:
            continue
        if rate.measure != "actual" or rate.indicator.endswith("_plan_completion") or rate.confidence < PLAIN:
            continue
        if _MORE_OR_LESS.search(rate.words_before(30)):
            continue
        count = _term(rate, indicator.numerator, found, is_completion=False)
        if count is None or not count.is_exact or abs(count.reading.index - rate.reading.index) != 1:
            continue
        if not _is_stock(count, catalogue) or len(found.values(rate)) > 1:
            continue
        step = Decimal(1).scaleb(-decimals(rate.raw))
        low = count.value * 100 / (rate.value + step)
        high = count.value * 100 / max(rate.value - step / 2, step / 100)
        scope = () if rate.indicator.endswith("_share") else tuple(sorted(rate.breakdown.items()))
        key = (indicator.denominator, rate.unit_id, rate.period, rate.status, scope)
        implied[key].append(_Implied(indicator.denominator, low, high, count, rate))
    findings = []
    for ranges in implied.values():
        lowest = max(ranges, key=lambda r: r.low)
        highest = min(ranges, key=lambda r: r.high)
        findings += _check_stated_denominator(ranges, found)
        # A share within a group has the group for its denominator, which is smaller and not known.
        if highest.rate.breakdown and not lowest.rate.breakdown:
            continue
        if len(ranges) > 1 and highest.high < lowest.low <= highest.high * 2:
            findings.append(
                finding(
                    "TXT-104",
                    lowest.rate.ref,
                    refs=(lowest.count.ref, highest.rate.ref, highest.count.ref),
                    lhs=round(lowest.low, 0),
                    rhs=round(highest.high, 0),
                    first=f"{lowest.count.raw} – {lowest.rate.raw}",
                    second=f"{highest.count.raw} – {highest.rate.raw}",
                    low=written(round(lowest.low, 0)),
                    high=written(round(highest.high, 0)),
                )
            )
    return findings


def _check_stated_denominator(ranges: Sequence[_Implied], found: Figures) -> list[Finding]:
    """The denominator as stated, where two counts and their rates agree on another."""
    low, high = max(r.low for r in ranges), min(r.high for r in ranges)
    first = ranges[0]
    stated = found.like(first.rate, first.code, tuple(sorted(first.rate.breakdown.items())))
    if len(ranges) < 2 or low > high or len({s.value for s in stated}) != 1 or not stated[0].is_exact:
        return []
    total = stated[0]
    meant = first.count.value * 100 / first.rate.value
    if low <= total.value <= high or not meant / 3 <= total.value <= meant * 3:
        return []
    exact = first.count.value * 100 / total.value
    refs = (first.count.ref, total.ref)
    return [_wrong_rate(first.rate.ref, first.rate.raw, first.rate.value, exact, refs, first.count.raw, total.raw)]


@dataclass(frozen=True, slots=True)
class _Implied:
    """The denominators of one indicator, `code`, that a count and its rate allow."""

    code: str
    low: Decimal
    high: Decimal
    count: Statement
    rate: Statement


# Changes, restatements

_PLAN_WORDS = re.compile(
    r"(?i)\b(?:giao|kế hoạch|KH|chỉ tiêu|mục tiêu|nghị quyết|phấn đấu|bình quân|mỗi năm|hằng năm)\b"
)


def check_changes(found: Figures, catalogue: Catalogue) -> list[Finding]:
    """A rise or fall against the value of this period and of the one before, where all three are stated."""
    findings = []
    for change in found:
        if change.measure != "change" or not change.is_exact or _PLAN_WORDS.search(change.words_before(45)):
            continue
        indicator = catalogue.indicators[change.indicator]
        is_fall = indicator.measure_type == "change"
        base = indicator.numerator if is_fall else change.indicator
        now = _nearest(change, base, "actual", found)
        before = _nearest(change, base, "prior", found)
        if now is None or before is None or not now.is_exact or not before.is_exact:
            continue
        exact = abs(before.value - now.value)
        rivals = [s for s in found.same(change) if s.reading.passage is change.reading.passage]
        room = _rounding([change, now, before])
        if any(abs(exact - s.value) <= room for s in rivals):
            continue
        if abs(exact - change.value) <= max(exact, change.value) / 2 or is_slip(change.value, exact):
            findings.append(
                finding(
                    "TXT-105",
                    change.ref,
                    refs=(now.ref, before.ref),
                    lhs=change.value,
                    rhs=exact,
                    change=change.raw,
                    now=now.raw,
                    before=before.raw,
                    exact=written(exact),
                )
            )
    return findings


def _nearest(change: Statement, code: str, measure: str, found: Figures) -> Statement | None:
    same = [
        s for s in found.near(change, 2 * _NEIGHBOURS)
        if s.indicator == code and s.measure == measure and s.unit_id == change.unit_id
        and s.breakdown == change.breakdown
        and (measure != "actual" or s.period == change.period)
    ]  # fmt: skip
    return min(same, key=lambda s: abs(s.reading.index - change.reading.index), default=None)


def check_restatements(found: Figures) -> list[Finding]:
    """One figure stated twice and differently; only where one is the other with a slip."""
    groups: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
    for statement in found:
        if statement.is_exact and statement.confidence >= SURE_TWICE:
            groups[(*statement.key(), statement.issuer)].append(statement)
    changes = {s.value for s in found if s.measure == "change"}
    findings = []
    for group in groups.values():
        for first, second in combinations(group[:_COMPARED], 2):
            difference = abs(first.value - second.value)
            is_beside = first.reading.window.sentence_start == second.reading.window.sentence_start
            if difference <= _rounding([first, second]) or (
                first.reading.passage is second.reading.passage and is_beside
            ):
                continue
            # By so much it changed between the two dates of which they speak.
            if difference in changes or _are_items_of_one_list(first, second):
                continue
            is_alike = decimals(first.raw) == decimals(second.raw) and min(first.value, second.value) >= _LEAST_TWICE
            if is_alike and is_slip(first.value, second.value):
                findings.append(
                    finding(
                        "TXT-107", first.ref, refs=(second.ref,), lhs=first.value, rhs=second.value,
                        first=first.raw, second=second.raw,
                    )
                )  # fmt: skip
    return findings


SURE_TWICE = 0.85
# Two small numbers are alike by chance.
_LEAST_TWICE = 1


def _are_items_of_one_list(first: Statement, second: Statement) -> bool:
    """Whether two figures are items of one enumeration, so that they count different things, understood or not."""
    one, other = first.reading.passage, second.reading.passage
    return (
        one.kind in ("item", "row")
        and other.kind == one.kind
        and one.rank == other.rank
        and one.parents[:1] == other.parents[:1]
    )


# Plausibility and legal rates

# An amount for one, not for all: `mức 600.000 đồng`, `mỗi suất 500.000 đồng`.
_EACH = re.compile(r"(?i)\b(?:mức|mỗi|định mức|bình quân)\b[^,;.]{0,30}$")
# Of a handful a plausible amount is hardly known, and the handful hardly understood.
_LEAST_COUNT = 10


def check_bounds(found: Figures, relations: Relations) -> list[Finding]:
    """What one gift, one house, one household is worth or holds, where the two figures hang together."""
    findings = []
    for bound in relations.bounds:
        for over, count in _hanging(found, bound.over, bound.count):
            if count.value < _LEAST_COUNT or count.confidence < PLAIN or over.confidence < PLAIN:
                continue
            if over.quantity.per or (over.quantity.unit == "vnd" and _EACH.search(over.words_before(35))):
                continue
            # An amount may be for several counts in a row.
            counts = (count.value, _counted_together(over, count))
            if any(bound.min <= over.value / value <= bound.max for value in counts):
                continue
            quotient = over.value / count.value
            findings.append(
                finding(
                    "TXT-108",
                    over.ref,
                    refs=(count.ref,),
                    lhs=over.value,
                    rhs=count.value * (bound.min if quotient < bound.min else bound.max),
                    amount=over.raw,
                    count=count.raw,
                    each=written(round(quotient, 2)),
                    least=written(bound.min),
                    most=written(bound.max),
                )
            )
    return findings


def _hanging(found: Figures, over: str, count: str) -> Iterable[tuple[Statement, Statement]]:
    """The pairs in which one figure hangs on the other: the money on its persons, the persons on their households."""
    by_reading = {id(s.reading): s for s in found}
    for statement in found:
        link = statement.reading.carrier
        if link is None or statement.reading.carries not in ("pair", "follow", "for", "apart", "ahead", "bracket"):
            continue
        other = by_reading.get(id(link))
        if other is None or (other.measure != statement.measure and "plan" not in (other.measure, statement.measure)):
            continue
        if (statement.indicator, other.indicator) == (over, count):
            yield statement, other
        elif (other.indicator, statement.indicator) == (over, count):
            yield other, statement


def _counted_together(amount: Statement, count: Statement) -> Decimal:
    """The sum of the counts of one unit that stand in a row before an amount: what it may be for."""
    page = count.reading.page
    if page is not amount.reading.page:
        return count.value
    row = [q for q in page.quantities if q.unit == count.quantity.unit and q.start < amount.quantity.start]
    total, last = Decimal(0), amount.quantity.start
    for quantity in reversed(row):
        if last - quantity.end > _ROW_GAP:
            break
        total, last = total + quantity.value, quantity.start
    return max(total, count.value)


# How many letters may stand between the counts of a row.
_ROW_GAP = 120


def _beside(found: Figures, over: str, count: str) -> Iterable[tuple[Statement, Statement]]:
    """The pairs of two kinds that stand near each other in a sentence, where it has one of each."""
    sentences: dict[tuple[int, int], list[Statement]] = defaultdict(list)
    for s in found:
        if s.indicator in (over, count) and s.measure == "actual":
            sentences[id(s.reading.passage), s.reading.window.sentence_start].append(s)
    for group in sentences.values():
        if len(group) == 2 and group[0].key("indicator") == group[1].key("indicator"):
            first, second = sorted(group, key=lambda s: s.indicator != over)
            if first.indicator != second.indicator and abs(first.reading.index - second.reading.index) <= _NEIGHBOURS:
                yield first, second


def check_legal(found: Figures, relations: Relations, catalogue: Catalogue) -> list[Finding]:
    """An amount against its count and the legal rate of the period.

    A monthly amount may be that of one month or of all months of the period, and the rate that of its first or
    last day.
    """
    findings = []
    for rule in relations.legal:
        pairs = list(_hanging(found, rule.amount, rule.count))
        if rule.step:
            pairs += _beside(found, rule.amount, rule.count)
        for amount, count in {(a.ref, c.ref): (a, c) for a, c in pairs}.values():
            period = amount.reading.period
            if period is None or any(amount.breakdown.get(name) != code for name, code in rule.with_.items()):
                continue
            if amount.quantity.per or _EACH.search(amount.words_before(35)) or count.value < _LEAST_COUNT:
                continue
            rates = [catalogue.rate_on(rule.rate, day) for day in (period.first_day, period.last_day)]
            known = [rate for rate in rates if rate is not None and rate.value]
            unread = catalogue.unknown_rate_on(rule.rate, period.last_day)
            if unread is not None:
                findings.append(
                    finding(
                        "TXT-130",
                        amount.ref,
                        refs=(count.ref,),
                        amount=amount.raw,
                        count=count.raw,
                        basis=unread.legal_basis or "-",
                        since_vi=f"{unread.valid_from:%d/%m/%Y}",
                        since_en=f"{unread.valid_from:%Y-%m-%d}",
                    )
                )
            if not known or unread is not None:
                continue
            each = amount.value / count.value
            since = 1 if amount.reading.accumulation == "since_january" else period.first_day.month
            months = period.last_day.month - since + 1 if rule.months else 1
            room = Decimal(1) if amount.is_exact and count.is_exact else Decimal("1.1")
            low, high = min(rate.value for rate in known), max(rate.value for rate in known)
            multiple = each / low
            # Exact to the last digit as written, and to a whole kilogram or dong.
            off = (_rounding([amount]) + 1) / (count.value * low) if room == 1 else Decimal("0.02")
            is_whole = not rule.step or (round(multiple) >= 1 and abs(multiple - round(multiple)) <= off)
            together = amount.value / _counted_together(amount, count)
            if is_whole and any(
                low * rule.min / room <= one <= high * rule.max * months * room for one in {each, together}
            ):
                continue
            findings.append(
                finding(
                    "TXT-106",
                    amount.ref,
                    refs=(count.ref,),
                    lhs=amount.value,
                    rhs=count.value * known[0].value,
                    amount=amount.raw,
                    count=count.raw,
                    rate=written(known[0].value),
                    basis=known[0].legal_basis,
                    each=written(round(each, 2)),
                )
            )
    return findings


# Numbers


def _by_key(found: Iterable[Statement], *without: str) -> Mapping[tuple[object, ...], list[Statement]]:
    groups: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
    for statement in found:
        groups[statement.key(*without)].append(statement)
    return groups


def _rounding(figures: Sequence[Statement]) -> Decimal:
    """By how much rounded figures may miss each other."""
    return slack((figure.raw, figure.value) for figure in figures)
