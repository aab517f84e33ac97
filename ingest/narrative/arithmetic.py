"""Do the figures of a report agree with each other?

Found from structure and catalogue, not from a list for each report: parts against the whole that a
`trong đó`, a list or a footnote makes them parts of; rates against their numerator and denominator with
the rounding that the text shows; changes against both years; amounts against counts and legal rates;
one figure stated twice. A report is loaded as written, so what disagrees is a warning, never an error.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ingest.catalogue import Catalogue
from ingest.checks.findings import finding
from ingest.model import Finding, parse_breakdown
from ingest.narrative.attach import Reading
from ingest.narrative.lexicon import FOLDER, read_data

# A list that falls short of its total by less than this is meant to add up to it.
NEAR_MISS = Decimal("0.05")
SURE = 0.6


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
    decimals: int
    reading: Reading

    @property
    def is_exact(self) -> bool:
        """Whether the number is given without `hơn`, `gần`, `khoảng`."""
        return self.qualifier == "exact"

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


def statements(quantities: Iterable[Any], readings: Iterable[Reading]) -> list[Statement]:
    """The recognised figures of an extraction (`Extraction.quantities` and `.readings`)."""
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
            decimals=_decimals(q.raw),
            reading=reading,
        )
        for q, reading in zip(quantities, readings, strict=True)
        if q.indicator_code and reading.role != "denominator"
    ]


def check(found: Sequence[Statement], catalogue: Catalogue) -> list[Finding]:
    """Every disagreement among a report's figures, in the order of their places."""
    relations = load_relations()
    sure = [s for s in found if s.confidence >= SURE]
    checks: list[Callable[[], list[Finding]]] = [
        lambda: check_parts(found, catalogue),
        lambda: check_partitions(sure, relations, catalogue),
        lambda: check_subgroups(sure, relations, catalogue),
        lambda: check_rates(sure, catalogue),
        lambda: check_changes(sure, catalogue),
        lambda: check_restatements(sure),
        lambda: check_bounds(sure, relations),
        lambda: check_legal(sure, relations, catalogue),
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    findings: list[Finding] = []
    for run in checks:
        for made in run():
            key = (made.rule_id, frozenset((made.ref, *made.refs)))
            if key not in seen:
                seen.add(key)
                findings.append(made)
    order = {s.ref: position for position, s in enumerate(found)}
    return sorted(findings, key=lambda f: order.get(f.ref, 0))


# Parts and wholes


def check_parts(found: Sequence[Statement], catalogue: Catalogue) -> list[Finding]:
    """The parts that a `trong đó`, a list or a footnote names, against their whole."""
    by_reading: dict[int, list[Statement]] = defaultdict(list)
    for statement in found:
        by_reading[id(statement.reading)].append(statement)
    parts_of: dict[tuple[int, str], list[Statement]] = defaultdict(list)
    for statement in found:
        for whole_id in dict.fromkeys(id(w) for w in statement.reading.wholes):
            for candidate in by_reading.get(whole_id, ()):
                dimension = _dimension(candidate, statement)
                if dimension:
                    parts_of[whole_id, dimension].append(statement)
    findings = []
    for (whole_id, dimension), parts in parts_of.items():
        whole = by_reading[whole_id][0]
        if not _adds_up(whole, catalogue):
            continue
        top = _top_level(parts, dimension, catalogue)
        findings += _compare_sum(whole, top, _repeats(whole, found))
        for part in parts:
            if part.is_exact and whole.is_exact and part.value > whole.value and len(top) == 1:
                findings.append(_larger(part, whole))
    return findings


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


def _compare_sum(whole: Statement, parts: Sequence[Statement], repeats: Sequence[str]) -> list[Finding]:
    if len(parts) < 2 or not whole.is_exact or not all(part.is_exact for part in parts):
        return []
    if len({(*sorted(p.breakdown.items()), p.unit_id) for p in parts}) < len(parts):
        return []
    total = sum((part.value for part in parts), Decimal(0))
    slack = _rounding([whole, *parts])
    if abs(total - whole.value) <= slack:
        return []
    short = whole.value - total
    if short > 0 and short > max(whole.value * NEAR_MISS, Decimal(0)):
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
            total=_written(total),
            difference=_written(whole.value - total),
        )
    ]


def _repeats(whole: Statement, found: Sequence[Statement]) -> list[str]:
    """Where the same whole is stated again."""
    key = whole.key()
    return [s.ref for s in found if s.value == whole.value and s is not whole and s.key() == key]


