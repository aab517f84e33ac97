"""What is in the warehouse, as checksums: `ansinh bench checksums [--out FOLDER] [--against FOLDER]`.

For a change that is to move no figure: the rows and a checksum of every table and view that dbt makes, over the
samples, over two years of the made province, and over the same province after a build of one correction. `--out`
writes a CSV file for each of the three; `--against` compares with such files and exits with 1 where a relation
differs, is missing or is new. `--renamed old=new` says what a relation is called since, `--only` takes one of three.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from unittest.mock import patch

import psycopg
from psycopg import Connection, sql

from bench.made_province import load_province
from bench.own_warehouse import own_warehouse
from bench.warehouse import Installation, build, correct
from ingest.store.catalogue_load import load_catalogue_tables
from jobs import ingest
from runtime.settings import PROJECT
from runtime.warehouse.connect import connect

SAMPLES = PROJECT / "samples" / "inbox"
YEARS = 2
SCHEMAS = ("marts", "warehouse")
# When this installation heard of something, and what follows from that.
MOMENTS = frozenset(
    {
        "known_from", "known_to", "accepted_at", "received_at", "delivered_at", "superseded_at", "withdrawn_at", "at",
        "received_on", "accepted_on", "days_late", "revised_at", "revised_on", "built_at", "found_after_event_id",
    }
)  # fmt: skip
# Numbers given out in the order in which things came in, and what is made of them.
NUMBERS = frozenset(
    {
        "fact_id", "submission_id", "observation_id", "observation_ids", "old_submission_id", "new_submission_id",
        "old_observation_id", "new_observation_id", "group_id", "delivery_id", "event_id", "last_event_id",
        "check_result_id", "closed_by",
    }
)  # fmt: skip
LEFT_OUT = MOMENTS | NUMBERS


@dataclass(frozen=True, slots=True)
class Checksum:
    """A relation's rows, how many columns were looked at, and the sum of its rows' hashes, whatever their order."""

    relation: str
    rows: int
    columns: int
    checksum: int


def checksums(connection: Connection) -> list[Checksum]:
    """Every table and view of `SCHEMAS`; a row counts with its columns' names and values, `LEFT_OUT` apart."""
    connection.execute("set time zone 'UTC'")
    found: dict[str, dict[str, str]] = {}
    for relation, column, type_name in connection.execute(
        "select table_name, column_name, data_type from information_schema.columns"
        " where table_schema = any(%s) order by table_name, column_name",
        (list(SCHEMAS),),
    ).fetchall():
        found.setdefault(relation, {})
        if column not in LEFT_OUT:
            found[relation][column] = type_name
    connection.execute(
        sql.SQL("set search_path = {}").format(sql.SQL(", ").join(sql.Identifier(schema) for schema in SCHEMAS))
    )
    return [_checksum(connection, relation, columns) for relation, columns in found.items()]


def _checksum(connection: Connection, relation: str, columns: Mapping[str, str]) -> Checksum:
    values = []
    for column, type_name in columns.items():
        value = sql.Identifier(column)
        # 1 and 1.0 are one figure.
        text = sql.SQL("trim_scale({})::text" if type_name == "numeric" else "{}::text").format(value)
        values.append(sql.SQL("{} || coalesce({}, chr(30))").format(sql.Literal(f"{column}="), text))
    row = sql.SQL("concat_ws(chr(31), {})").format(sql.SQL(", ").join(values)) if values else sql.SQL("''")
    query = sql.SQL("select count(*), coalesce(sum(hashtextextended({}, 0)), 0) from {}").format(
        row, sql.Identifier(relation)
    )
    counted = connection.execute(query).fetchone()
    assert counted is not None
    return Checksum(relation, int(counted[0]), len(columns), int(counted[1]))


def made_datasets(only: str | None) -> Iterator[tuple[str, list[Checksum]]]:
    """The checksums of each of the three, by name, each in a warehouse of its own that is deleted afterwards."""
    if only in (None, "samples"):
        with _installed() as installation:
            with patch.dict(os.environ, ANSINH_INBOX=str(SAMPLES)):
                for number, digests in enumerate(ingest.register_deliveries()):
                    ingest.load_batch(digests, f"samples_{number}")
            yield "samples", _built(installation)
    if only in (None, "province", "correction"):
        with _installed() as installation:
            with connect("ingest", installation.url) as connection:
                load_catalogue_tables(connection)
            with psycopg.connect(installation.url, autocommit=True) as connection:
                load_province(connection, YEARS)
            yield "province", _built(installation)
            correct(installation, 0)
            yield "correction", _built(installation)


@contextmanager
def _installed() -> Iterator[Installation]:
    with own_warehouse() as (settings, url), patch.dict(os.environ, ANSINH_DATABASE_URL=url):
        yield Installation(settings, url, YEARS)


def _built(installation: Installation) -> list[Checksum]:
    print(f"  built in {build(installation):.0f} s", flush=True)
    with connect("transform", installation.url) as connection:
        return checksums(connection)


def write(path: Path, found: list[Checksum]) -> None:
    """Writes checksums as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(Checksum))
        writer.writerows(map(astuple, found))


def read(path: Path) -> list[Checksum]:
    """Reads what `write` wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Checksum(row["relation"], int(row["rows"]), int(row["columns"]), int(row["checksum"]))
            for row in csv.DictReader(file)
        ]


def differences(before: list[Checksum], after: list[Checksum], renamed: Mapping[str, str]) -> list[str]:
    """A line for each relation that is not as it was."""
    old = {renamed.get(each.relation, each.relation): each for each in before}
    new = {each.relation: each for each in after}
    lines = []
    for name in sorted({*old, *new}):
        if name not in new:
            lines.append(f"{name}: gone ({old[name].rows:,} rows)")
        elif name not in old:
            lines.append(f"{name}: new ({new[name].rows:,} rows)")
        elif (old[name].rows, old[name].checksum) != (new[name].rows, new[name].checksum):
            lines.append(
                f"{name}: {old[name].rows:,} rows of {old[name].columns} columns, now {new[name].rows:,}"
                f" of {new[name].columns}, other checksum"
            )
    return lines


def main() -> int:
    """Builds, prints, writes and compares; 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--only", choices=("samples", "province", "correction"))
    parser.add_argument("--renamed", action="append", default=[], metavar="OLD=NEW")
    chosen = parser.parse_args()
    renamed = dict(pair.split("=", 1) for pair in chosen.renamed)
    is_same = True
    for name, found in made_datasets(chosen.only):
        print(f"{name}: {len(found)} relations, {sum(each.rows for each in found):,} rows", flush=True)
        if chosen.out:
            chosen.out.mkdir(parents=True, exist_ok=True)
            write(chosen.out / f"{name}.csv", found)
        if chosen.against:
            lines = differences(read(chosen.against / f"{name}.csv"), found, renamed)
            is_same &= not lines
            print("\n".join(f"  {line}" for line in lines) or "  as before")
        elif not chosen.out:
            for each in found:
                print(f"  {each.relation}: {each.rows:,} rows, {each.checksum}")
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
