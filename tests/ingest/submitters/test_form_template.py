"""A template is written, filled and read back: the same values; and officers can't break it by accident."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.made_forms import consistent_values
from ingest.core.catalogue import Catalogue, Unit, load_catalogue
from ingest.core.model import ReadFile
from ingest.forms import load_forms
from ingest.forms.layout import FormNotAskedError, cells_of
from ingest.forms.schema import Form
from ingest.readers.form.read_form import read_workbook
from ingest.submitters.form_template import FilledForm, write_book, write_template, write_templates_all
from ingest.submitters.template_parts import HIDDEN_SHEET

WITH_TABLES = [form for form in load_forms().values() if any(version.tables for version in form.versions)]


def _reporter(form: Form, period: str, catalogue: Catalogue) -> Unit:
    """A unit that reports the form: a district of Đắk Nông before the reform, a commune of Lâm Đồng after it."""
    code, day = ("24670", date(2026, 6, 30)) if period.startswith("2026") else ("663", date(2023, 12, 31))
    unit = catalogue.unit_by_code(code, day)
    assert unit is not None
    return unit


def _figures(read: ReadFile) -> dict[tuple[str, ...], Decimal]:
    return {
        (o.unit_id, o.indicator_code, o.breakdown, o.measure, o.accumulation): o.value
        for submission in read.submissions
        for o in submission.observations
    }


@st.composite
def _filled(draw: st.DrawFn, form: Form) -> tuple[str, dict[tuple[str, str], Decimal]]:
    """A period and values for any of a form's cells that are not computed; some are left empty."""
    catalogue = load_catalogue()
    year = draw(st.sampled_from(("2023", "2026")))
    kind = draw(st.sampled_from([kind for kind in form.head.frequency if kind in ("year", "quarter")]))
    period = year if kind == "year" else f"{year}-Q2"
    unit = _reporter(form, period, catalogue)
    values = {}
    for cell in cells_of(form, unit, period, catalogue):
        if cell.is_computed or draw(st.integers(0, 5)) == 0:
            continue
        if cell.unit_of_measure in ("percent", "percentage_point"):
            values[cell.row, cell.column] = Decimal(draw(st.integers(0, 20_000))) / 100
        elif cell.factor > 1:
            values[cell.row, cell.column] = Decimal(draw(st.integers(0, 10**9))) / 1_000
        elif cell.unit_of_measure == "vnd":
            # No payment is below a thousand dong.
            values[cell.row, cell.column] = Decimal(draw(st.integers(0, 10**9))) * 1_000
        else:
            values[cell.row, cell.column] = Decimal(draw(st.integers(0, 10**6)))
    return period, values


@pytest.mark.parametrize("form", WITH_TABLES, ids=lambda form: form.code)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_filled_in_is_read_back(form: Form, data: st.DataObject, tmp_path: Path) -> None:
    period, values = data.draw(_filled(form))
    catalogue = load_catalogue()
    unit = _reporter(form, period, catalogue)
    path = tmp_path / "form.xlsx"
    write_template(form, unit, period, path, catalogue, values)
    read = read_workbook(path.read_bytes(), path.name, catalogue, load_forms())

    # Two tables of a form may ask for the same quantity; random values then differ, and both are kept.
    found: dict[tuple[str, ...], set[Decimal]] = {}
    for submission in read.submissions:
        for o in submission.observations:
            key = (o.unit_id, o.indicator_code, o.breakdown, o.measure, o.accumulation)
            found.setdefault(key, set()).add(o.value)
    for cell in cells_of(form, unit, period, catalogue):
        if (value := values.get((cell.row, cell.column))) is not None:
            key = (cell.unit_id, cell.indicator_code, cell.breakdown, cell.measure, cell.accumulation)
            assert value * cell.factor in found[key]
    structural = [
        f for f in read.all_findings if f.rule_id.startswith(("WB", "FORM", "CELL")) and f.rule_id != "WB-023"
    ]
    assert not structural


@pytest.mark.parametrize("form", WITH_TABLES, ids=lambda form: form.code)
@pytest.mark.parametrize("year", ["2023", "2026"])
def test_consistent_values_come_back_without_any_finding(
    form: Form, year: str, catalogue: Catalogue, forms: Mapping[str, Form], tmp_path: Path
) -> None:
    unit = _reporter(form, year, catalogue)
    values = consistent_values(form, unit, year, catalogue, Random(11))
    path = tmp_path / "form.xlsx"
    write_template(form, unit, year, path, catalogue, values)
    read = read_workbook(path.read_bytes(), path.name, catalogue, forms)
    assert read.all_findings == []
    (submission,) = read.submissions
    assert (submission.form_code, submission.period, submission.reporting_unit_id) == (form.code, year, unit.unit_id)
    expected = {
        (c.unit_id, c.indicator_code, c.breakdown, c.measure, c.accumulation): values[c.row, c.column] * c.factor
        for c in cells_of(form, unit, year, catalogue)
        if (c.row, c.column) in values
    }
    assert _figures(read) == expected
    assert all(observation.ref and observation.raw for observation in submission.observations)


@pytest.fixture
def poverty_book(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path: Path) -> Path:
    """An empty poverty review of a district."""
    path = tmp_path / "poverty.xlsx"
    write_template(forms["poverty_review"], dak_mil, "2023", path, catalogue)
    return path


