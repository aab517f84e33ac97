"""Rates against numerator and denominator, with the rounding that the text shows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.narrative.audit.figures import (
    NEIGHBOURS,
    PLAIN,
    Figures,
    Statement,
    is_plain,
    is_stock,
)
from ingest.narrative.text.quantities import Quantity
from ingest.narrative.text.slips import decimals, is_slip, written

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
        is_completion = indicator.rate_kind == "plan"
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


def _term(rate: Statement, code: str, found: Figures, *, is_completion: bool) -> Statement | None:
    """The figure that a rate was made of: the same unit, period and breakdown beside it; of a plan, its target."""
    measures = ("target",) if is_completion else (rate.measure, "plan")
    breakdown = {k: v for k, v in rate.breakdown.items() if k != "plan_level"}
    same = [
        s for s in found.near(rate, NEIGHBOURS)
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
    if rate.breakdown and catalogue.indicators[rate.indicator].rate_kind != "whole":
        return None
    same = found.like(rate, code, ())
    return same[0] if same and is_stock(same[0], catalogue) and is_plain(same[0], found) else None


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
        if rate.measure != "actual" or indicator.rate_kind == "plan" or rate.confidence < PLAIN:
            continue
        if _MORE_OR_LESS.search(rate.words_before(30)):
            continue
        count = _term(rate, indicator.numerator, found, is_completion=False)
        if count is None or not count.is_exact or abs(count.reading.index - rate.reading.index) != 1:
            continue
        if not is_stock(count, catalogue) or len(found.values(rate)) > 1:
            continue
        step = Decimal(1).scaleb(-decimals(rate.raw))
        low = count.value * 100 / (rate.value + step)
        high = count.value * 100 / max(rate.value - step / 2, step / 100)
        scope = () if indicator.rate_kind == "whole" else tuple(sorted(rate.breakdown.items()))
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
