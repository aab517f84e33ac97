"""Freezing: what is read back equals what was frozen, and the hash is of the content alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publish.definition import ReportDefinition
from publish.frozen import content_sha256, freeze, thaw, thaw_definition
from publish.model import ReportData


def sha(data: ReportData, definition: ReportDefinition) -> str:
    return content_sha256(freeze(data, definition))


def test_thawed_equals_frozen_even_by_way_of_json(data: ReportData, definition: ReportDefinition) -> None:
    rows = json.loads(json.dumps(freeze(data, definition)))
    assert thaw(rows) == data
    assert thaw_definition(rows) == definition
    assert content_sha256(rows) == sha(data, definition)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_number_is_frozen_exactly(data: ReportData, definition: ReportDefinition, value: Decimal) -> None:
    (row,) = freeze(replace(data, figures=(replace(data.figures[0], value=value),)), definition)[5:6]
    assert row["kind"] == "figure"
    assert Decimal(row["value"]) == value
    assert "E" not in row["value"]


@pytest.mark.parametrize("value", ["2170.0", "2170.000000", "2.17E+3"])
def test_same_number_otherwise_written_is_the_same_content(
    data: ReportData, definition: ReportDefinition, value: str
) -> None:
    same = replace(data, figures=(replace(data.figures[0], value=Decimal(value)), *data.figures[1:]))
    assert sha(same, definition) == sha(data, definition)


def test_what_is_incidental_does_not_change_the_hash(data: ReportData, definition: ReportDefinition) -> None:
    later = replace(
        data,
        figures=tuple(replace(f, sort_order=f.sort_order * 10) for f in reversed(data.figures)),
        unit_figures=tuple(
            replace(f, submission_id=(f.submission_id or 0) + 500, observation_id=None) for f in data.unit_figures
        ),
        sources=tuple(
            replace(s, submission_id=s.submission_id + 500, accepted_at=s.accepted_at + timedelta(days=3))
            for s in data.sources
        ),
        findings=tuple(replace(c, submission_id=c.submission_id + 500) for c in data.findings),
    )
    reworded = definition.model_copy(update={"signatory": "KT. GIÁM ĐỐC"})
    assert sha(later, reworded) == sha(data, definition)


def test_what_is_published_changes_the_hash(data: ReportData, definition: ReportDefinition) -> None:
    first, figure = data.unit_figures[0], data.figures[0]
    changed = [
        replace(data, figures=(replace(figure, value=Decimal(1)), *data.figures[1:])),
        replace(data, figures=(replace(figure, target=None), *data.figures[1:])),
        replace(data, figures=data.figures[1:]),
        replace(data, unit_figures=(replace(first, ref="HN!C9"), *data.unit_figures[1:])),
        replace(data, sources=(replace(data.sources[0], sha256="f" * 64), *data.sources[1:])),
        replace(data, findings=()),
        replace(data, dues=data.dues[1:]),
        replace(data, period_code="2024"),
    ]
    hashes = {sha(each, definition) for each in changed}
    assert len(hashes) == len(changed)
    assert sha(data, definition) not in hashes


def test_the_wording_of_an_edition_of_version_0_1_is_read(data: ReportData, definition: ReportDefinition) -> None:
    rows = json.loads(json.dumps(freeze(data, definition)))
    sections = rows[0]["definition"]["sections"]
    assert any(section["sentences"] for section in sections)
    for section in sections:
        section["statements"] = section.pop("sentences")
    assert thaw_definition(rows) == definition


def test_rows_without_a_head_are_refused(data: ReportData, definition: ReportDefinition) -> None:
    rows = freeze(data, definition)
    with pytest.raises(ValueError, match="one row of kind report"):
        thaw(row for row in rows if row["kind"] != "report")
    with pytest.raises(ValueError, match="one row of kind definition"):
        thaw_definition([*rows, rows[0]])
