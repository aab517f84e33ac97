"""The committed files: made by the script, read to what the model says, two of them wrong on purpose."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.core.catalogue import Catalogue, load_catalogue
from ingest.core.model import ReadFile
from ingest.readers.dispatch import read_file
from samples.books import NOTE, NOTE_PARTLY, SampleBook, figures_in, sample_books
from samples.generate import INBOX, has_content, sample_files
from samples.model.sources import rows_of
from samples.reports import REPORTS, SampleReport

Stated = Callable[[str, str, str], dict[tuple[str, str, str, str, str], Decimal]]

BOOKS = tuple(sample_books(load_catalogue()))
USABLE = tuple(book for book in BOOKS if book.shape != "broken_off")
SIZE_LIMIT_BYTES = 4_000_000


def read(path: str, catalogue: Catalogue) -> ReadFile:
    return read_file(INBOX / path, path, catalogue)


@pytest.fixture(scope="module")
def made(catalogue: Catalogue) -> dict[str, bytes]:
    return dict(sample_files(catalogue))


def test_the_script_makes_the_committed_files(made: dict[str, bytes]) -> None:
    committed = {path.relative_to(INBOX).as_posix(): path for path in INBOX.rglob("*") if path.is_file()}
    assert set(committed) == set(made)
    differing = [
        path
        for path, content in made.items()
        if not has_content(committed[path].read_bytes(), content, Path(path).suffix)
    ]
    assert not differing, "run: ansinh samples"


def test_a_changed_cell_is_noticed(made: dict[str, bytes]) -> None:
    quarters = [f"67/663/2023/nguoi-co-cong_2023-quy-{number}.xlsx" for number in (1, 2)]
    assert not has_content(made[quarters[0]], made[quarters[1]], ".xlsx")


def test_the_inbox_is_small_and_its_names_are_plain() -> None:
    files = [path for path in INBOX.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < SIZE_LIMIT_BYTES
    assert all(path.relative_to(INBOX).as_posix().isascii() for path in files)


@pytest.mark.parametrize("book", USABLE, ids=lambda book: book.path)
def test_a_book_reads_to_what_the_model_says(book: SampleBook, catalogue: Catalogue, stated: Stated) -> None:
    result = read(book.path, catalogue)
    assert [(s.form_code, s.reporting_unit_id, s.period, s.status) for s in result.submissions] == [
        (form, book.unit_id, book.period, "official") for form in book.forms
    ]
    if book.shape == "wrong_total":
        return
    assert [f.message_en for f in result.all_findings if f.severity == "error"] == []
    for submission in result.submissions:
        found = {
            (o.unit_id, o.indicator_code, o.breakdown, o.measure, o.accumulation): o.value
            for o in submission.observations
        }
        assert found == stated(submission.form_code, book.unit_id, book.period)


@pytest.mark.parametrize("book", [book for book in BOOKS if book.forms == ("assigned_targets",)], ids=lambda b: b.path)
def test_targets_name_who_set_them(book: SampleBook, catalogue: Catalogue) -> None:
    (values,) = figures_in(book, catalogue).values()
    issuers = {value for value in values.values() if isinstance(value, str)}
    (submission,) = read(book.path, catalogue).submissions
    assert {o.issuer for o in submission.observations} - {""} == issuers
    assert {o.measure for o in submission.observations} == {"target"}


def test_the_wrong_total_is_found_where_it_is(catalogue: Catalogue) -> None:
    (book,) = [book for book in BOOKS if book.shape == "wrong_total"]
    result = read(book.path, catalogue)
    faults = {finding.rule_id: finding for finding in result.all_findings if finding.severity == "error"}
    figures = figures_in(book, catalogue)["employment"]
    true_total = sum(Decimal(value) for (_, column), value in figures.items() if column == "jobs_created")
    # The total is wrong, and it is not the one that the table by channel states: one mistake.
    assert set(faults) == {"EMP-002"}
    assert faults["EMP-002"].also == ("WB-023",)
    assert faults["EMP-002"].ref.startswith("VL01!")
    assert true_total in (faults["EMP-002"].lhs, faults["EMP-002"].rhs)
    assert not result.submissions[0].is_acceptable


def test_the_piece_of_a_file_is_unusable(catalogue: Catalogue) -> None:
    (book,) = [book for book in BOOKS if book.shape == "broken_off"]
    result = read(book.path, catalogue)
    assert result.submissions == []
    assert [finding.severity for finding in result.findings] == ["error"]


@pytest.mark.parametrize("book", [book for book in USABLE if book.path.endswith(".xlsx")], ids=lambda book: book.path)
def test_a_book_says_that_it_is_simulated(book: SampleBook) -> None:
    with zipfile.ZipFile(INBOX / book.path) as archive:
        properties = archive.read("docProps/core.xml").decode()
    is_partly_published = book.unit_id == "663@base" and book.period.startswith("2023")
    assert (NOTE_PARTLY if is_partly_published else NOTE) in properties


def told(result: ReadFile) -> dict[tuple[str, str, str, str], set[Decimal]]:
    """The values that a report gives for the same quantity: several where it contradicts itself."""
    (submission,) = result.submissions
    values: dict[tuple[str, str, str, str], set[Decimal]] = defaultdict(set)
    for o in submission.observations:
        values[o.unit_id, o.indicator_code, o.breakdown, o.measure].add(o.value)
    return values


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.path)
def test_a_report_is_read_as_the_units_own_for_its_year(report: SampleReport, catalogue: Catalogue) -> None:
    (submission,) = read(report.path, catalogue).submissions
    assert (submission.form_code, submission.source_kind) == ("written_report", "report")
    assert (submission.reporting_unit_id, submission.period) == (report.unit_id, report.period)


def test_dak_mils_report_tells_the_poverty_that_was_published(catalogue: Catalogue) -> None:
    found = told(read("67/663/2023/bao-cao-nam-2023.docx", catalogue))
    for row in rows_of("published"):
        if row["period"] == "2023" and row["indicator"].startswith(("poor", "near_poor", "avg_living")):
            assert found["663@base", row["indicator"], row["breakdown"], "actual"] == {Decimal(row["value"])}, row
    for indicator, value in (("poor_households", 470), ("poor_persons", 2439), ("near_poor_households", 945)):
        assert found["663@base", indicator, "", "actual"] == {value}
    assert found["663@base", "poor_household_rate", "", "actual"] == {Decimal("1.68")}


def test_dak_rlaps_report_tells_the_poverty_of_its_workbook(catalogue: Catalogue, stated: Stated) -> None:
    found = told(read("67/666/2023/bao-cao-nam-2023.txt", catalogue))
    review = stated("poverty_review", "666@base", "2023")
    for indicator, breakdown in (
        ("poor_households", ""),
        ("poor_persons", ""),
        ("poor_households", "ethnicity=minority"),
        ("near_poor_households", ""),
        ("near_poor_persons", ""),
    ):
        expected = review["666@base", indicator, breakdown, "actual", "point"]
        assert found["666@base", indicator, breakdown, "actual"] == {expected}, (indicator, breakdown)
