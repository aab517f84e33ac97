"""A province of communes that have handed in every form of the catalogue for years: figures made by a script.

What is asked comes from the forms' definitions, who is asked from the catalogue: a submission per form, commune
and period, with a value in every cell, accepted in the order of its periods, and one in fifty of them corrected
since. Figures are made up, hang together in time (what is cumulated never falls) and come out the same every time.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from psycopg import Connection, sql

from ingest.core.catalogue import Catalogue, Indicator, load_catalogue
from ingest.core.periods import Period, parse_period
from ingest.forms import Form, load_forms
from ingest.submitters.calendar import reporting_units

PROVINCE_CODE = "68"
FIRST_YEAR = 2026
_CORRECTED_ONE_IN = 50
_PERIODS_OF_A_YEAR = ("-Q1", "-S1", "-Q2", "-Q3", "-S2", "-Q4", "")
_TABLES = ("file", "delivery", "submission", "submission_event")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell of a form asks for."""

    indicator: Indicator
    breakdown: str
    measure: str
    accumulation: str
    ref: str


@dataclass(frozen=True, slots=True)
class MadeSubmission:
    """A submission to be made; `version` counts the times its scope was answered."""

    form: Form
    period: Period
    unit_id: str
    version: int
    is_last: bool

    @property
    def sha256(self) -> str:
        """What stands for the file's bytes."""
        return hashlib.sha256(repr((self.form.code, self.period.code, self.unit_id, self.version)).encode()).hexdigest()


def made_submissions(catalogue: Catalogue, years: int) -> Iterator[MadeSubmission]:
    """Every submission of the years from `FIRST_YEAR`, as they would have come in."""
    for year in range(FIRST_YEAR, FIRST_YEAR + years):
        for suffix in _PERIODS_OF_A_YEAR:
            period = parse_period(f"{year}{suffix}")
            for form in load_forms().values():
                if period.kind not in form.head.frequency or not cells_of(form, period):
                    continue
                for unit in reporting_units(catalogue, form, period, PROVINCE_CODE):
                    key = f"{form.code} {period.code} {unit.unit_id}"
                    versions = 2 if zlib.crc32(key.encode()) % _CORRECTED_ONE_IN == 0 else 1
                    for version in range(1, versions + 1):
                        yield MadeSubmission(form, period, unit.unit_id, version, version == versions)


@lru_cache(maxsize=1000)
def cells_of(form: Form, period: Period) -> tuple[Cell, ...]:
    """The quantities that a form asks a commune for in a period, each once."""
    version = form.version_on(period.last_day)
    found: dict[tuple[str, str, str], Cell] = {}
    for table in version.tables if version else ():
        for row in table.row_list or (None,):
            for column in table.leaves:
                facets = table.facets(row, column) if row is None or not row.is_heading else None
                if column.role != "value" or facets is None or facets.indicator is None:
                    continue
                indicator = load_catalogue().indicators[facets.indicator]
                breakdown = "; ".join(f"{name}={code}" for name, code in sorted(facets.breakdown.items()))
                measure = facets.measure or "actual"
                stated = facets.accumulation or (version.flows if version else "period")
                found.setdefault(
                    (indicator.code, breakdown, measure),
                    Cell(
                        indicator,
                        breakdown,
                        measure,
                        indicator.accumulation(stated, period.code),
                        f"{table.code}!{column.key}",
                    ),
                )
    return tuple(found.values())


