"""A person's answers about a report: from the workbook to the facts and to the next report's reading."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from openpyxl.cell.rich_text import CellRichText, TextBlock
from typer.testing import CliRunner

from ingest.core.catalogue import load_catalogue
from ingest.narrative.learned import CONFIRMED
from ingest.review import labels
from ingest.review.answers import read_answers
from ingest.review.proposals import minimum_confidence, read_review
from ingest.review.workbook import AT, DATA, DATA_FIRST_ROW, FIRST_ROW, SHEET
from jobs.cli.main import app
from tests.conftest import Database

HEAD = """
ỦY BAN NHÂN DÂN HUYỆN ĐẮK MIL

Đắk Mil, ngày 05 tháng 01 năm {next}

BÁO CÁO
Kết quả công tác an sinh xã hội năm {year}

"""
# A plain statement; one in words that the lexicon does not know; one that begins like a formula.
BODY = """
Đến cuối năm {year}, toàn huyện có {poor} hộ nghèo với 2.439 khẩu.

Các mái nhà ấm áp được dựng lên từ tấm lòng của cộng đồng là {houses} mái nhà.

= Trao 1.250 phần quà cho người nghèo dịp Tết.
"""


def report(path: Path, year: int = 2023, poor: int = 470, houses: int = 37) -> Path:
    text = HEAD.format(year=year, next=year + 1) + BODY.format(year=year, poor=poor, houses=houses)
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == status, result.output
    return result.output


def rules(output: str) -> list[str]:
    lines = output[output.index("rule_id") :].splitlines()
    return [row["rule_id"] for row in csv.DictReader(lines) if row["rule_id"].startswith(("REV", "TXT", "WB", "FILE"))]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of the test's own: nothing learned elsewhere is read."""
    monkeypatch.setenv("ANSINH_PHRASINGS", str(tmp_path / "phrasings.yml"))
    return tmp_path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    run("review", report(tmp_path / "bao-cao.txt"), "--out", tmp_path / "phieu.xlsx")
    return tmp_path / "phieu.xlsx"


def row_of(sheet, raw: str) -> int:
    """The row of the sheet (from 1) whose number is written so."""
    rows = range(FIRST_ROW + 1, sheet.max_row + 1)
    return next(row for row in rows if sheet.cell(row, AT["raw"] + 1).value == raw)


def fill(path: Path, *answers: tuple[str, Mapping[str, Any]]) -> Path:
    """Fills in answers, each by the number as written, as an office program would."""
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    for raw, cells in answers:
        row = row_of(sheet, raw)
        for key, value in cells.items():
            sheet.cell(row, AT[key] + 1).value = value
    book.save(path)
    return path


RIGHT = {"verdict": labels.CONFIRM}
NO_FIGURE = {"verdict": labels.REFUSE}
HOUSES = {"verdict": labels.CORRECT, "indicator_right": "Số nhà được hỗ trợ [houses_supported]"}


def extracted(path: Path) -> dict[str, dict[str, str]]:
    return {row["raw"]: row for row in csv.DictReader(io.StringIO(run("extract", path)))}


# The workbook


def test_the_workbook_shows_every_number_in_its_sentence(book, tmp_path):
    sheet = openpyxl.load_workbook(book, rich_text=True)[SHEET]
    rows = range(FIRST_ROW + 1, sheet.max_row + 1)
    assert [sheet.cell(row, AT["raw"] + 1).value for row in rows] == list(extracted(tmp_path / "bao-cao.txt"))
    row = row_of(sheet, "470 hộ nghèo")
    sentence = sheet.cell(row, AT["sentence"] + 1).value
    assert "toàn huyện có 470 hộ nghèo với 2.439 khẩu" in str(sentence)
    assert isinstance(sentence, CellRichText)
    assert [str(part) for part in sentence if isinstance(part, TextBlock) and part.font.b] == ["470 hộ nghèo"]
    assert sheet.cell(row, AT["indicator"] + 1).value == "Số hộ nghèo"
    assert sheet.freeze_panes == f"D{FIRST_ROW + 1}"
    offered = [v.type for v in sheet.data_validations.dataValidation if v.type]
    assert (offered.count("list"), offered.count("decimal")) == (7, 1)


