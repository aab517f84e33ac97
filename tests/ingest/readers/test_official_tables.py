"""Official tables as a province's system prints them are read whole, or a finding says what is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random

import pytest

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.model import Observation, ReadFile
from ingest.forms.schema import Form
from ingest.readers.form.read_form import read_workbook
from ingest.readers.spreadsheet.open_book import column_name
from tests.ingest.readers.official_tables import RATES, TABLES, OfficialTable, official_book
from tests.ingest.readers.sheets import write_book

YEAR = 2023
LAST_DAY = date(YEAR, 12, 31)


def _read(
    table: OfficialTable, unit: Unit, catalogue: Catalogue, forms: Mapping[str, Form]
) -> tuple[ReadFile, dict[str, object]]:
    communes = catalogue.children_of(unit, LAST_DAY)
    book = official_book(table, unit, communes, YEAR, Random(table.name))
    (grid,) = book.grids
    cells = {f"Sheet1!{column_name(c)}{r + 1}": value for (r, c), value in grid.cells.items()}
    return read_workbook(write_book(book), "bieu.xlsx", catalogue, forms), cells


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_that_a_form_has_is_read(
    table: OfficialTable, dak_mil: Unit, catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    read, cells = _read(table, dak_mil, catalogue, forms)
    (submission,) = read.submissions
    assert submission.form_code == table.form
    # The figures are made at random: what the form's own rules say of them is nothing about reading.
    of_reading = [f for f in submission.findings if f.rule_id.startswith(("WB-", "CELL-", "FORM-"))]
    assert [f.message_en for f in of_reading if f.severity == "error"] == []
    form = forms[table.form]
    skipped = {c.key for t in form.versions[0].tables for c in t.leaves if c.role == "skip"}
    known = [key for _, key in table.headings if key is not None and key not in skipped]
    communes = len(catalogue.children_of(dak_mil, LAST_DAY))
    lines = 2 if table.by_line else 1
    places = {ref for observation in submission.observations for ref in (observation.ref, *observation.refs)}
    assert len(places) == len(known) * (communes + 1) * lines
    assert all(_as_written(observation, cells) for observation in submission.observations)


def _as_written(observation: Observation, cells: Mapping[str, object]) -> bool:
    return observation.value == cells[observation.ref]


def test_rates_are_never_taken_for_counts(dak_mil: Unit, catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    read, _ = _read(RATES, dak_mil, catalogue, forms)
    assert [f.rule_id for f in read.all_findings] == ["WB-040"]
    assert not read.submissions


def test_rates_without_a_title_are_never_taken_for_counts(
    dak_mil: Unit, catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    book = official_book(RATES, dak_mil, catalogue.children_of(dak_mil, LAST_DAY), YEAR, Random(1))
    book.grids[0].cells[1, 0] = f"Năm {YEAR} - {dak_mil.name}"
    read = read_workbook(write_book(book), "bieu.xlsx", catalogue, forms)
    figures = [o for s in read.submissions for o in s.observations if o.breakdown.startswith("poverty_factor")]
    assert not figures
    assert any(f.severity == "error" for f in read.all_findings)
