"""Reports of our own in other wordings, held against what must be read out of them.

`reports/README.md` says which of them were looked at while the reading was made, and so flatter.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from ingest.core.catalogue import load_catalogue
from ingest.narrative import extract

REPORTS = Path(__file__).parent / "reports"
# Shares of a report; a short one loses 7 % with one figure.
FOUND_AT_LEAST, RIGHT_AT_LEAST = 0.97, 0.85


def texts() -> list[Path]:
    return sorted(path for path in REPORTS.glob("*.txt") if path.with_suffix(".csv").exists())


@pytest.mark.parametrize("path", texts(), ids=lambda path: path.stem)
def test_core_figures_are_read_with_their_meaning(path):
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as handle:
        expected = [row for row in csv.DictReader(handle) if row["is_core"] == "1"]
    read = extract(path.read_text(encoding="utf-8"), load_catalogue()).quantities
    found = right = 0
    for row in expected:
        same = [
            q
            for q in read
            if q.ref.startswith(f"L{row['line']}:") and math.isclose(float(q.value), float(row["value"]), rel_tol=1e-9)
        ]
        found += bool(same)
        right += any((q.indicator_code, q.breakdown) == (row["indicator"], row["breakdown"]) for q in same)
    assert found >= FOUND_AT_LEAST * len(expected)
    assert right >= RIGHT_AT_LEAST * len(expected)


def test_there_are_reports_to_read():
    assert len(texts()) >= 5