def test_no_cell_of_the_workbook_is_a_formula_but_the_count_of_answers(tmp_path):
    run("review", report(tmp_path / "=1+1.txt"), "--out", tmp_path / "book.xlsx")
    with zipfile.ZipFile(tmp_path / "book.xlsx") as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        formulas = [part for name in sheets for part in archive.read(name).decode().split("<f>")[1:]]
    assert [formula.split("</f>")[0][:26] for formula in formulas] == ['"Đã trả lời / answered: "&']
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")[SHEET]
    sentence = sheet.cell(row_of(sheet, "1.250 phần quà"), AT["sentence"] + 1)
    assert (sentence.data_type, str(sentence.value).split("\n")[-1][:6]) == ("s", "= Trao")


def test_what_is_no_report_gets_no_workbook(tmp_path):
    (tmp_path / "list.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert rules(run("review", tmp_path / "list.csv", "--out", tmp_path / "x.xlsx", status=1)) == ["REV-001"]
    assert not (tmp_path / "x.xlsx").exists()
    (tmp_path / "a.txt").write_text("Có 470 hộ nghèo.", encoding="utf-8")
    assert rules(run("review", tmp_path / "a.txt", "--out", tmp_path / "x.xlsx", status=1)) == ["TXT-002", "TXT-003"]
    run("review", tmp_path / "a.txt", status=2)
    run("review", "--apply", tmp_path / "a.txt", status=2)


def test_persons_numbers_are_in_no_workbook(tmp_path):
    path = report(tmp_path / "a.txt")
    path.write_text(path.read_text("utf-8") + "\nLiên hệ 042123456789 để biết 15 hộ nghèo.\n", encoding="utf-8")
    run("review", path, "--out", tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")[SHEET]
    rows = range(FIRST_ROW + 1, sheet.max_row + 1)
    assert [sheet.cell(row, AT["raw"] + 1).value for row in rows] == list(extracted(path))
    numbers = " và ".join(f"04212345678{digit}" for digit in range(4))
    path.write_text(path.read_text("utf-8") + f"\nSố định danh {numbers}.\n", encoding="utf-8")
    assert "LST-013" in run("review", path, "--out", tmp_path / "b.xlsx", status=1)


# Answers


def answers(path: Path):
    return read_answers(path, load_catalogue())


def test_an_untouched_workbook_has_no_answers(book):
    read = answers(book)
    assert (read.answers, read.findings) == ([], [])
    assert len(read.unanswered) == 4


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"verdict": "Có lẽ"}, "REV-012"),
        ({"verdict": labels.CORRECT}, "REV-015"),
        ({"verdict": labels.CONFIRM, "measure_right": "Chỉ tiêu [target]"}, "REV-014"),
        ({"indicator_right": "Số hộ khá giả"}, "REV-013"),
        ({"category_1": "giàu"}, "REV-013"),
        ({"category_1": "[channel=labour_export]"}, "REV-017"),
        ({"period_right": "năm ngoái"}, "REV-013"),
        ({"subject_right": "Huyện Không Có"}, "REV-013"),
        ({"measure_right": "Ước"}, "REV-013"),
        ({"value_right": "bốn trăm"}, "REV-013"),
        ({"verdict": labels.CONFIRM, "raw": "471 hộ"}, "REV-011"),
        ({"verdict": labels.CONFIRM, "place": "L99:1-3"}, "REV-011"),
    ],
)
def test_an_answer_that_cannot_be_used_takes_none_of_the_workbook(book, cells, rule):
    fill(book, ("2.439 khẩu", RIGHT), ("470 hộ nghèo", cells))
    read = answers(book)
    assert ([f.rule_id for f in read.findings], read.answers) == ([rule], [])
    assert read.findings[0].ref.startswith(f"{SHEET}!")


