"""One figure stated again, and changes against the values that they lie between."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.narrative.audit.figures import (
    COMPARED,
    NEIGHBOURS,
    Figures,
    Statement,
    rounding,
)
from ingest.narrative.text.slips import decimals, is_slip, written

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
        room = rounding([change, now, before])
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
        s for s in found.near(change, 2 * NEIGHBOURS)
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
        for first, second in combinations(group[:COMPARED], 2):
            difference = abs(first.value - second.value)
            is_beside = first.reading.window.sentence_start == second.reading.window.sentence_start
            if difference <= rounding([first, second]) or (
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


SURE_TWICE = 0.6
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