def test_an_empty_template_holds_no_figure(poverty_book: Path, catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    (submission,) = read_workbook(poverty_book.read_bytes(), "x.xlsx", catalogue, forms).submissions
    assert submission.observations == []


def test_the_template_is_ready_to_be_filled(poverty_book: Path) -> None:
    workbook = openpyxl.load_workbook(poverty_book)
    sheet = workbook["POV01"]
    assert sheet["A1"].value == "ỦY BAN NHÂN DÂN HUYỆN ĐẮK MIL"
    labels = [row[1].value for row in sheet.iter_rows() if isinstance(row[1].value, str)]
    assert "Xã Đắk Lao" in labels
    assert labels.index("Tổng cộng") > labels.index("Xã Đắk Lao")
    assert sheet.protection.sheet
    first = next(row for row in sheet.iter_rows() if row[1].value == "Xã Đắk Lao")
    total = next(row for row in sheet.iter_rows() if row[1].value == "Tổng cộng")
    assert first[1].protection.locked
    assert not first[2].protection.locked
    assert str(total[2].value).startswith("=IF(COUNT(")
    assert total[2].protection.locked
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    assert any(validation.formula1 == '"Chính thức,Sơ bộ"' for validation in sheet.data_validations.dataValidation)
    hidden = workbook[HIDDEN_SHEET]
    assert hidden.sheet_state == "hidden"
    assert [cell.value for cell in hidden[2]][:4] == ["poverty_review", "v01", "663", "2023"]


def test_nothing_written_becomes_a_formula(
    forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path: Path
) -> None:
    path = tmp_path / "targets.xlsx"
    issuer = '=HYPERLINK("http://example.invalid","x")'
    values: dict[tuple[str, str], Decimal | int | str]
    values = {("target_jobs", "target_province"): 100, ("target_jobs", "issuer_province"): issuer}
    write_template(forms["assigned_targets"], dak_mil, "2023", path, catalogue, values)
    with zipfile.ZipFile(path) as archive:
        assert b"HYPERLINK" not in archive.read("xl/worksheets/sheet1.xml")
    (submission,) = read_workbook(path.read_bytes(), "x.xlsx", catalogue, forms).submissions
    assert [observation.issuer for observation in submission.observations] == [issuer]


def test_a_total_given_wrong_is_written_wrong(
    forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path: Path
) -> None:
    form = forms["poverty_reasons"]
    values = consistent_values(form, dak_mil, "2023", catalogue, Random(2))
    values["total", "reason_1"] += 5
    path = tmp_path / "wrong.xlsx"
    write_template(form, dak_mil, "2023", path, catalogue, values)
    (finding,) = read_workbook(path.read_bytes(), "x.xlsx", catalogue, forms).all_findings
    assert finding.rule_id == "REA-002"
    assert finding.difference == 5


def test_several_forms_in_one_book_are_several_submissions(
    forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path: Path
) -> None:
    chosen = [forms[code] for code in ("employment", "vocational_training", "social_evils")]
    filled = [FilledForm(form, consistent_values(form, dak_mil, "2023-Q3", catalogue, Random(5))) for form in chosen]
    path = tmp_path / "book.xlsx"
    write_book(filled, dak_mil, "2023-Q3", path, catalogue)
    read = read_workbook(path.read_bytes(), "x.xlsx", catalogue, forms)
    assert not read.all_findings
    assert {submission.form_code for submission in read.submissions} == {form.code for form in chosen}
    assert len({submission.part for submission in read.submissions}) == 3


def test_the_whole_set(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path: Path) -> None:
    written = write_templates_all(forms, dak_mil, "2023-Q3", tmp_path, catalogue)
    quarterly = {form.code for form in WITH_TABLES if "quarter" in form.head.frequency}
    assert {path.name.split("_663_")[0] for path in written} == quarterly


def test_the_same_call_writes_the_same_bytes(
    poverty_book: Path, forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path: Path
) -> None:
    again = tmp_path / "again.xlsx"
    write_template(forms["poverty_review"], dak_mil, "2023", again, catalogue)
    assert again.read_bytes() == poverty_book.read_bytes()


def test_who_is_not_asked_gets_no_template(
    forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path: Path
) -> None:
    with pytest.raises(FormNotAskedError):
        write_template(forms["poverty_review"], dak_mil, "2026", tmp_path / "x.xlsx", catalogue)
    with pytest.raises(FormNotAskedError, match="written report"):
        write_template(forms["written_report"], dak_mil, "2023", tmp_path / "x.xlsx", catalogue)


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed: apt install libreoffice-calc-nogui"
)
@pytest.mark.parametrize("extension", ["xlsx", "xls", "ods"])
def test_libreoffice_calculates_and_saves_the_same_values(
    extension: str, forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path: Path
) -> None:
    expected = {}
    folder = tmp_path / "from"
    folder.mkdir()
    for code in ("poverty_changes", "programme_budget", "employment"):
        path = folder / f"{code}.xlsx"
        values = consistent_values(forms[code], dak_mil, "2023", catalogue, Random(4))
        write_template(forms[code], dak_mil, "2023", path, catalogue, values)
        expected[code] = _figures(read_workbook(path.read_bytes(), path.name, catalogue, forms))
    home = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = ["soffice", home, "--headless", "--convert-to", extension, "--outdir", str(tmp_path)]
    subprocess.run([*command, *map(str, folder.iterdir())], check=True, capture_output=True, timeout=180)
    for code, figures in expected.items():
        read = read_workbook((tmp_path / f"{code}.{extension}").read_bytes(), f"{code}.{extension}", catalogue, forms)
        assert _figures(read) == figures
        assert not read.all_findings
