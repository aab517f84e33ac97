"""Payment lists against the clock: `ansinh bench lists [--lines 60000] [--rounds 5] [--large 200000]`.

In one run, one after the other in every round: this project, from the file to committed rows, under pseudonyms
and with every check of lines; pandas with openpyxl and `to_sql`, which does none of that; and the floor that nothing
can beat, calamine's bare parse plus a bare COPY of the same rows. Imports are not counted. Then whether a line costs
more where a million lines are stored already, and, in processes of their own that do what the DAG's task does, the
memory that large lists take.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import multiprocessing
import os
import shutil
import statistics
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl  # noqa: F401 - counted as an import, not as reading
import pandas as pd
import psycopg
import python_calamine
import sqlalchemy
from upath import UPath

from bench.made_lists import HEADINGS, MadeList, write_made_list, write_made_text
from bench.own_warehouse import own_warehouse
from bench.promises import at_least, at_most
from ingest.core.catalogue import load_catalogue
from ingest.readers.dispatch import READER_VERSION, read_file
from ingest.store import registry
from ingest.store.load import finish_file, load_submission
from runtime.settings import load_settings
from runtime.warehouse.connect import connect

_HEADING_ROW = 4
_GROWTH_LISTS = 7
_GROWTH_LINES = 10_000
_STORED_LINES = 1_000_000
_MEMORY_MB = 700


def main() -> None:
    """Makes the lists, measures, prints."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--lines", type=int, default=60_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--large", type=int, default=200_000, help="lines of the list whose memory is measured")
    chosen = arguments.parse_args()
    with own_warehouse() as (settings, url):
        path = settings.home / "list.xlsx"
        write_made_list(MadeList(lines=chosen.lines), path)
        measure_speed(path, url, chosen.lines, chosen.rounds)
        measure_growth(settings.home, url)
        measure_memory(settings.home, url, chosen.large)


def measure_speed(path: Path, url: str, lines: int, rounds: int) -> None:
    """Prints medians and ratios of the three ways."""
    ways: dict[str, Callable[[], None]] = {
        "this project, file to committed rows": lambda: load_list(path, url),
        "pandas with openpyxl, to_sql": lambda: load_with_pandas(path, url),
        "calamine, parse only": lambda: parse_bare(path),
        "COPY, only": lambda: copy_bare(block, url),
    }
    rows = parse_rows(path)[_HEADING_ROW + 1 :]
    block = "".join(",".join(f'"{value}"' for value in row) + "\n" for row in rows).encode()
    # What a process does once: the catalogue, the forms, the key.
    load_list(path, url)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    ours, pandas_way, parse, copy = medians.values()
    print(f"{lines:,} lines of {len(HEADINGS)} columns, medians of {rounds} rounds")
    for name, median in medians.items():
        print(f"  {median:7.2f} s  {name}")
    print(f"  {measure_batch(path, url):7.2f} s  this project, a whole batch: also archive, Great Expectations, answer")
    at_least("as fast as pandas with openpyxl and to_sql", pandas_way / ours, 5, "times")
    at_most("the time of a bare parse and a bare COPY", ours / (parse + copy), 2, "times")


def measure_batch(path: Path, url: str) -> float:
    """The seconds of the second of two batches of one list each: the first pays for imports."""
    from ingest.store.inbox import InboxFile
    from jobs import pipeline

    settings, seconds = load_settings(), 0.0
    with connect("ingest", url) as connection:
        connection.autocommit = True
        for number in range(2):
            copy = path.with_name(f"batch-{number}.xlsx")
            shutil.copy(path, copy)
            _add_comment(copy, str(number))
            started = time.perf_counter()
            files = [InboxFile(UPath(copy), copy.name)]
            pipeline.register_files(connection, settings, files, channel="inbox", inbox=None)
            pipeline.process_batch(connection, settings, pipeline.plan_batches(connection)[0], batch_name=copy.stem)
            seconds = time.perf_counter() - started
    return seconds


def load_list(path: Path, url: str) -> None:
    """This project's way, as the pipeline goes it. Each time the list counts as a file that was never seen."""
    catalogue = load_catalogue()
    read = read_file(path, path.name, catalogue)
    assert len(read.submissions) == 1, read.findings
    # What repeats in a measurement, an id of its own for the bytes, is left out of the others as well.
    sha256 = hashlib.sha256(os.urandom(16)).hexdigest()
    with connect("ingest", url) as connection:
        connection.autocommit = True
        with connection.transaction():
            registry.register_delivery(
                connection,
                sha256=sha256,
                size_bytes=path.stat().st_size,
                archive_path=Path(sha256),
                source_path=f"{sha256}.xlsx",
                channel="command_line",
            )
        state = load_submission(connection, sha256, read.submissions[0], READER_VERSION)
        finish_file(connection, sha256, read.findings, has_submission=True)
    assert state == "accepted", (state, read.submissions[0].findings[:3])


def load_with_pandas(path: Path, url: str) -> None:
    """The usual way: no checks, no pseudonyms."""
    frame = pd.read_excel(path, engine="openpyxl", header=_HEADING_ROW, dtype=object)
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        frame.to_sql("pandas_list", connection, if_exists="replace", index=False)
    engine.dispose()


def parse_bare(path: Path) -> None:
    """Calamine alone, to Python's values."""
    parse_rows(path)


