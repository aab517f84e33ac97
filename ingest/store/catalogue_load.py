"""The catalogue's large tables and the forms: copied into the database when they have changed.

dbt's own seeding of 15,000 units takes seconds in every run; COPY takes a tenth of one, once. dbt
declares these tables as sources. The forms' heads come from their definitions in `ingest/forms`, so
that a new form is one folder and nothing else.
"""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

from psycopg import Connection, sql

from ingest.core.catalogue_files import FORMS, SEEDS
from ingest.forms import load_forms

# Table in the schema `catalogue` -> file in the seeds' folder.
FILES = {"admin_unit": "admin_units.csv", "admin_unit_change": "admin_unit_changes.csv"}
# The advisory lock's number has no meaning beyond being this project's own.
_LOCK = 6_719_450_002


def load_catalogue_tables(connection: Connection, seeds: Path = SEEDS, forms: Path = FORMS) -> list[str]:
    """Replaces each table whose content differs from what was loaded; returns the tables replaced.

    One transaction for all: a reader sees the old catalogue or the new one. A file's header names
    the columns; an empty field is NULL.

    Raises:
        FileNotFoundError: a file of the catalogue is missing.
        ingest.forms.DefinitionError: a form does not fit its schema.
        psycopg.Error: a file does not fit its table, or the role may not write; nothing is changed.
    """
    contents = {table: (seeds / name).read_bytes() for table, name in FILES.items()}
    contents["form"] = _forms_as_csv(forms)
    replaced = []
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        loaded: dict[str, str] = dict(connection.execute("select table_name, sha256 from catalogue.source").fetchall())
        for table, content in contents.items():
            digest = hashlib.sha256(content).hexdigest()
            if loaded.get(table) != digest:
                _replace(connection, table, content)
                connection.execute(
                    "insert into catalogue.source (table_name, sha256) values (%s, %s) on conflict (table_name)"
                    " do update set sha256 = excluded.sha256, loaded_at = now()",
                    (table, digest),
                )
                replaced.append(table)
    return replaced


def _forms_as_csv(folder: Path) -> bytes:
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("form_code", "rank", "source_kind", "domain", "name_vi", "name_en"))
    for form in load_forms(folder).values():
        head = form.head
        writer.writerow((head.code, head.rank, head.source_kind, head.domain, head.name_vi, head.name_en))
    return lines.getvalue().encode()


def _replace(connection: Connection, table: str, content: bytes) -> None:
    header = content.split(b"\n", 1)[0].decode("utf-8-sig").strip().split(",")
    connection.execute(sql.SQL("delete from catalogue.{}").format(sql.Identifier(table)))
    statement = sql.SQL("copy catalogue.{} ({}) from stdin (format csv, header true)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, header))
    )
    with connection.cursor().copy(statement) as copy:
        copy.write(content)
