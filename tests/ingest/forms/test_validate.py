"""A form that does not fit is refused with the file and the line where it does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.catalogue_files import FORMS
from ingest.forms import DefinitionError, load_form, load_forms
from ingest.forms.validate import validate_forms
from ingest.readers.form.read_form import read_workbook
from ingest.submitters.form_template import write_template
from jobs.cli.main import app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a copy of one form that a test may spoil."""
    shutil.copytree(FORMS / "poverty_reasons", tmp_path / "poverty_reasons")
    return tmp_path


def _spoil(folder: Path, file: str, old: str, new: str) -> int:
    """Replaces a text in a file of the form and returns the line where it stood."""
    path = folder / "poverty_reasons" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_projects_own_forms_fit(catalogue: Catalogue) -> None:
    assert validate_forms(FORMS, catalogue) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("form.yml", "domain: poverty", "domain: weather", '"weather" is not in the list "domain"'),
        ("form.yml", "code: poverty_reasons", "code: poverty_reason", "is not the folder's name"),
        ("form.yml", "layout: official", "layout: borrowed", "layout"),
        ("form.yml", "frequency: [year]", "frequency: [year, quarter]", 'no due rule for "quarter"'),
        ("form.yml", "rank: 10", "rnak: 10", "rnak: Extra inputs are not permitted"),
        ("v01.yml", "version: v01", "version: v07", "is not the file's name"),
        ("v01.yml", "indicator: poor_households", "indicator: poor_house", 'no indicator "poor_house"'),
        ("v01.yml", "poverty_factor: r3", "poverty_factor: r33", '"r33" is not in the list "poverty_factor"'),
        ("v01.yml", "poverty_factor: r3", "colour: r3", 'no list "colour"'),
        ("v01.yml", "poverty_factor: r3", "sex: female", "is not broken down by sex"),
        ("v01.yml", "poverty_factor: r3", "poverty_factor: r4", "means the same as"),
        ("v01.yml", "key: reason_3", "key: reason_2", '"reason_2" stands twice'),
        ("v01.yml", "rows: {kind: units}", "rows: {kind: planets}", "planets"),
        ("v01.yml", "valid_from: 2021-11-01", "valid_from: 2021-11-41", "valid_from"),
        ("v01.yml", '    official_code: "10"\n', "", "names its official_code"),
        ("rules.yml", "id: REA-002", "id: REA-001", "REA-001 is used twice"),
        ("rules.yml", "whole: poor_households", "whole: poor_people", 'no column "poor_people"'),
        ("rules.yml", "kind: total_row", "kind: magic", "kind"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(
    folder: Path, catalogue: Catalogue, file: str, old: str, new: str, said: str
) -> None:
    line = _spoil(folder, file, old, new)
    problems = [problem for problem in validate_forms(folder, catalogue) if said in problem.message]
    assert problems, validate_forms(folder, catalogue)
    assert problems[0].path.name == file
    # What only shows where row and column meet is said of the column, whose definition has a few lines.
    assert abs(problems[0].line - line) <= 4, (problems[0].line, line)


def test_a_broken_yaml_file_is_named_with_its_line(folder: Path, catalogue: Catalogue) -> None:
    _spoil(folder, "v01.yml", "    columns:\n", "    columns: [\n")
    problems = validate_forms(folder, catalogue)
    assert [problem.path.name for problem in problems] == ["v01.yml"]
    assert problems[0].line > 1


def test_a_key_that_stands_twice_is_no_silent_choice(folder: Path) -> None:
    line = _spoil(folder, "form.yml", "rank: 10", "rank: 10\nrank: 20")
    with pytest.raises(DefinitionError, match=rf"form\.yml:{line + 1}: \"rank\" stands twice"):
        load_form(folder / "poverty_reasons")


def test_versions_must_not_overlap(folder: Path, catalogue: Catalogue) -> None:
    first = folder / "poverty_reasons" / "v01.yml"
    (first.parent / "v02.yml").write_text(first.read_text(encoding="utf-8").replace("v01", "v02"), encoding="utf-8")
    assert any("overlaps with v01" in problem.message for problem in validate_forms(folder, catalogue))


def test_a_folder_without_form_is_said(folder: Path, catalogue: Catalogue) -> None:
    (folder / "half_done").mkdir()
    assert any("form.yml" in str(p) and "is missing" in p.message for p in validate_forms(folder, catalogue))


def test_the_command_exits_with_1_and_prints_file_and_line(folder: Path) -> None:
    validate = ["forms", "validate", str(folder)]
    assert CliRunner().invoke(app, validate).exit_code == 0
    line = _spoil(folder, "v01.yml", "poverty_factor: r3", "poverty_factor: r33")
    result = CliRunner().invoke(app, validate)
    assert result.exit_code == 1
    assert f"v01.yml:{line}:" in result.output


def test_a_new_column_needs_no_python(folder: Path, catalogue: Catalogue) -> None:
    _spoil(
        folder,
        "v01.yml",
        "      - label: Số hộ nghèo theo nguyên nhân",
        "      - {key: near_poor, label: Tổng số hộ cận nghèo, indicator: near_poor_households}\n"
        "      - label: Số hộ nghèo theo nguyên nhân",
    )
    assert validate_forms(folder, catalogue) == []
    table = load_form(folder / "poverty_reasons").versions[0].tables[0]
    assert [column.key for column in table.leaves][:3] == ["poor_households", "near_poor", "reason_1"]


NEW_FORM = """\
code: local_fund
name_vi: Quỹ Vì người nghèo
name_en: Fund for the poor
domain: poverty
layout: own
reporters: [{level: district}]
frequency: [year]
due: [{period: year, days_after: 15}]
legal_basis: [Quyết định của Ủy ban nhân dân tỉnh]
"""
NEW_VERSION = """\
version: VERSION
valid_from: FROM
tables:
  - code: QUY01
    title_vi: Hộ nghèo được Quỹ hỗ trợ
    title_en: Poor households supported by the fund
    rows: {kind: units}
    columns:
      - {key: houses, label: Nhà được hỗ trợ, indicator: poor_households, breakdown: {support_kind: housing}}
"""
NEW_COLUMN = (
    "      - {key: credit, label: Hộ được vay, indicator: poor_households, breakdown: {support_kind: credit}}\n"
)


def test_a_new_form_and_its_new_version_need_no_python(dak_mil: Unit, catalogue: Catalogue, tmp_path: Path) -> None:
    """From YAML alone: checked, written as a template, filled in and read back, each year in its version."""
    form_folder = tmp_path / "local_fund"
    form_folder.mkdir()
    first = NEW_VERSION.replace("VERSION", "v01").replace("FROM", "2022-01-01\nvalid_to: 2024-01-01")
    second = NEW_VERSION.replace("VERSION", "v02").replace("FROM", "2024-01-01") + NEW_COLUMN
    for name, text in (("form.yml", NEW_FORM), ("v01.yml", first), ("v02.yml", second)):
        (form_folder / name).write_text(text, encoding="utf-8")
    assert validate_forms(tmp_path, catalogue) == []
    forms = load_forms(tmp_path)
    for year, keys in (("2023", ["houses"]), ("2024", ["houses", "credit"])):
        values = {("24667", key): 5 + number for number, key in enumerate(keys)}
        book = tmp_path / f"{year}.xlsx"
        write_template(forms["local_fund"], dak_mil, year, book, catalogue, values)
        (submission,) = read_workbook(book.read_bytes(), book.name, catalogue, forms).submissions
        of_commune = [o.value for o in submission.observations if o.unit_id == "24667@base"]
        assert sorted(of_commune) == sorted(values.values())
        assert submission.form_version == ("v01" if year == "2023" else "v02")
