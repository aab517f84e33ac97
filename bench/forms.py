"""Form workbooks against the clock: `ansinh bench forms [--rounds 3]`.

A province's year, 320 workbooks. In one run, one after the other in every round: this project, from the files
to committed observations, with every check, as the pipeline goes; pandas with openpyxl, which only reads the
sheets into frames, and the same with `to_sql`. Imports and what a process does once (catalogue, forms) are not
counted. Then what the parts take one by one, and whether books load slower the more there are.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl  # noqa: F401 - counted as an import, not as reading
import pandas as pd
import sqlalchemy
from psycopg import Connection

from bench.made_forms import write_year
from bench.own_warehouse import own_warehouse
from bench.promises import at_least, at_most
from ingest.core.catalogue import load_catalogue
from ingest.readers.dispatch import READER_VERSION, read_file
from ingest.store import registry
from ingest.store.load import load_submissions
from jobs.pipeline import BATCH_FILES, check_batch, load_batches
from runtime.settings import Settings
from runtime.warehouse.connect import connect


def main() -> None:
    """Makes the workbooks, measures, prints."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    chosen = arguments.parse_args()
    with own_warehouse() as (settings, url):
        paths = write_year(settings.home / "inbox", load_catalogue())
        measure_speed(paths, settings, url, chosen.rounds)


def measure_speed(paths: Sequence[Path], settings: Settings, url: str, rounds: int) -> None:
    """Prints medians and ratios of the three ways, and the parts of this project's."""
    ways: dict[str, Callable[[], None]] = {
        "this project, files to committed observations": lambda: load_books(paths, settings, url),
        "pandas with openpyxl, sheets to frames": lambda: read_with_pandas(paths),
        "pandas with openpyxl, to_sql": lambda: load_with_pandas(paths, url),
    }
    # What a process does once: the catalogue, the forms, the suite of Great Expectations.
    load_books(paths[:20], settings, url)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    parts: dict[str, list[float]] = {"read": [], "check": [], "load": []}
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - started)
        measure_parts(paths, url, parts)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    ours, frames, to_sql = medians.values()
    print(f"{len(paths)} workbooks, medians of {rounds} rounds")
    for name, median in medians.items():
        print(f"  {1_000 * median / len(paths):7.2f} ms  each, {name}")
    for name, times in parts.items():
        print(f"  {1_000 * statistics.median(times) / len(paths):7.2f} ms  each, to {name} only")
    rounds_of_ours = seconds["this project, files to committed observations"]
    growth = rounds_of_ours[-1] / rounds_of_ours[0]
    print(f"  {growth:7.2f}     times as long in the last round, in which all is there already, as in the first")
    print(f"  {frames / ours:7.2f} times  as fast as pandas with openpyxl, which only reads and commits nothing")
    at_most("a workbook, from its file to committed observations", 1_000 * ours / len(paths), 10, "ms")
    at_least("as fast as pandas with openpyxl and to_sql", to_sql / ours, 5, "times")


def load_books(paths: Sequence[Path], settings: Settings, url: str) -> None:
    """This project's way, as the pipeline goes it. Each time a book counts as a file that was never seen."""
    with connect("ingest", url) as connection:
        connection.autocommit = True
        digests = register(connection, paths)
        batches = {str(n): digests[n : n + BATCH_FILES] for n in range(0, len(digests), BATCH_FILES)}
        for batch in load_batches(connection, settings, batches):
            assert batch.states == [["accepted"]] * len(batch.read), (batch.name, batch.states)


def register(connection: Connection, paths: Sequence[Path]) -> list[str]:
    """Registers the files where they lie, under digests that were never seen."""
    digests = [hashlib.sha256(path.read_bytes() + os.urandom(16)).hexdigest() for path in paths]
    with connection.transaction():
        for path, sha256 in zip(paths, digests, strict=True):
            registry.register_delivery(
                connection,
                sha256=sha256,
                size_bytes=path.stat().st_size,
                archive_path=path,
                source_path=f"{sha256}.xlsx",
                channel="command_line",
            )
    return digests


def measure_parts(paths: Sequence[Path], url: str, parts: dict[str, list[float]]) -> None:
    """Times reading, checking and loading one after the other."""
    started = time.perf_counter()
    read = [read_file(path, path.as_posix(), load_catalogue()) for path in paths]
    parts["read"].append(time.perf_counter() - started)
    started = time.perf_counter()
    check_batch(read, load_catalogue())
    parts["check"].append(time.perf_counter() - started)
    started = time.perf_counter()
    with connect("ingest", url) as connection:
        connection.autocommit = True
        submissions = [result.submissions[0] for result in read]
        load_submissions(connection, list(zip(register(connection, paths), submissions, strict=True)), READER_VERSION)
    parts["load"].append(time.perf_counter() - started)


def read_with_pandas(paths: Sequence[Path]) -> None:
    """The usual way to read: each sheet as a frame of cells."""
    for path in paths:
        pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl")


def load_with_pandas(paths: Sequence[Path], url: str) -> None:
    """The usual way on: each sheet's cells appended to the table of its name. No form, no unit, no check."""
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    for path in paths:
        with engine.begin() as connection:
            for name, sheet in pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl").items():
                frame = sheet.astype(str).rename(columns=lambda number: f"c{number}")
                frame.to_sql(f"pandas_{name}", connection, if_exists="append", index=False)
    with engine.begin() as connection:
        for table in sqlalchemy.inspect(connection).get_table_names():
            if table.startswith("pandas_"):
                connection.execute(sqlalchemy.text(f'drop table "{table}"'))
    engine.dispose()


if __name__ == "__main__":
    main()
