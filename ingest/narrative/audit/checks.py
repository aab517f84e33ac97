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

from collections.abc import Callable, Sequence
from typing import Any

from ingest.core.catalogue import Catalogue
from ingest.core.model import Finding
from ingest.narrative.audit.figures import (
    SURE,
    Figures,
    statements,
)
from ingest.narrative.audit.plausibility import check_bounds, check_legal, check_torn_numbers
from ingest.narrative.audit.rates import check_done_of_total, check_rates
from ingest.narrative.audit.relations import load_relations
from ingest.narrative.audit.restatements import check_changes, check_restatements
from ingest.narrative.audit.sums import check_partitions, check_parts, check_shares, check_subgroups
from ingest.narrative.meaning.reading import Reading


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
        lambda: check_changes(found, catalogue),
        lambda: check_restatements(found),
        lambda: check_bounds(sure, relations),
        lambda: check_legal(found, relations, catalogue),
        lambda: check_torn_numbers(every),
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