def _larger(part: Statement, whole: Statement) -> Finding:
    return finding(
        "TXT-102", part.ref, refs=(whole.ref,), lhs=part.value, rhs=whole.value, part=part.raw, whole=whole.raw
    )


def check_partitions(found: Sequence[Statement], relations: Relations, catalogue: Catalogue) -> list[Finding]:
    """Categories that together are the whole, wherever they stand in the report."""
    findings = []
    for name, partitions in relations.partitions.items():
        groups = _by_key(found, "breakdown")
        for group in groups.values():
            for whole in group:
                if name in whole.breakdown or not _is_stock(whole, catalogue):
                    continue
                for codes in partitions:
                    parts = [_one(group, {**whole.breakdown, name: code}) for code in codes]
                    if all(part is not None for part in parts):
                        findings += _compare_sum(whole, [p for p in parts if p], _repeats(whole, found))
    return findings


def _is_stock(statement: Statement, catalogue: Catalogue) -> bool:
    """Whether a figure counts what there is, so that any two statements of it are of the same things."""
    return catalogue.indicators[statement.indicator].measure_type == "stock"


def _one(group: Sequence[Statement], breakdown: Mapping[str, str]) -> Statement | None:
    """The one figure of that breakdown, if all that state it agree."""
    same = [s for s in group if dict(s.breakdown) == dict(breakdown)]
    return same[0] if same and len({s.value for s in same}) == 1 else None


def check_subgroups(found: Sequence[Statement], relations: Relations, catalogue: Catalogue) -> list[Finding]:
    """A group within a group, and an indicator that counts some of what another counts."""
    findings = []
    for group in _by_key(found, "breakdown").values():
        for part, whole in _pairs(group):
            if not _is_stock(whole, catalogue) or not part.is_exact or not whole.is_exact:
                continue
            if _lies_within(part.breakdown, whole.breakdown, catalogue) and part.value > whole.value:
                findings.append(_larger(part, whole))
    for smaller, larger in relations.subsets:
        for group in _by_key([s for s in found if s.indicator in (smaller, larger)], "indicator").values():
            few = [s for s in group if s.indicator == smaller]
            many = [s for s in group if s.indicator == larger]
            if few and many and few[0].is_exact and many[0].is_exact and few[0].value > many[0].value:
                findings.append(_larger(few[0], many[0]))
    return findings


# Figures of one kind beyond so many are a list, not statements to be compared each with each.
_COMPARED = 60


def _pairs(group: Sequence[Statement]) -> Iterable[tuple[Statement, Statement]]:
    for first, second in combinations(group[:_COMPARED], 2):
        yield first, second
        yield second, first


def _lies_within(part: Mapping[str, str], whole: Mapping[str, str], catalogue: Catalogue) -> bool:
    """Whether a breakdown is finer than another: further categories, or a deeper code of the same list."""
    if dict(part) == dict(whole) or not set(whole) <= set(part):
        return False
    return all(part[name] == code or part[name] in catalogue.descendants(name, code) for name, code in whole.items())


# Rates


def check_rates(found: Sequence[Statement], catalogue: Catalogue) -> list[Finding]:
    """Rates against numerator and denominator, and above one hundred."""
    findings = []
    for rate in found:
        indicator = catalogue.indicators[rate.indicator]
        if indicator.unit_of_measure != "percent" or rate.measure not in ("actual", "prior"):
            continue
        is_completion = rate.indicator.endswith("_plan_completion")
        if rate.value > 100 and not is_completion:
            findings.append(finding("TXT-109", rate.ref, lhs=rate.value, rhs=Decimal(100), rate=rate.raw))
            continue
        above = _term(rate, indicator.numerator, found, is_completion=False)
        below = _term(rate, indicator.denominator, found, is_completion=is_completion)
        if above is None or below is None or above is below or not below.value or not rate.is_exact:
            continue
        if not above.is_exact or not below.is_exact:
            continue
        exact = above.value * 100 / below.value
        if not _rounds_to(exact, rate):
            findings.append(
                finding(
                    "TXT-103",
                    rate.ref,
                    refs=(above.ref, below.ref),
                    lhs=rate.value,
                    rhs=round(exact, rate.decimals + 2),
                    rate=rate.raw,
                    numerator=above.raw,
                    denominator=below.raw,
                    exact=_written(round(exact, rate.decimals + 2)),
                )
            )
    return findings + _check_common_denominators(found, catalogue)


