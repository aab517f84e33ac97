"""Editions: frozen, repeatable, atomic."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from publish import edition as editions
from publish.definition import ReportDefinition, load_definition
from publish.edition import (
    Edition,
    UnknownEditionError,
    diff_editions,
    list_editions,
    publish_edition,
    restore_files,
    show_edition,
)
from publish.report_data import NothingToPublishError

if TYPE_CHECKING:
    from tests.conftest import Database

pytestmark = pytest.mark.database
Publish = Callable[..., Edition]


@pytest.fixture
def publish(filled: Database, tmp_path: Path) -> Publish:
    def call(**changes: Any) -> Edition:
        asked = {
            "report_code": "provincial_year",
            "province_code": "67",
            "period": "2023",
            "approved_by": "tester",
            "out_dir": tmp_path / "out",
        }
        return publish_edition(filled.settings, filled.url, **{**asked, **changes})

    return call


@pytest.fixture
def correct(filled: Database) -> Callable[[str, str], None]:
    """Gives the province's number of poor households and Đắk Mil's another value, as a corrected return would."""

    def call(province: str, unit: str) -> None:
        with filled.connect("transform") as connection:
            for table, value, condition in (
                ("rpt_provincial_year", province, "breakdown = ''"),
                ("rpt_unit_year", unit, "unit_id = '663@base'"),
            ):
                connection.execute(
                    f"update marts.{table} set value = %s where indicator_code = 'poor_households' and {condition}",
                    (value,),
                )

    return call


def rows_of(database: Database) -> list[tuple[Any, ...]]:
    """Everything in the publication schema."""
    with database.connect("publish") as connection:
        return [
            row
            for table in ("edition", "edition_figure", "edition_file")
            for row in connection.execute(f"select * from publication.{table} order by 1, 2").fetchall()
        ]


def digests(edition: Edition) -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in edition.files]


def test_first_edition_freezes_figures_and_files(publish: Publish, filled: Database) -> None:
    edition = publish()
    assert (edition.edition_number, edition.is_new, edition.revisions) == (1, True, ())
    assert [path.name for path in edition.files] == [
        "provincial_year_67_2023_edition_1.docx",
        "provincial_year_67_2023_edition_1.xlsx",
    ]
    with filled.connect("publish") as connection:
        recorded = connection.execute("select path, sha256 from publication.edition_file order by path").fetchall()
        value = connection.execute(
            "select figure ->> 'value' from publication.edition_figure"
            " where figure ->> 'kind' = 'figure' and figure ->> 'indicator_code' = 'poor_household_rate'"
        ).fetchone()
    assert recorded == [(path.name, digest) for path, digest in zip(edition.files, digests(edition), strict=True)]
    assert value == ("3.104",)


def test_publishing_again_changes_nothing(publish: Publish, filled: Database) -> None:
    first = publish()
    before, times = rows_of(filled), [path.stat().st_mtime_ns for path in first.files]
    second = publish()
    assert not second.is_new
    assert (second.edition_id, second.files) == (first.edition_id, first.files)
    assert rows_of(filled) == before
    assert [path.stat().st_mtime_ns for path in second.files] == times


def test_what_the_database_numbers_is_not_content(publish: Publish, filled: Database) -> None:
    first = publish()
    with filled.connect("transform") as connection:
        connection.execute("update marts.rpt_unit_year set observation_id = observation_id + 1000")
        connection.execute("update marts.rpt_provincial_year set sort_order = sort_order * 10")
    assert publish().edition_id == first.edition_id


def test_missing_and_altered_files_come_back_byte_for_byte(
    publish: Publish, correct: Callable[[str, str], None], filled: Database
) -> None:
    first = publish()
    published = digests(first)
    first.files[0].unlink()
    first.files[1].write_bytes(b"tampered with")
    assert digests(publish()) == published
    # Not from the marts, which say something else by now.
    correct("2180", "480")
    first.files[1].unlink()
    assert digests(restore_files(filled.url, first.edition_id, first.files[0].parent)) == published


def test_file_is_made_again_with_the_wording_it_was_published_with(
    publish: Publish, filled: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = publish()
    published = digests(first)
    current = load_definition("provincial_year")
    reworded = current.model_copy(update={"signatory": "KT. GIÁM ĐỐC"})
    monkeypatch.setattr(editions, "load_definition", lambda code: reworded)
    first.files[0].unlink()
    assert digests(publish()) == published
    # Software that cannot read the old wording any more says so, and writes the same figures.
    monkeypatch.setattr(editions, "thaw_definition", lambda rows: ReportDefinition.model_validate({}))
    first.files[0].unlink()
    assert publish().files[0].is_file()
    assert digests(first)[0] != published[0]
    assert "its wording cannot be used any more" in caplog.text
    assert "not byte for byte as published" in caplog.text


def test_correction_makes_the_next_edition_and_says_what_changed(
    publish: Publish, correct: Callable[[str, str], None], filled: Database
) -> None:
    first = publish()
    published = digests(first)
    correct("2180", "480")
    second = publish(reason="Đắk Mil nộp lại")
    assert (second.edition_number, second.is_new, second.reason) == (2, True, "Đắk Mil nộp lại")
    assert [(r.unit_name, r.aspect, r.old, r.new, r.difference) for r in second.revisions] == [
        ("Tỉnh Đắk Nông", "value", Decimal(2170), Decimal(2180), Decimal(10)),
        ("Huyện Đắk Mil", "value", Decimal(470), Decimal(480), Decimal(10)),
    ]
    assert diff_editions(filled.url, first.edition_id, second.edition_id) == list(second.revisions)
    assert digests(first) == published
    edition, frozen = show_edition(filled.url, first.edition_id)
    assert edition.edition_number == 1
    figure = frozen.figure("poor_households")
    assert figure is not None
    assert figure.value == 2170


def test_going_back_is_a_third_edition(publish: Publish, correct: Callable[[str, str], None]) -> None:
    first = publish()
    correct("2180", "480")
    publish()
    correct("2170", "470")
    third = publish()
    assert third.edition_number == 3
    assert third.content_sha256 == first.content_sha256


def test_a_new_finding_is_a_new_edition_without_changed_figures(publish: Publish, filled: Database) -> None:
    publish()
    with filled.connect("ingest") as connection:
        connection.execute(
            "insert into registry.check_result (sha256, submission_id, rule_id, outcome, severity, message_vi)"
            " values (%s, 10, 'TXT-009', 'fail', 'warning', 'Cần xem lại')",
            ("0" * 64,),
        )
    second = publish()
    assert (second.edition_number, second.revisions) == (2, ())


def test_failed_writing_leaves_no_edition_and_no_file(
    publish: Publish, filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setitem(editions.WRITERS, ".docx", fail)
    with pytest.raises(OSError, match="No space"):
        publish()
    assert rows_of(filled) == []
    assert list((tmp_path / "out").iterdir()) == []


def test_two_at_once_make_one_edition(publish: Publish, filled: Database) -> None:
    made: list[Edition] = []
    threads = [threading.Thread(target=lambda: made.append(publish())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(edition.is_new for edition in made) == [False, True]
    assert len(list_editions(filled.url)) == 1


def test_list_and_unknown_editions(publish: Publish, correct: Callable[[str, str], None], filled: Database) -> None:
    publish()
    correct("2180", "480")
    publish()
    assert [edition.edition_number for edition in list_editions(filled.url, "provincial_year", "67@base", "2023")] == [
        2,
        1,
    ]
    assert list_editions(filled.url, period="2022") == []
    with pytest.raises(UnknownEditionError):
        show_edition(filled.url, 999)


def test_edition_is_frozen_for_everyone(publish: Publish, filled: Database) -> None:
    publish()
    for table in ("edition", "edition_figure"):
        with filled.connect() as owner, pytest.raises(psycopg.errors.RaiseException, match="only grows"):
            owner.execute(f"delete from publication.{table}")


def test_nothing_to_publish_leaves_nothing(publish: Publish, filled: Database, tmp_path: Path) -> None:
    with pytest.raises(NothingToPublishError):
        publish(period="2022")
    assert rows_of(filled) == []
    assert not (tmp_path / "out").exists()


def test_more_decimals_of_the_same_number_are_the_same_content(publish: Publish, filled: Database) -> None:
    first = publish()
    with filled.connect("transform") as connection:
        connection.execute("update marts.rpt_provincial_year set value = round(value, 6)")
    assert publish().edition_id == first.edition_id


def test_settings_say_where_reports_go(publish: Publish, filled: Database) -> None:
    edition = publish(out_dir=None)
    assert all(path.parent == filled.settings.outbox / "reports" for path in edition.files)
