"""Amounts against counts, plausible bounds and legal rates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.narrative.audit.figures import (
    NEIGHBOURS,
    PLAIN,
    Figures,
    Statement,
    rounding,
)
from ingest.narrative.audit.relations import Relations
from ingest.narrative.text.slips import written

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
            if first.indicator != second.indicator and abs(first.reading.index - second.reading.index) <= NEIGHBOURS:
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
            off = (rounding([amount]) + 1) / (count.value * low) if room == 1 else Decimal("0.02")
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


def check_torn_numbers(found: Iterable[Statement]) -> list[Finding]:
    """Numbers with a blank behind their comma, which were read as one."""
    return [
        finding("TXT-110", s.ref, lhs=s.value, raw=s.raw, value=written(s.value)) for s in found if s.quantity.is_torn
    ]
