"""Written reports against the clock: `ansinh bench reports [--reports 1000]`.

A report of 25 kB, read on its own; and as many reports of 8 kB as a province gets in years, through one batch:
from registered files to committed observations, checks and answers. The texts are that of the samples' longest
report, under other units' names, for other years, with other counts. Imports and what a process does once
(catalogue, lexicon) are not counted.
"""

from __future__ import annotations

import argparse
import re
import resource
import statistics
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from upath import UPath

from bench.own_warehouse import own_warehouse
from bench.promises import at_most
from ingest.core.catalogue import Catalogue, Unit, load_catalogue
from ingest.readers.dispatch import read_file
from ingest.store.inbox import InboxFile
from jobs import pipeline
from runtime.settings import Settings
from runtime.warehouse.connect import connect
from samples.model.splitting import between
from samples.reports import TEXTS

_LONG_BYTES = 25_000
_LONG_REPORTS = 15
_COUNT = re.compile(r"(?<![\d.,/])\d{3}(?= (?:hộ|người|lao động|suất|khẩu|trẻ em|lượt)\b)")


def main() -> None:
    """Makes the texts, measures, prints."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--reports", type=int, default=1_000)
    chosen = arguments.parse_args()
    catalogue = load_catalogue()
    with own_warehouse() as (settings, url):
        measure_long(catalogue, settings.home)
        measure_batch(catalogue, settings, url, chosen.reports)


def made_reports(catalogue: Catalogue, copies: int = 1) -> Iterator[str]:
    """Reports of one district after the other, year by year; their sections `copies` times."""
    text = (TEXTS / "dak_mil_2023.md").read_text(encoding="utf-8").replace("#", "")
    head, _, sections = text.partition("Kính gửi")
    number = 0
    for year in range(2016, 2025):
        for unit in districts(catalogue):
            number += 1
            body = "\n".join([sections] * copies)
            yield _COUNT.sub(
                lambda found, number=number: str(round(between(100, 999, "report", number, found.start()))),  # type: ignore[misc]
                f"{head}Kính gửi{body}".replace("huyện Đắk Mil", unit.name)
                .replace("ĐẮK MIL", unit.short_name.upper())
                .replace("Đắk Mil", unit.short_name)
                .replace("2023", str(year)),
            )


def districts(catalogue: Catalogue) -> list[Unit]:
    """Rural districts whose names are theirs alone, of which a report can be told by its name."""
    rural = [u for u in catalogue.units.values() if u.unit_id.endswith("@base") and u.name.startswith("Huyện ")]
    names = [u.short_name for u in catalogue.units.values() if u.unit_id.endswith("@base") and u.level != "commune"]
    return [unit for unit in rural if names.count(unit.short_name) == 1]


def measure_long(catalogue: Catalogue, home: Path) -> None:
    """Prints the median of reading one long report."""
    seconds, numbers, size = [], 0, 0
    for place, text in enumerate(islice(made_reports(catalogue, copies=3), _LONG_REPORTS + 1)):
        path = home / f"long-{place}.txt"
        path.write_text(text, encoding="utf-8")
        started = time.perf_counter()
        read = read_file(path, path.name, catalogue)
        if place:  # The first pays for what a process does once.
            seconds.append(time.perf_counter() - started)
            numbers = sum(1 + len(o.refs) for o in read.submissions[0].observations)
            size = path.stat().st_size
    print(
        f"{_LONG_REPORTS} reports of {size / 1000:.0f} kB, each with {numbers} figures, some three times what is usual"
    )
    scaled = 1_000 * statistics.median(seconds) * _LONG_BYTES / size
    at_most("a report of 25 kB, from its file to figures and findings", scaled, 150, "ms")


def measure_batch(catalogue: Catalogue, settings: Settings, url: str, reports: int) -> None:
    """Prints what a report costs in a batch of many, in time and memory."""
    inbox = settings.home / "many"
    inbox.mkdir()
    files = []
    for place, text in enumerate(islice(made_reports(catalogue), reports)):
        path = inbox / f"report-{place}.txt"
        path.write_text(text, encoding="utf-8")
        files.append(InboxFile(UPath(path), path.name))
    with connect("ingest", url) as connection:
        connection.autocommit = True
        pipeline.register_files(connection, settings, files, channel="inbox", inbox=None)
        started = time.perf_counter()
        (batch,) = pipeline.plan_batches(connection, size=reports)
        outcome = pipeline.process_batch(connection, settings, batch)
        seconds = time.perf_counter() - started
    assert outcome.submissions["accepted"] == len(files), outcome
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(files)} reports of {files[0].path.stat().st_size / 1000:.0f} kB in one batch")
    print(f"  {1_000 * seconds / len(files):7.1f} ms  each, from registered file to committed figures, checks, answer")
    print(f"  {peak:7.0f} MB  peak memory of the process")


if __name__ == "__main__":
    main()