def load_province(connection: Connection, years: int) -> int:
    """Copies the made submissions into an empty registry; returns how many observations they hold.

    The connection belongs to the database's owner and is in autocommit. Events carry the time at which a
    submission of that period would have come in.
    """
    submissions = list(enumerate(made_submissions(load_catalogue(), years), start=1))
    with connection.transaction():
        files = (f"{s.sha256}\t1\t-" for _, s in submissions)
        _copy(connection, "registry.file (sha256, size_bytes, archive_path)", files)
        _copy(
            connection,
            "registry.delivery (sha256, source_path, channel, delivered_at)",
            (f"{s.sha256}\t{s.unit_id}/{s.form.code}/{s.period.code}\tinbox\t{_arrival(s)}" for _, s in submissions),
        )
        _copy(
            connection,
            "registry.submission (submission_id, sha256, form_code, form_version, reader_version, source_kind,"
            " reporting_unit_id, period, status, state, accepted_at)",
            (
                f"{number}\t{s.sha256}\t{s.form.code}\tv01\tmade\t{s.form.head.source_kind}\t{s.unit_id}"
                f"\t{s.period.code}\tofficial\t{'accepted' if s.is_last else 'superseded'}\t{_arrival(s)}"
                for number, s in submissions
            ),
        )
        _copy(connection, "registry.submission_event (sha256, submission_id, event, at)", _events(submissions))
        count = _copy(
            connection,
            "staging.observation (submission_id, unit_id, period, as_of, accumulation, status, indicator_code,"
            " breakdown, measure, issuer, value, unit_of_measure, qualifier, confidence, ref, refs, raw)",
            _observations(submissions),
        )
        connection.execute(
            "select setval(pg_get_serial_sequence('registry.submission', 'submission_id'), max(submission_id))"
            " from registry.submission"
        )
    # What autovacuum has long done where submissions come in over years.
    for table in (*(("registry", name) for name in _TABLES), ("staging", "observation")):
        connection.execute(sql.SQL("vacuum analyze {}").format(sql.Identifier(*table)))
    return count


def _events(submissions: list[tuple[int, MadeSubmission]]) -> Iterator[str]:
    for number, s in submissions:
        yield f"{s.sha256}\t{number}\tread\t{_arrival(s)}"
        if s.version > 1:
            replaced = MadeSubmission(s.form, s.period, s.unit_id, s.version - 1, is_last=False)
            yield f"{replaced.sha256}\t{number - 1}\tsuperseded\t{_arrival(s)}"
        yield f"{s.sha256}\t{number}\taccepted\t{_arrival(s)}"


def _observations(submissions: list[tuple[int, MadeSubmission]]) -> Iterator[str]:
    for number, s in submissions:
        for place, cell in enumerate(cells_of(s.form, s.period)):
            value = made_value(cell, place, s)
            yield (
                f"{number}\t{s.unit_id}\t{s.period.code}\t\\N\t{cell.accumulation}\tofficial\t{cell.indicator.code}"
                f"\t{cell.breakdown}\t{cell.measure}\t\t{value}\t{cell.indicator.unit_of_measure}\texact\t1"
                f"\t{cell.ref}\t{{}}\t{value}"
            )


def made_value(cell: Cell, place: int, submission: MadeSubmission) -> int:
    """A figure: large for the whole, small for a group, cumulated within the year where it is cumulated."""
    seed = zlib.crc32(f"{submission.unit_id} {cell.indicator.code} {place}".encode())
    unit = cell.indicator.unit_of_measure
    if unit in ("percent", "percentage_point"):
        return (seed + submission.period.year + submission.version) % 100
    size = 1_000_000 if unit == "vnd" else 1
    yearly = (seed % 97 if cell.breakdown else 400 + seed % 1600) * size
    yearly += (submission.period.year - FIRST_YEAR + submission.version) * size
    if cell.accumulation == "point":
        return yearly + submission.period.last_day.month * (seed % 3)
    if cell.accumulation == "period" and submission.period.kind != "year":
        return yearly // 4
    return yearly * submission.period.last_day.month // 12


def _arrival(submission: MadeSubmission) -> str:
    last_day = datetime.combine(submission.period.last_day, datetime.min.time(), UTC)
    return (last_day + timedelta(days=5 + 20 * submission.version)).isoformat()


def _copy(connection: Connection, target: str, lines: Iterator[str]) -> int:
    count, block = 0, []
    with connection.cursor().copy(f"copy {target} from stdin") as copy:
        for line in lines:
            count += 1
            block.append(line)
            if len(block) == 5000:
                copy.write("\n".join(block) + "\n")
                block.clear()
        if block:
            copy.write("\n".join(block) + "\n")
    return count
