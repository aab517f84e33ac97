"""The rules of `expectations.yml` without Great Expectations, whose import alone takes seconds.

A single file is checked by this, a batch by Great Expectations; a test holds that both say the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ingest.checks.expectations import (
    code_sets,
    columns_of,
    filled_in,
    load_expectation_rules,
    note_outcome,
    rows_of,
)
from ingest.core.catalogue import Catalogue
from ingest.core.model import ReadSubmission


def check_observations(submissions: Sequence[ReadSubmission], catalogue: Catalogue) -> None:
    """Applies the rules to all recognised observations and adds findings and passes to each submission."""
    rows = rows_of(submissions)
    if not rows:
        return
    rules, columns, sets = load_expectation_rules(), columns_of(rows, catalogue), code_sets(catalogue)
    failed = [_failed(rule.expectation, filled_in(rule.kwargs, sets), columns) for rule in rules]
    note_outcome(rules, failed, rows, submissions, catalogue)


def _failed(expectation: str, kwargs: Mapping[str, Any], columns: Mapping[str, Sequence[object]]) -> list[int]:
    values = columns[kwargs["column"]]
    if expectation == "expect_column_values_to_not_be_null":
        return [number for number, value in enumerate(values) if _is_null(value)]
    holds = _HOLDS[expectation]
    return [number for number, value in enumerate(values) if not _is_null(value) and not holds(value, kwargs)]


def _is_null(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _is_between(value: Any, kwargs: Mapping[str, Any]) -> bool:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    return (low is None or value >= low) and (high is None or value <= high)


_HOLDS: Mapping[str, Callable[[Any, Mapping[str, Any]], bool]] = {
    "expect_column_values_to_be_between": _is_between,
    "expect_column_values_to_be_in_set": lambda value, kwargs: value in kwargs["value_set"],
    "expect_column_values_to_match_regex": lambda value, kwargs: re.search(kwargs["regex"], value) is not None,
}