def _term(rate: Statement, code: str, found: Sequence[Statement], *, is_completion: bool) -> Statement | None:
    """The figure that a rate was made of: the same unit, period and breakdown; of a plan, its target."""
    measure = "target" if is_completion else rate.measure
    breakdown = {k: v for k, v in rate.breakdown.items() if k != "plan_level"}
    same = [
        s for s in found
        if s.indicator == code and s.unit_id == rate.unit_id and s.measure == measure
        and (s.period == rate.period or (is_completion and s.period == rate.period[:4]))
        and s.reading.passage is rate.reading.passage and abs(s.reading.index - rate.reading.index) <= 8
        and {k: v for k, v in s.breakdown.items() if k != "plan_level"} == breakdown
    ]  # fmt: skip
    near = [s for s in same if s.reading is rate.reading.link]
    values = {s.value for s in same}
    return near[0] if near else (same[0] if len(values) == 1 else None)


def _rounds_to(exact: Decimal, rate: Statement) -> bool:
    """Whether a quotient was rounded, or cut, to the rate as written."""
    step = Decimal(1).scaleb(-rate.decimals)
    return rate.value - step / 2 <= exact <= rate.value + step


def _check_common_denominators(found: Sequence[Statement], catalogue: Catalogue) -> list[Finding]:
    """Counts and their shares imply what they are shares of; no one number may explain them all."""
    implied: dict[tuple[object, ...], list[tuple[Decimal, Decimal, Statement, Statement]]] = defaultdict(list)
    for rate in found:
        indicator = catalogue.indicators[rate.indicator]
        if not indicator.denominator or indicator.unit_of_measure != "percent" or not rate.is_exact or rate.value <= 0:
            continue
        if rate.measure != "actual" or rate.indicator.endswith("_plan_completion"):
            continue
        count = _term(rate, indicator.numerator, found, is_completion=False)
        if count is None or not count.is_exact or count.reading.passage is not rate.reading.passage:
            continue
        step = Decimal(1).scaleb(-rate.decimals)
        low = count.value * 100 / (rate.value + step)
        high = count.value * 100 / max(rate.value - step / 2, step / 100)
        scope = () if rate.indicator.endswith("_share") else tuple(sorted(rate.breakdown.items()))
        implied[indicator.denominator, rate.unit_id, rate.period, rate.status, scope].append((low, high, count, rate))
    findings = []
    for ranges in implied.values():
        lowest = max(ranges, key=lambda r: r[0])
        highest = min(ranges, key=lambda r: r[1])
        if len(ranges) > 1 and lowest[0] > highest[1]:
            findings.append(
                finding(
                    "TXT-104",
                    lowest[3].ref,
                    refs=(lowest[2].ref, highest[3].ref, highest[2].ref),
                    lhs=round(lowest[0], 0),
                    rhs=round(highest[1], 0),
                    first=f"{lowest[2].raw} – {lowest[3].raw}",
                    second=f"{highest[2].raw} – {highest[3].raw}",
                    low=_written(round(lowest[0], 0)),
                    high=_written(round(highest[1], 0)),
                )
            )
    return findings


# Changes, restatements


def check_changes(found: Sequence[Statement], catalogue: Catalogue) -> list[Finding]:
    """A rise or fall against the value of this period and of the one before, where all three are stated."""
    findings = []
    for change in found:
        if change.measure != "change" or not change.is_exact:
            continue
        indicator = catalogue.indicators[change.indicator]
        is_fall = indicator.measure_type == "change"
        base = indicator.numerator if is_fall else change.indicator
        now = _nearest(change, base, "actual", found)
        before = _nearest(change, base, "prior", found)
        if now is None or before is None or not now.is_exact or not before.is_exact:
            continue
        exact = before.value - now.value if is_fall else now.value - before.value
        if abs(abs(exact) - change.value) > _rounding([change, now, before]):
            findings.append(
                finding(
                    "TXT-105",
                    change.ref,
                    refs=(now.ref, before.ref),
                    lhs=change.value,
                    rhs=abs(exact),
                    change=change.raw,
                    now=now.raw,
                    before=before.raw,
                    exact=_written(abs(exact)),
                )
            )
    return findings