def test_corrections_are_read_however_they_are_written(book):
    fill(
        book,
        ("470 hộ nghèo", {"category_1": "Kinh [ethnicity=kinh]", "period_right": 2022, "value_right": 471,
                    "measure_right": "prior", "subject_right": "Xã Đắk Lao [24673@base]"}),
        ("37", HOUSES),
    )  # fmt: skip
    read = answers(book)
    assert read.findings == []
    first, second = (answer.figure for answer in read.answers)
    assert (first.indicator_code, first.breakdown, first.measure, first.value) == (
        "poor_households", "ethnicity=kinh", "prior", 471,
    )  # fmt: skip
    assert (first.period, first.unit_id, first.accumulation) == ("2022", "24673@base", "point")
    assert (second.indicator_code, second.unit_of_measure, second.value) == ("houses_supported", "house", 37)


def test_a_damaged_workbook_says_so(book, tmp_path):
    made = openpyxl.load_workbook(book)
    stored_row = made[DATA].cell(DATA_FIRST_ROW + 1, 3)
    stored_row.value = str(stored_row.value).replace("470", "570")
    made.save(tmp_path / "tampered.xlsx")
    assert [f.rule_id for f in answers(tmp_path / "tampered.xlsx").findings] == ["REV-011"]
    made = openpyxl.load_workbook(book)
    made[SHEET].delete_cols(AT["verdict"] + 1)
    made.save(tmp_path / "cut.xlsx")
    assert [f.rule_id for f in answers(tmp_path / "cut.xlsx").findings] == ["REV-002"]
    made = openpyxl.load_workbook(book)
    del made[DATA]
    made.save(tmp_path / "bare.xlsx")
    assert [f.rule_id for f in answers(tmp_path / "bare.xlsx").findings] == ["REV-002"]
    (tmp_path / "broken.xlsx").write_bytes(book.read_bytes()[:4000])
    assert [f.rule_id for f in answers(tmp_path / "broken.xlsx").findings] == ["WB-005"]


def test_two_rows_for_one_number_contradict_each_other(book):
    made = openpyxl.load_workbook(book)
    sheet = made[SHEET]
    row = row_of(sheet, "470 hộ nghèo")
    for key in ("place", "raw"):
        sheet.cell(sheet.max_row + (key == "place"), AT[key] + 1).value = sheet.cell(row, AT[key] + 1).value
    sheet.cell(row, AT["verdict"] + 1).value = labels.CONFIRM
    sheet.cell(sheet.max_row, AT["verdict"] + 1).value = labels.REFUSE
    made.save(book)
    assert [f.rule_id for f in answers(book).findings] == ["REV-018"]


# From the answers to the registry, the facts and the next report


