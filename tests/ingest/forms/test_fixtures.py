"""Each version of each form carries a filled example, which breaks no rule and comes back as it went."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.core.catalogue import Catalogue
from ingest.core.catalogue_files import FORMS
from ingest.core.periods import parse_period
from ingest.forms import load_forms
from ingest.forms.fixtures import Fixture, fixtures_of
from ingest.forms.layout import cells_of
from ingest.forms.schema import Form
from ingest.readers.form.read_form import read_workbook
from ingest.submitters.form_template import write_template

EXAMPLES = [(code, fixture) for code in load_forms() for fixture in fixtures_of(FORMS / code)]


def test_every_version_has_one(forms: Mapping[str, Form]) -> None:
    asked = {(f.code, v.version) for f in forms.values() if f.head.source_kind == "form" for v in f.versions}
    assert {(code, fixture.version) for code, fixture in EXAMPLES} == asked


@pytest.mark.parametrize(("code", "fixture"), EXAMPLES, ids=lambda one: getattr(one, "version", one))
def test_an_example_is_read_back_without_a_finding(
    code: str, fixture: Fixture, forms: Mapping[str, Form], catalogue: Catalogue, tmp_path: Path
) -> None:
    unit = catalogue.unit_by_code(fixture.unit_code, parse_period(fixture.period).last_day)
    assert unit is not None
    path = tmp_path / "book.xlsx"
    write_template(forms[code], unit, fixture.period, path, catalogue, fixture.values)
    read = read_workbook(path.read_bytes(), path.name, catalogue, forms)
    assert read.all_findings == []
    (submission,) = read.submissions
    assert (submission.form_code, submission.form_version) == (code, fixture.version)
    found: dict[tuple[str, ...], Decimal] = {
        (o.unit_id, o.indicator_code, o.breakdown, o.measure, o.accumulation): o.value for o in submission.observations
    }
    cells = {(cell.row, cell.column): cell for cell in cells_of(forms[code], unit, fixture.period, catalogue)}
    for place, value in fixture.values.items():
        cell = cells[place]
        key = (cell.unit_id, cell.indicator_code, cell.breakdown, cell.measure, cell.accumulation)
        assert found[key] == value * cell.factor, place
