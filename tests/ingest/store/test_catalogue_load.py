"""The catalogue's tables follow its files, and only when these have changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from ingest.core.catalogue import load_catalogue
from ingest.core.catalogue_files import SEEDS
from ingest.forms import load_forms
from ingest.store.catalogue_load import load_catalogue_tables

pytestmark = pytest.mark.database


@pytest.fixture
def connection(database: Any) -> Iterator[Connection]:
    with database.connect("ingest") as opened:
        opened.autocommit = True
        yield opened


def test_tables_are_copied_once(connection: Connection) -> None:
    assert load_catalogue_tables(connection) == ["admin_unit", "admin_unit_change", "form"]
    assert load_catalogue_tables(connection) == []
    (units,) = connection.execute("select count(*) from catalogue.admin_unit").fetchone() or ()
    assert units == len(load_catalogue().units)
    ranks: dict[str, int] = dict(connection.execute("select form_code, rank from catalogue.form").fetchall())
    assert ranks == {form.code: form.head.rank for form in load_forms().values()}


def test_only_a_changed_file_is_copied_again(connection: Connection, tmp_path: Path) -> None:
    load_catalogue_tables(connection)
    for name in ("admin_units.csv", "admin_unit_changes.csv"):
        (tmp_path / name).write_bytes((SEEDS / name).read_bytes())
    with (tmp_path / "admin_units.csv").open("a", encoding="utf-8") as handle:
        handle.write("99@base,99,province,Tỉnh,Tỉnh Thử,Thử,Test Province,,,\n")
    assert load_catalogue_tables(connection, tmp_path) == ["admin_unit"]
    assert connection.execute("select name from catalogue.admin_unit where unit_id = '99@base'").fetchone() == (
        "Tỉnh Thử",
    )


def test_a_file_that_does_not_fit_changes_nothing(connection: Connection, tmp_path: Path) -> None:
    load_catalogue_tables(connection)
    (tmp_path / "admin_units.csv").write_text("unit_id,code\n1,1\n1,1\n", encoding="utf-8")
    (tmp_path / "admin_unit_changes.csv").write_bytes((SEEDS / "admin_unit_changes.csv").read_bytes())
    with pytest.raises(Exception, match=r"null value|duplicate key"):
        load_catalogue_tables(connection, tmp_path)
    (units,) = connection.execute("select count(*) from catalogue.admin_unit").fetchone() or ()
    assert units == len(load_catalogue().units)