def stored(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.connect("transform") as connection:
        return connection.execute(query).fetchall()


FIGURES = """
    select indicator_code, value, confidence
    from staging.observation join registry.submission using (submission_id)
    where state = 'accepted' order by indicator_code
"""


@pytest.mark.database
def test_answers_go_to_the_submission_and_to_the_next_report(database, book, tmp_path):
    run("submit", tmp_path / "bao-cao.txt")
    before = {code: (value, confidence) for code, value, confidence in stored(database, FIGURES)}
    assert "houses_supported" not in before
    fill(book, ("470 hộ nghèo", RIGHT), ("37", HOUSES), ("1.250 phần quà", NO_FIGURE))
    output = run("review", "--apply", book, "--by", "Nguyễn Thị An")
    assert "answers: confirmed: 1" in output
    after = {code: (float(value), confidence) for code, value, confidence in stored(database, FIGURES)}
    assert after["houses_supported"] == (37, 1)
    assert after["poor_households"] == (470, 1)
    assert "gifts" not in after
    # What is no figure is kept as a number all the same.
    kept = stored(
        database, "select indicator_code from staging.quantity where raw = '1.250 phần quà' order by quantity_id"
    )
    assert kept[-1] == ("",)
    versions = stored(database, "select state, reader_version from registry.submission order by submission_id")
    assert [state for state, _ in versions] == ["superseded", "accepted"]
    assert versions[1][1].endswith("+review1")
    assert stored(database, "select reviewed_by, book_name from registry.review") == [("Nguyễn Thị An", "phieu.xlsx")]
    # Again: nothing.
    assert rules(run("review", "--apply", book, "--by", "Nguyễn Thị An")) == ["REV-006"]
    assert len(stored(database, "select from registry.submission")) == 2
    # The next report in the same words, and why.
    following = report(tmp_path / "2024.txt", 2024, 388, 52)
    houses = extracted(following)["52"]
    assert (houses["indicator"], float(houses["confidence"])) == ("houses_supported", CONFIRMED)
    assert extracted(following)["388 hộ nghèo"]["confidence"] == str(CONFIRMED)
    line = houses["ref"].split(":")[0].removeprefix("L")
    assert "confirmed phrasing" in run("extract", following, "--explain", line)
    assert "Nguyễn Thị An" in run("extract", following, "--explain", line)


@pytest.mark.database
def test_another_persons_answer_counts_and_says_that_it_differs(database, book, tmp_path):
    run("submit", tmp_path / "bao-cao.txt")
    run("review", "--apply", fill(book, ("37", HOUSES)), "--by", "An")
    run("review", tmp_path / "bao-cao.txt", "--out", tmp_path / "second.xlsx")
    fill(tmp_path / "second.xlsx", ("37", NO_FIGURE))
    output = run("review", "--apply", tmp_path / "second.xlsx", "--by", "Bình")
    # The wording has two meanings now, so it is remembered for neither.
    assert set(rules(output)) == {"REV-021", "REV-022"}
    assert "houses_supported" not in {code for code, *_ in stored(database, FIGURES)}
    assert len(stored(database, "select from registry.review_answer")) == 2


@pytest.mark.database
def test_answers_about_a_report_that_does_not_count(database, book, tmp_path):
    fill(book, ("470 hộ nghèo", RIGHT))
    assert rules(run("review", "--apply", book, "--by", "An", status=1)) == ["REV-003"]
    run("submit", tmp_path / "bao-cao.txt")
    other = report(tmp_path / "bao-cao-2.txt", poor=469)
    assert rules(run("review", other, "--apply", book, "--by", "An", status=1)) == ["REV-005"]
    run("submit", other)
    assert rules(run("review", "--apply", book, "--by", "An", status=1)) == ["REV-004"]
    assert stored(database, "select from registry.review") == []


@pytest.mark.database
def test_answers_only_grow(database):
    with database.connect("ingest") as connection, pytest.raises(Exception, match=r"denied|only grows"):
        connection.execute("delete from registry.review_answer")


# Confirmed wordings


def test_confirmed_wordings_are_data(tmp_path):
    path = report(tmp_path / "a.txt")
    review, _ = read_review(path, path.name, load_catalogue())
    assert review is not None
    words = next(row.words for row in review.rows if row.proposal.raw == "37")
    entry = {"words": words.words, "under": words.under, "unit": words.unit, "indicator": "houses_supported",
             "confirmed_by": "An", "confirmed_at": "2024-01-05T08:00:00Z"}  # fmt: skip
    learned = tmp_path / "phrasings.yml"
    learned.write_text(yaml.safe_dump({"phrasings": [entry]}, allow_unicode=True), encoding="utf-8")
    assert extracted(path)["37"]["indicator"] == "houses_supported"
    # One more meaning of the same words: neither is used.
    learned.write_text(
        yaml.safe_dump({"phrasings": [entry, {**entry, "indicator": "housing_supported_households"}]}), encoding="utf-8"
    )
    assert extracted(path)["37"]["indicator"] == ""
    # An indicator that is no longer in the catalogue.
    learned.write_text(yaml.safe_dump({"phrasings": [{**entry, "indicator": "gone"}]}), encoding="utf-8")
    assert extracted(path)["37"]["indicator"] == ""


def test_a_broken_file_of_wordings_is_a_finding(tmp_path):
    path = report(tmp_path / "a.txt")
    before = extracted(path)
    (tmp_path / "phrasings.yml").write_text("phrasings: [{words: 3, indicator", encoding="utf-8")
    assert extracted(path) == before
    assert "TXT-011" in rules(run("check", path))


def test_one_setting_says_what_waits_for_a_person():
    assert 0 < minimum_confidence() < CONFIRMED