def _nearest(change: Statement, code: str, measure: str, found: Sequence[Statement]) -> Statement | None:
    same = [
        s for s in found
        if s.indicator == code and s.measure == measure and s.unit_id == change.unit_id
        and s.breakdown == change.breakdown and s.reading.passage is change.reading.passage
        and (measure != "actual" or s.period == change.period)
    ]  # fmt: skip
    return min(same, key=lambda s: abs(s.reading.index - change.reading.index), default=None)


def check_restatements(found: Sequence[Statement]) -> list[Finding]:
    """One figure stated twice and differently; only where the two are so near that one is a slip."""
    groups: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
    for statement in found:
        if statement.is_exact and statement.confidence >= 0.9:
            groups[(*statement.key(), statement.issuer)].append(statement)
    findings = []
    for group in groups.values():
        for first, second in combinations(group[:_COMPARED], 2):
            if first.value == second.value or first.reading.passage is second.reading.passage:
                continue
            near = max(abs(first.value), abs(second.value)) * Decimal("0.03")
            if _rounding([first, second]) < abs(first.value - second.value) <= near:
                findings.append(
                    finding(
                        "TXT-107", first.ref, refs=(second.ref,), lhs=first.value, rhs=second.value,
                        first=first.raw, second=second.raw,
                    )
                )  # fmt: skip
    return findings


# Plausibility and legal rates


def check_bounds(found: Sequence[Statement], relations: Relations) -> list[Finding]:
    """What one gift, one house, one household is worth or holds, where the two figures hang together."""
    findings = []
    for bound in relations.bounds:
        for over, count in _hanging(found, bound.over, bound.count):
            if not count.value:
                continue
            quotient = over.value / count.value
            if bound.min <= quotient <= bound.max:
                continue
            findings.append(
                finding(
                    "TXT-108",
                    over.ref,
                    refs=(count.ref,),
                    lhs=over.value,
                    rhs=count.value * (bound.min if quotient < bound.min else bound.max),
                    amount=over.raw,
                    count=count.raw,
                    each=_written(round(quotient, 2)),
                    least=_written(bound.min),
                    most=_written(bound.max),
                )
            )
    return findings


def _hanging(found: Sequence[Statement], over: str, count: str) -> Iterable[tuple[Statement, Statement]]:
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


def check_legal(found: Sequence[Statement], relations: Relations, catalogue: Catalogue) -> list[Finding]:
    """An amount against its count and the legal rate of the period."""
    findings = []
    for rule in relations.legal:
        for amount, count in _hanging(found, rule.amount, rule.count):
            period = amount.reading.period
            if period is None or any(amount.breakdown.get(name) != code for name, code in rule.with_.items()):
                continue
            rate = catalogue.rate_on(rule.rate, period.first_day)
            if rate is None or not count.value or not rate.value:
                continue
            since = 1 if amount.reading.accumulation == "since_january" else period.first_day.month
            months = period.last_day.month - since + 1 if rule.months else 1
            multiple = amount.value / (count.value * rate.value * months)
            is_whole = not rule.step or (
                abs(multiple - round(multiple)) <= Decimal("0.02") and multiple >= Decimal("0.98")
            )
            slack = Decimal(1) if amount.is_exact else Decimal("1.1")
            if is_whole and rule.min / slack <= multiple <= rule.max * slack:
                continue
            findings.append(
                finding(
                    "TXT-106",
                    amount.ref,
                    refs=(count.ref,),
                    lhs=amount.value,
                    rhs=count.value * rate.value * months,
                    amount=amount.raw,
                    count=count.raw,
                    rate=_written(rate.value),
                    basis=rate.legal_basis,
                    each=_written(round(amount.value / count.value, 2)),
                )
            )
    return findings


# Numbers


def _by_key(found: Sequence[Statement], *without: str) -> Mapping[tuple[object, ...], list[Statement]]:
    groups: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
    for statement in found:
        groups[statement.key(*without)].append(statement)
    return groups


def _decimals(raw: str) -> int:
    """How many decimals a number shows: 2 for `8,49%`."""
    number = raw.split("%")[0].split(" ")[0]
    return len(number.split(",")[1]) if "," in number and number.split(",")[1].isdigit() else 0


def _rounding(figures: Sequence[Statement]) -> Decimal:
    """By how much rounded figures may miss each other: half of the last digit of each."""
    rates = [f for f in figures if f.decimals and f.value < 1000]
    return sum((Decimal(1).scaleb(-f.decimals) / 2 for f in rates), Decimal(0))


def _written(value: Decimal) -> str:
    """A number as Vietnamese write it: 2.439 and 8,49."""
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))
