"""Revisions: the numbers that two editions state differently."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from publish.model import ReportData, Target
from publish.revisions import changed_figures

D = Decimal


def test_nothing_changed(data: ReportData) -> None:
    assert changed_figures(data, data) == []


def test_value_prior_and_target_are_told_apart(data: ReportData) -> None:
    first = data.figures[0]
    changed = replace(first, value=D(2171), value_prior=D(2801), target=Target(D(2100)))
    revisions = changed_figures(data, replace(data, figures=(changed, *data.figures[1:])))
    assert [(r.aspect, r.old, r.new, r.difference) for r in revisions] == [
        ("value", D(2170), D(2171), D(1)),
        ("prior", D(2800), D(2801), D(1)),
        ("target", D(2200), D(2100), D(-100)),
    ]


def test_figure_that_becomes_complete_was_not_stated_before(data: ReportData) -> None:
    jobs = data.figure("jobs_created")
    assert jobs is not None
    full = replace(jobs, value=D(6600), value_partial=None, is_complete=True, units_missing=())
    (revision,) = changed_figures(
        data, replace(data, figures=tuple(full if f.key == jobs.key else f for f in data.figures))
    )
    assert (revision.old, revision.new, revision.difference) == (None, D(6600), None)


def test_vanished_figure_is_told_by_its_old_name(data: ReportData) -> None:
    gone = replace(data, figures=data.figures[:-1], unit_figures=data.unit_figures[:-3])
    revisions = changed_figures(data, gone)
    assert {(r.name_vi, r.new) for r in revisions} == {(data.figures[-1].label_vi, None)}
    assert [r.unit_name for r in revisions] == [
        "Tỉnh Đắk Nông",
        "Tỉnh Đắk Nông",
        "Thành phố Gia Nghĩa",
        "Huyện Đắk Mil",
        "Huyện Tuy Đức",
    ]


def test_order_of_rows_is_no_change(data: ReportData) -> None:
    assert changed_figures(data, replace(data, figures=tuple(reversed(data.figures)))) == []