def parse_rows(path: Path) -> list[list[object]]:
    """The rows of the only sheet."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    return book.get_sheet_by_index(0).to_python()  # type: ignore[return-value]


def copy_bare(block: bytes, url: str) -> None:
    """COPY of the same rows, as one block of CSV that was made before, into a table of texts without an index."""
    columns = ", ".join(f"c{number} text" for number in range(len(HEADINGS)))
    with psycopg.connect(url) as connection:
        connection.execute("drop table if exists bare")
        connection.execute(f"create table bare ({columns})")
        with connection.cursor().copy("copy bare from stdin (format csv)") as copy:
            copy.write(block)


def measure_growth(home: Path, url: str) -> None:
    """Prints what a line costs on an empty table and on one of a million lines: what is there must not matter."""
    path = home / "growth.xlsx"
    write_made_list(MadeList(lines=_GROWTH_LINES, seed=2), path)
    load_list(path, url)
    empty = _median_of_lists(path, url)
    with connect(None, url) as connection:
        store_lines(connection, _STORED_LINES)
    full = _median_of_lists(path, url)
    print(f"{_GROWTH_LISTS} lists of {_GROWTH_LINES:,} lines, microseconds a line")
    print(f"  {1e6 * empty / _GROWTH_LINES:7.1f} where next to nothing is stored")
    print(f"  {1e6 * full / _GROWTH_LINES:7.1f} where {_STORED_LINES:,} lines more are stored")
    at_most(f"the time of a line on an empty table, with {_STORED_LINES:,} lines there", full / empty, 1.25, "times")


def _median_of_lists(path: Path, url: str) -> float:
    times = []
    for _ in range(_GROWTH_LISTS):
        started = time.perf_counter()
        load_list(path, url)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def store_lines(connection: psycopg.Connection, lines: int) -> None:
    """Stores lists of other months, 10,000 lines each, as loading would have left them."""
    connection.execute(
        """
        insert into registry.file (sha256, size_bytes, archive_path)
        select encode(sha256(convert_to('stored ' || n, 'UTF8')), 'hex'), 1, '' from generate_series(1, %(lists)s) as n
        """,
        {"lists": lines // 10_000},
    )
    connection.execute(
        """
        with stored as (
            insert into registry.submission (
                sha256, form_code, form_version, reader_version, source_kind, reporting_unit_id, period, status, state
            )
            select
                encode(sha256(convert_to('stored ' || n, 'UTF8')), 'hex'), 'list_social_assistance', 'v01', '1', 'list',
                '67@base', (1900 + n / 12) || '-' || lpad((n %% 12 + 1)::text, 2, '0'), 'official', 'accepted'
            from generate_series(1, %(lists)s) as n
            returning submission_id, period
        )
        insert into staging.payment_line (
            submission_id, line_number, ref, unit_id, period, key_id, person_hash, identity_hash, birth_year, amount_vnd
        )
        select
            submission_id, n, 'row ' || n, '67@base', period, 'stored',
            sha256(convert_to(submission_id || ' ' || n, 'UTF8')), sha256(convert_to('i ' || n, 'UTF8')), 1950, 540000
        from stored, generate_series(1, 10000) as n
        """,
        {"lists": lines // 10_000},
    )
    connection.commit()


def measure_memory(home: Path, url: str, lines: int) -> None:
    """Prints the peaks of processes that ingest a batch of large books, ordinary and wide, and a large text file."""
    large = home / "large"
    large.mkdir()
    write_made_list(MadeList(lines=lines, seed=3), large / "list.xlsx")
    write_made_list(MadeList(lines=lines, seed=3, is_wide=True), large / "wide.xlsx")
    write_made_text(MadeList(lines=lines, seed=3), large / "list.csv")
    print(f"{lines:,} lines in one book, peak memory of the process that ingests a batch")
    for name, books in (("list.xlsx", 1), ("list.xlsx", 5), ("wide.xlsx", 4), ("list.csv", 1)):
        inbox = home / f"inbox-{name}-{books}"
        for number in range(books):
            path = inbox / str(number) / name
            path.parent.mkdir(parents=True)
            shutil.copy(large / name, path)
            # Other bytes, the same list: each is a file of its own.
            _add_comment(path, f"{books} {number}")
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            peak_mb, seconds = pool.apply(ingest_in_process, (str(home), url, str(inbox)))
        shutil.rmtree(inbox)
        at_most(f"{name}, {books} in a batch, {seconds:.0f} s", peak_mb, _MEMORY_MB, "MB")


def _add_comment(path: Path, text: str) -> None:
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("docProps/comment.txt", text)


def ingest_in_process(home: str, url: str, inbox: str) -> tuple[float, float]:
    """Does what the DAG's tasks do with an inbox; the peak of this process in MB, and the seconds."""
    os.environ["ANSINH_HOME"], os.environ["ANSINH_DATABASE_URL"] = home, url
    # Imported here: a process that only measures memory of its own.
    from jobs import pipeline

    settings = load_settings()
    started = time.perf_counter()
    with connect("ingest", url) as connection:
        connection.autocommit = True
        pipeline.register_inbox(connection, settings, inbox)
        for batch in pipeline.plan_batches(connection):
            outcome = pipeline.process_batch(connection, settings, batch)
            assert outcome.submissions["accepted"] == outcome.files, outcome
    # Not getrusage: that peak is inherited from the process that started this one.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024, time.perf_counter() - started


if __name__ == "__main__":
    main()
