"""A warehouse with hand-made submissions: what dbt makes of them is looked at in the marts."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

from ingest.core.catalogue import load_catalogue
from ingest.core.model import Accumulation, Finding, Observation, ReadSubmission, SourceKind, Status
from ingest.store import load, registry
from ingest.store.catalogue_load import load_catalogue_tables
from ingest.submitters.calendar import complete_calendar
from runtime.warehouse import dbt
from runtime.warehouse.connect import connect

DISTRICTS = [f"{code}@base" for code in range(660, 668)]
DAK_NONG = "67@base"


@dataclass(frozen=True, slots=True)
class Stated:
    """One value of a submission; what is left out comes from the submission."""

    indicator: str
    value: float
    breakdown: str = ""
    unit: str | None = None
    period: str | None = None
    measure: str = "actual"
    accumulation: Accumulation = "period"
    as_of: date | None = None
    issuer: str = ""
    confidence: float = 1.0

    def as_observation(self, unit: str, period: str, status: Status, ref: str) -> Observation:
        """The observation of a submission of that unit and period."""
        return Observation(
            ref=ref,
            raw=str(self.value),
            value=Decimal(str(self.value)),
            unit_of_measure=load_catalogue().indicators[self.indicator].unit_of_measure,
            indicator_code=self.indicator,
            unit_id=self.unit or unit,
            period=self.period or period,
            breakdown=self.breakdown,
            measure=self.measure,
            accumulation=self.accumulation,
            status=status,
            as_of=self.as_of,
            issuer=self.issuer,
            confidence=self.confidence,
        )


@dataclass(frozen=True, slots=True)
class Paid:
    """One line of a payment list; persons are named by any text, whose hash stands for the keyed one."""

    person: str
    unit: str
    category: str
    amount_vnd: int
    arrears_vnd: int = 0
    identity: str | None = None


@dataclass(slots=True)
class Warehouse:
    """A migrated database with the catalogue loaded, into which a test loads submissions as ingestion does."""

    url: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def submit(
        self,
        unit: str,
        period: str,
        stated: Sequence[Stated],
        *,
        form: str = "poverty_review",
        kind: SourceKind = "form",
        status: Status = "official",
        is_nil: bool = False,
        is_rejected: bool = False,
        payments: Sequence[Paid] = (),
    ) -> int:
        """Delivers and loads a file with one submission; what it replaces in its scope is superseded."""
        sha256 = hashlib.sha256(f"file {next(self._numbers)}".encode()).hexdigest()
        submission = ReadSubmission(
            form,
            "v01",
            kind,
            unit,
            period,
            status,
            is_nil=is_nil,
            observations=[
                s.as_observation(unit, period, status, f"Sheet1!C{row}") for row, s in enumerate(stated, start=1)
            ],
            findings=[Finding("T-001", "error", "", "Sai.", "Wrong.")] if is_rejected else [],
        )
        with self._ingesting() as connection:
            with connection.transaction():
                registry.register_delivery(
                    connection,
                    sha256=sha256,
                    size_bytes=1,
                    archive_path=Path(sha256),
                    source_path=f"{unit}/{form}/{period}",
                    channel="inbox",
                )
            load.load_submission(connection, sha256, submission, "1")
            row = connection.execute(
                "select submission_id from registry.submission where sha256 = %s", (sha256,)
            ).fetchone()
            assert row is not None
            for number, paid in enumerate(payments, start=1):
                connection.execute(
                    "insert into staging.payment_line (submission_id, line_number, ref, unit_id, period, key_id,"
                    " person_hash, identity_hash, category_code, arrears_vnd, amount_vnd)"
                    " values (%s, %s, %s, %s, %s, 'k1', %s, %s, %s, %s, %s)",
                    (
                        row[0],
                        number,
                        f"row {number}",
                        paid.unit,
                        period,
                        _hash(paid.person),
                        _hash(paid.identity) if paid.identity else None,
                        paid.category,
                        paid.arrears_vnd,
                        paid.amount_vnd,
                    ),
                )
        return int(row[0])

    def withdraw(self, submission_id: int) -> None:
        """Takes a submission back; the one before it in its scope counts again."""
        with self._ingesting() as connection, connection.transaction():
            registry.withdraw(connection, submission_id, "a test")

    def now(self) -> str:
        """The database's clock."""
        with connect("ingest", self.url) as connection:
            row = connection.execute("select clock_timestamp()::text").fetchone()
        assert row is not None
        return str(row[0])

    def build(
        self, select: str | None = None, variables: Mapping[str, Any] | None = None, schema_suffix: str = ""
    ) -> list[dbt.NodeResult]:
        """Builds as the DAG's task does, noting up to which event the build has seen."""
        with self._ingesting() as connection, connection.transaction():
            complete_calendar(connection, load_catalogue())
        with connect("transform", self.url) as connection:
            build_id = registry.begin_build(connection)
        results = dbt.build(self.url, select=select, variables=variables, schema_suffix=schema_suffix)
        with connect("transform", self.url) as connection:
            registry.end_build(connection, build_id, is_success=not schema_suffix)
        return results

    @contextmanager
    def _ingesting(self) -> Iterator[Connection]:
        connection = connect("ingest", self.url)
        connection.autocommit = True
        with connection:
            yield connection

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Runs a query as a role that reads the rows of all units."""
        with connect("publish", self.url) as connection:
            return connection.cursor(row_factory=dict_row).execute(query, parameters).fetchall()

    def row(self, query: str, *parameters: Any) -> dict[str, Any]:
        """The only row of a query."""
        (row,) = self.rows(query, *parameters)
        return row

    def province(self, period: str, indicator: str, breakdown: str = "", province: str = DAK_NONG) -> dict[str, Any]:
        """A figure of a province's consolidated report."""
        table = "rpt_provincial_quarter" if "Q" in period else "rpt_provincial_year"
        return self.row(
            f"select * from marts.{table} where province_unit_id = %s and period = %s"
            " and indicator_code = %s and breakdown = %s",
            province,
            period,
            indicator,
            breakdown,
        )

    def unit(self, unit: str, period: str, indicator: str, breakdown: str = "") -> dict[str, Any]:
        """A figure of a reporting unit."""
        table = "rpt_unit_quarter" if "Q" in period else "rpt_unit_year"
        return self.row(
            f"select * from marts.{table} where unit_id = %s and period = %s"
            " and indicator_code = %s and breakdown = %s",
            unit,
            period,
            indicator,
            breakdown,
        )


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def prepare(url: str) -> Warehouse:
    """A warehouse in a migrated database, with the catalogue in it."""
    with connect(None, url) as owner:
        # A database copied from a template does not inherit what the migration granted on the template itself.
        owner.execute(
            sql.SQL("grant create, temporary on database {} to transform").format(sql.Identifier(owner.info.dbname))
        )
    connection = connect("ingest", url)
    connection.autocommit = True
    with connection:
        load_catalogue_tables(connection)
    return Warehouse(url)
