"""Definitions: what ships is right, and what is wrong is refused with its place."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest.core.catalogue import Catalogue
from ingest.core.catalogue_files import REPORTS, SEEDS
from publish.definition import DefinitionError, ReportDefinition, load_definition

Change = Callable[[str, str, str], Path]


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """A copy of the definitions with one text of one file replaced."""

    def call(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "reports"
        shutil.copytree(REPORTS, folder)
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return call


@pytest.mark.parametrize("code", [path.stem for path in REPORTS.glob("provincial_*.yml")])
def test_shipped_definitions_are_valid(code: str) -> None:
    assert load_definition(code).report_code == code


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "provincial_year.yml",
            "indicator: poor_households}",
            "indicator: poor_housholds}",
            "no indicator 'poor_housholds'",
        ),
        ("provincial_year.yml", "domains: [poverty]", "domains: [povertee]", "no domain 'povertee'"),
        ("provincial_year.yml", "channel=labour_export", "channel=moon", "no category channel=moon"),
        ("provincial_year.yml", "parts: ethnicity", "parts: ethnicities", "no code list 'ethnicities'"),
        ("provincial_year.yml", "{persons}{change}", "{person}{change}", "person"),
        ("provincial_year.yml", "{value} nghèo", "{value nghèo", "expected"),
        ("provincial_year.yml", "{parts}.", "{parts}{value}.", "value"),
        ("provincial_year.yml", "workbook_only: [poor", "workbook_only: [rich", "no indicator 'rich_household_share'"),
        ("provincial_year.yml", "grain: year", "grain: decade", "grain"),
        ("provincial_year.yml", "signatory: ", "signatoree: ", "signatoree"),
        ("provincial_year.yml", "domains: [ntp_budget]", "domains: [poverty]", "two sections"),
        ("provincial_year.yml", "sheet_name: Trẻ em", "sheet_name: Giảm nghèo", "same name"),
        ("provincial_year.yml", "sheet_name: Trẻ em", "sheet_name: Trẻ/em", "sheet_name"),
        ("provincial_year.yml", "headline:", "headline: [", "is not YAML"),
        ("wording.yml", "  rise:", "  arise:", "phrases missing: ['rise']; unknown: ['arise']"),
        ("wording.yml", "tăng {amount}", "tăng {quantity}", "quantity"),
        ("wording.yml", "  household:", "  houseboat:", "no unit of measure 'houseboat'"),
        ("wording.yml", "code: kinh", "code: king", "no category ethnicity=king"),
    ],
)
def test_wrong_definition_is_refused_and_says_what(change: Change, file: str, old: str, new: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=re.escape(message)):
        load_definition("provincial_year", change(file, old, new))


@pytest.mark.parametrize("code", ["no_such_report", "wording", "../reports/provincial_year", ""])
def test_report_that_is_none_names_those_there_are(code: str) -> None:
    with pytest.raises(DefinitionError):
        load_definition(code)


def test_every_day_has_one_consolidating_department(definition: ReportDefinition) -> None:
    first = date(2025, 3, 1)
    assert definition.consolidating_agency(first - timedelta(days=1)).name == "Sở Lao động - Thương binh và Xã hội"
    assert definition.consolidating_agency(first).name == "Sở Nội vụ"
    domains = {domain for section in definition.sections for domain in section.domains}
    for day in (first - timedelta(days=1), first):
        assert all(definition.responsible_agency(domain, day) for domain in domains)
        assert sum(a.is_consolidating and a.valid_from <= day < a.valid_to for a in definition.agencies) == 1


def test_new_indicator_in_the_report_needs_no_code(change: Change) -> None:
    folder = change("provincial_year.yml", "headline:\n", "headline:\n  - {indicator: disabled_persons}\n")
    assert load_definition("provincial_year", folder).headline[0].indicator == "disabled_persons"


def test_departments_are_those_of_the_catalogue(tmp_path: Path) -> None:
    for seed in SEEDS.glob("*.csv"):
        text = seed.read_text(encoding="utf-8")
        if seed.name == "responsibilities.csv":
            text = text.replace("Sở Nội vụ", "Sở Nội vụ và Lao động").replace(",SNV,", ",SNVLĐ,")
        (tmp_path / seed.name).write_text(text, encoding="utf-8")
    definition = load_definition("provincial_year", catalogue=Catalogue(tmp_path))
    agency = definition.consolidating_agency(date(2026, 1, 1))
    assert (agency.name, agency.symbol) == ("Sở Nội vụ và Lao động", "SNVLĐ")
    responsible = definition.responsible_agency("poverty", date(2026, 1, 1))
    assert responsible is not None
    assert responsible.name == "Sở Nông nghiệp và Môi trường"
