"""Payment lists against the clock: `python -m bench.lists [--lines 60000] [--rounds 5] [--large 200000]`.

In one run, one after the other in every round: this project, from the file to committed rows, under pseudonyms
and with every check; pandas with openpyxl and `to_sql`, which does none of that; and the floor that nothing can
beat, calamine's bare parse plus a bare COPY of the same rows. Imports are not counted. Then, each in a process
of its own, the memory that a large list takes, and whether lines load slower the more there are.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl  # noqa: F401 - counted as an import, not as reading
import pandas as pd
import psycopg
import python_calamine
import sqlalchemy

from bench.made_lists import HEADINGS, MadeList, write_made_list
from bench.promises import at_least, at_most
from ingest import registry
from ingest.catalogue import load_catalogue
from ingest.load import load_submission
from ingest.readers import READER_VERSION, read_file
from runtime import migrate, postgres
from runtime.database import connect
from runtime.ports import free_port
from runtime.settings import load_settings

_HEADING_ROW = 4
_GROWTH_LISTS = 12
_GROWTH_LINES = 10_000


def main() -> None:
    """Makes the lists, measures, prints."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--lines", type=int, default=60_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--large", type=int, default=200_000, help="lines of the list whose memory is measured")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="ansinh-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        os.environ["ANSINH_HOME"] = folder
        settings = replace(load_settings(), home=home, database_url=None, postgres_port=free_port())
        url = postgres.ensure_running(settings)
        try:
            migrate.upgrade(url)
            path = home / "list.xlsx"
            write_made_list(MadeList(lines=chosen.lines), path)
            measure_speed(path, url, chosen.lines, chosen.rounds)
            measure_growth(home, url)
            measure_memory(home, chosen.large)
        finally:
            postgres.remove(settings)


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
    at_least("as fast as pandas with openpyxl and to_sql", pandas_way / ours, 5, "times")
    at_most("the time of a bare parse and a bare COPY", ours / (parse + copy), 2, "times")


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
    """Prints how long the first and the last of many lists take: what is there already must not matter."""
    path = home / "growth.xlsx"
    write_made_list(MadeList(lines=_GROWTH_LINES, seed=2), path)
    times = []
    for _ in range(_GROWTH_LISTS):
        started = time.perf_counter()
        load_list(path, url)
        times.append(time.perf_counter() - started)
    third = _GROWTH_LISTS // 3
    first, last = statistics.median(times[:third]), statistics.median(times[-third:])
    print(f"{_GROWTH_LISTS} lists of {_GROWTH_LINES:,} lines, one after the other")
    print(f"  {1e6 * first / _GROWTH_LINES:7.1f} microseconds a line in the first third")
    print(f"  {1e6 * last / _GROWTH_LINES:7.1f} microseconds a line in the last")


def measure_memory(home: Path, lines: int) -> None:
    """Prints the peak of a process that reads a large list, and of one that reads it three times over."""
    path = home / "large.xlsx"
    write_made_list(MadeList(lines=lines, seed=3), path)
    print(f"{lines:,} lines in one book, peak memory of the process that reads it (at most 700 MB)")
    for books in (1, 3):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            peak_mb, seconds = pool.apply(read_in_process, (path, books))
        print(f"  {peak_mb:7.0f} MB for {books} such book{'s' if books > 1 else ''} in a batch, {seconds:.1f} s")


def read_in_process(path: Path, books: int) -> tuple[float, float]:
    """Reads a list as often as given, keeping what was read as a batch does; the peak in MB and the seconds."""
    catalogue = load_catalogue()
    started = time.perf_counter()
    read = [read_file(path, path.name, catalogue) for _ in range(books)]
    assert all(one.submissions[0].payment_lines is not None for one in read)
    # Not getrusage: that peak is inherited from the process that started this one.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024, time.perf_counter() - started


if __name__ == "__main__":
    main()
