"""The law in the catalogue and the acts that forms print: what is wrong is a problem, what is out of date a warning."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ingest.core.catalogue import Catalogue, load_catalogue
from ingest.core.catalogue_files import FORMS, SEEDS
from ingest.forms import load_forms
from ingest.forms.law import acts_out_of_date, rate_problems, rates_out_of_date

TODAY = date(2026, 11, 30)
Row = dict[str, str]


@pytest.fixture
def rates(tmp_path: Path) -> Callable[..., Path]:
    """The catalogue's folder with the rows of some rates changed, or left out where they become None."""

    def made(change: Callable[[Row], Row | None]) -> Path:
        shutil.copy(SEEDS / "province_rates.csv", tmp_path)
        with (SEEDS / "rates.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with (tmp_path / "rates.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(new for row in rows if (new := change(row)) is not None)
        return tmp_path

    return made


def of(code: str, category: str, since: str) -> Callable[[Row], bool]:
    return lambda row: (row["rate_code"], row["category_code"], row["valid_from"]) == (code, category, since)


def test_what_ships_is_right_and_not_out_of_date() -> None:
    assert list(rate_problems(SEEDS)) == []
    assert list(rates_out_of_date(SEEDS, TODAY)) == []
    assert list(acts_out_of_date(FORMS, load_catalogue())) == []


@pytest.mark.parametrize(
    ("is_it", "differs", "message"),
    [
        (of("sa_standard", "", "2026-07-01"), {"value": ""}, "has no value exactly where verified_in is not_known"),
        (of("sa_standard", "", "2026-07-01"), {"verified_in": "not_known"}, "has no value exactly where"),
        (of("sa_standard", "", "2026-07-01"), {"value": "540.000đ"}, "is no number"),
        (of("sa_standard", "", "2026-07-01"), {"verified_in": "hearsay"}, "is none of"),
        (of("sa_standard", "", "2026-07-01"), {"valid_to": "2026-01-01"}, "not later than valid_from"),
        (of("sa_standard", "", "2026-07-01"), {"former_until": "2026-07-01"}, "former_until is not later"),
        (of("sa_standard", "", "2024-07-01"), {"valid_to": "2026-10-05"}, "overlaps with the row from 2026-07-01"),
        (of("merit_monthly_amount", "m_hero", "2026-07-01"), {"tolerance": ""}, "a tolerance is given exactly where"),
    ],
)
def test_a_rate_that_cannot_be_right_is_told_with_its_line(rates, is_it, differs, message) -> None:
    folder = rates(lambda row: {**row, **differs} if is_it(row) else row)
    problems = list(rate_problems(folder))
    assert problems
    assert all(message in problem.message for problem in problems)
    lines = (folder / "rates.csv").read_text(encoding="utf-8").splitlines()
    assert all(lines[problem.line - 1].startswith(problem.message.split()[0].rstrip(":")) for problem in problems)


def test_a_rate_that_ended_without_another_is_warned_of(rates) -> None:
    folder = rates(lambda row: None if row["valid_from"] == "2026-07-01" and row["rate_code"] == "sa_standard" else row)
    (warning,) = rates_out_of_date(folder, TODAY)
    assert "sa_standard: ended on 2026-07-01" in warning.message
    assert list(rates_out_of_date(folder, date(2026, 6, 30))) == []


@pytest.mark.parametrize("differs", [{"value": "", "verified_in": "not_known"}, None])
def test_saying_that_it_is_not_known_or_ended_is_enough(rates, differs) -> None:
    def change(row: Row) -> Row | None:
        if of("sa_standard", "", "2026-07-01")(row):
            return {**row, **differs} if differs else None
        return {**row, "ended_by": "1/2026/NĐ-CP"} if of("sa_standard", "", "2024-07-01")(row) and not differs else row

    assert list(rates_out_of_date(rates(change), TODAY)) == []


@pytest.fixture
def forms(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """The forms with one text of one form's head replaced."""

    def made(form: str, old: str, new: str) -> Path:
        folder = tmp_path / "forms"
        shutil.copytree(FORMS / form, folder / form)
        text = (folder / form / "form.yml").read_text(encoding="utf-8")
        assert old in text
        (folder / form / "form.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return made


@pytest.mark.parametrize("until", ["", ", valid_to: 2027-01-01"])
def test_an_act_printed_after_its_end_is_warned_of(forms, until: str) -> None:
    old = "{act: Nghị định 20/2021/NĐ-CP, valid_to: 2026-10-05}"
    folder = forms("social_protection", old, f"{{act: Nghị định 20/2021/NĐ-CP{until}}}")
    (warning,) = acts_out_of_date(folder, load_catalogue())
    assert "prints 20/2021/NĐ-CP also from 2026-10-05" in warning.message
    assert "335/2026/NĐ-CP replaced it" in warning.message
    assert warning.path.name == "form.yml"
    assert "20/2021" in warning.path.read_text(encoding="utf-8").splitlines()[warning.line - 1]


def test_every_act_that_a_form_prints_is_in_the_register() -> None:
    known = load_catalogue().acts
    exempt = {"assigned_targets"}  # rests on decisions of each year
    for form in load_forms().values():
        for basis in form.head.legal_basis:
            assert form.code in exempt or any(number in basis.act for number in known), basis.act


def test_acts_name_their_successors(catalogue: Catalogue) -> None:
    for act in catalogue.acts.values():
        assert act.valid_from < act.valid_to
        if act.replaced_by:
            assert act.valid_to < date.max
            assert act.replaced_by in catalogue.acts


@pytest.mark.parametrize(
    ("form", "day", "acts"),
    [
        ("social_protection", date(2023, 12, 31), ["20/2021/NĐ-CP", "02/2021/TT-BLĐTBXH"]),
        ("social_protection", date(2026, 9, 30), ["20/2021/NĐ-CP", "02/2021/TT-BLĐTBXH", "176/2025/NĐ-CP"]),
        ("social_protection", date(2026, 12, 31), ["335/2026/NĐ-CP", "176/2025/NĐ-CP"]),
        ("employment", date(2025, 12, 31), ["38/2013/QH13", "01/2022/TT-BLĐTBXH"]),
    ],
)
def test_a_form_rests_on_the_acts_of_its_period(form: str, day: date, acts: list[str]) -> None:
    assert [act.split()[-1] for act in load_forms()[form].head.acts_on(day)] == acts


def test_rates_of_provinces_are_of_provinces_and_of_rates_that_exist(catalogue: Catalogue) -> None:
    known = {(rate.rate_code, rate.category_code) for rate in catalogue.rates}
    with (SEEDS / "province_rates.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            unit = catalogue.unit_by_code(row["province_code"], date.fromisoformat(row["valid_from"]))
            assert unit is not None
            assert unit.level == "province"
            assert (row["rate_code"], row["category_code"]) in known
            assert row["source"]
