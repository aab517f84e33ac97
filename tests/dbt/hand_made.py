"""A warehouse with hand-made submissions: what dbt makes of them is looked at in the marts."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from ingest.catalogue import load_catalogue
from ingest.catalogue_load import load_catalogue_tables
from runtime import dbt
from runtime.database import connect

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
    accumulation: str = "period"
    as_of: date | None = None
    issuer: str = ""
    confidence: float = 1.0


@dataclass(slots=True)
class Warehouse:
    """A migrated database with the catalogue loaded, into which a test writes submissions."""

    url: str
    _clock: Iterator[datetime] = field(
        default_factory=lambda: (datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in itertools.count())
    )

    def submit(
        self,
        unit: str,
        period: str,
        stated: Sequence[Stated],
        *,
        form: str = "poverty_review",
        kind: str = "form",
        status: str = "official",
        state: str = "accepted",
    ) -> int:
        """Writes a submission as ingestion does, an accepted one before it in its scope superseded."""
        catalogue, at = load_catalogue(), next(self._clock)
        with connect("ingest", self.url) as connection:
            sha256 = hashlib.sha256(str(at).encode()).hexdigest()
            connection.execute(
                "insert into registry.file (sha256, size_bytes, archive_path) values (%s, 0, '')", (sha256,)
            )
            if state == "accepted":
                connection.execute(
                    "update registry.submission set state = 'superseded', superseded_at = %s where form_code = %s"
                    " and reporting_unit_id = %s and period = %s and status = %s and state = 'accepted'",
                    (at, form, unit, period, status),
                )
            row = connection.execute(
                "insert into registry.submission (sha256, form_code, form_version, reader_version, source_kind,"
                " reporting_unit_id, period, status, state, accepted_at)"
                " values (%s, %s, 'v01', '1', %s, %s, %s, %s, %s, %s) returning submission_id",
                (sha256, form, kind, unit, period, status, state, at if state == "accepted" else None),
            ).fetchone()
            assert row is not None
            for number, s in enumerate(stated, start=1):
                connection.execute(
                    "insert into staging.observation (submission_id, unit_id, period, as_of, accumulation, status,"
                    " indicator_code, breakdown, measure, issuer, value, unit_of_measure, qualifier, confidence, ref,"
                    " raw) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'exact', %s, %s, %s)",
                    (
                        row[0],
                        s.unit or unit,
                        s.period or period,
                        s.as_of,
                        s.accumulation,
                        status,
                        s.indicator,
                        s.breakdown,
                        s.measure,
                        s.issuer,
                        s.value,
                        catalogue.indicators[s.indicator].unit_of_measure,
                        s.confidence,
                        f"Sheet1!C{number}",
                        str(s.value),
                    ),
                )
            return int(row[0])

    def build(self, select: str | None = None, variables: Mapping[str, Any] | None = None) -> list[dbt.NodeResult]:
        """Builds the project as the DAG does."""
        return dbt.build(self.url, select=select, variables=variables)

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Runs a query as the BI role."""
        with connect("bi_reader", self.url) as connection:
            return connection.cursor(row_factory=dict_row).execute(query, parameters).fetchall()

    def row(self, query: str, *parameters: Any) -> dict[str, Any]:
        """The only row of a query."""
        (row,) = self.rows(query, *parameters)
        return row

    def province(self, period: str, indicator: str, breakdown: str = "") -> dict[str, Any]:
        """A figure of Đắk Nông's consolidated report."""
        table = "rpt_provincial_quarter" if "Q" in period else "rpt_provincial_year"
        return self.row(
            f"select * from marts.{table} where province_unit_id = %s and period = %s"  # noqa: S608
            " and indicator_code = %s and breakdown = %s",
            DAK_NONG,
            period,
            indicator,
            breakdown,
        )

    def unit(self, unit: str, period: str, indicator: str, breakdown: str = "") -> dict[str, Any]:
        """A figure of a reporting unit."""
        table = "rpt_unit_quarter" if "Q" in period else "rpt_unit_year"
        return self.row(
            f"select * from marts.{table} where unit_id = %s and period = %s"  # noqa: S608
            " and indicator_code = %s and breakdown = %s",
            unit,
            period,
            indicator,
            breakdown,
        )


def prepare(url: str) -> Warehouse:
    """A warehouse in a migrated database, with the catalogue in it."""
    connection = connect("ingest", url)
    connection.autocommit = True
    with connection:
        load_catalogue_tables(connection)
    return Warehouse(url)
