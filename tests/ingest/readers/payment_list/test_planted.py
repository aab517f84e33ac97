"""Names and numbers planted in good lists and bad ones are found nowhere but in the archive."""

from __future__ import annotations

import logging

import pytest
from typer.testing import CliRunner

from jobs import pipeline
from jobs.cli.main import app
from tests.made_lines import COLUMNS, list_book
from tests.planted import faulty, odd, people, places_that_show, rows_of_tables, shows, with_forms

pytestmark = pytest.mark.database


def test_planted_names_and_numbers_are_nowhere_but_in_the_archive(database, tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    inbox = database.settings.home / "inbox"
    # In a folder of its own each: a list that counts is not to be superseded by the next.
    files = dict([*faulty(), *odd(), *with_forms(tmp_path)])
    for number, (name, data) in enumerate(files.items()):
        folder = inbox / f"{number:03d}"
        folder.mkdir(parents=True)
        (folder / name).write_bytes(data)
    with database.connect("ingest") as connection:
        connection.autocommit = True
        pipeline.register_inbox(connection, database.settings, str(inbox))
        for batch in pipeline.plan_batches(connection):
            pipeline.process_batch(connection, database.settings, batch)
    with database.connect() as connection:
        tables = rows_of_tables(connection)
        kinds = connection.execute("select source_kind, count(*) from registry.submission group by 1").fetchall()
    assert dict(kinds)["list"] > len(COLUMNS)
    assert "staging.payment_line" in tables
    assert b"SYS-001" not in tables["registry.check_result"]
    assert places_that_show(tables) == []
    assert not shows(caplog.text.encode())
    assert not shows("".join(capfd.readouterr()).encode())
    written = [path for path in database.settings.home.rglob("*") if path.is_file()]
    kept = [path for path in written if path.is_relative_to(database.settings.archive)]
    others = [path for path in written if path not in kept and not path.is_relative_to(inbox)]
    assert len(others) > len(files)
    assert places_that_show({path.as_posix(): path.read_bytes() for path in others}) == []
    # That the search finds what is there is shown by the archive.
    assert sum(shows(path.read_bytes()) for path in kept) >= len(kept) - 3


@pytest.mark.parametrize("command", ["extract", "check"])
def test_the_command_line_shows_none_of_them(tmp_path, command, monkeypatch):
    monkeypatch.delenv("ANSINH_PSEUDONYM_KEY")
    for name, data in [*list(faulty())[::4], *odd(), *with_forms(tmp_path)]:
        path = tmp_path / name
        path.write_bytes(data)
        answer = tmp_path / f"{name}.answer.xlsx"
        options = ["--feedback", str(answer)] if command == "check" else []
        result = CliRunner().invoke(app, [command, str(path), *options])
        assert result.exit_code in (0, 1), (name, result.exception)
        assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit), name
        assert not shows(result.output.encode()), name
        assert not answer.exists() or not shows(answer.read_bytes()), name


def test_a_figure_of_a_list_is_traced_to_rows_not_to_persons(database, tmp_path):
    from ingest.readers.show_place import show_place

    data = list_book(people())
    for ref in ("row 6", "row 6-13", "Danh sách!row 6", "#2!row 6-8"):
        assert not shows(show_place(data, "list.xlsx", ref).encode())
