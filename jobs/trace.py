"""From a fact back to the cell or the sentence it was read from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from psycopg import Connection

from ingest.core.catalogue import Catalogue
from ingest.readers.show_place import show_place
from ingest.review.proposals import minimum_confidence
from ingest.store.statements import statements_of_fact, statements_of_figure


@dataclass(frozen=True, slots=True)
class Question:
    """Which figure is asked about."""

    unit_id: str
    period: str
    indicator_code: str
    breakdown: str = ""
    measure: str = "actual"


def trace_figure(connection: Connection, question: Question, archive: Path, catalogue: Catalogue) -> list[str]:
    """Every statement of a figure, the one that counts first, each told down to its place."""
    rows = statements_of_figure(connection, asdict(question), minimum_confidence())
    return [_tell(row, archive, catalogue) for row in rows]


def trace_fact(connection: Connection, fact_id: int, archive: Path, catalogue: Catalogue) -> list[str]:
    """One row of a fact table, by its `fact_id`, told down to its place; empty when there is none."""
    rows = statements_of_fact(connection, fact_id, minimum_confidence())
    return [_tell(row, archive, catalogue) for row in rows]


def _tell(row: dict[str, Any], archive: Path, catalogue: Catalogue) -> str:
    subject, reporter = catalogue.units.get(row["unit_id"]), catalogue.units.get(row["reporting_unit_id"])
    indicator = catalogue.indicators[row["indicator_code"]]
    about = ", ".join(part for part in (row["breakdown"], row["measure"], row["issuer"]) if part)
    data = (archive / row["archive_path"]).read_bytes()
    places = "\n".join(
        f"  {ref}\n    {show_place(data, row['source_path'], ref)}" for ref in (row["ref"], *row["refs"])
    )
    counted = "counted" if row["is_counted"] else "not counted"
    value = f"{_plain(row['value'])} {row['unit_of_measure']} ({row['qualifier']}, confidence {row['confidence']:.2f})"
    as_of = f", as of {row['as_of']}" if row["as_of"] else ""
    subject_name = subject.name if subject else row["unit_id"]
    reporter_name = reporter.name if reporter else row["reporting_unit_id"]
    accepted_at = f"{row['accepted_at']:%Y-%m-%d %H:%M %Z}"
    table = f"marts.{row['fact_name']} fact_id" if row["fact_name"] else "staging.observation"
    lines = (
        f"{table} {row['observation_id']} ({counted})",
        f"  {indicator.name_vi} ({row['indicator_code']}; {about}): {value}",
        f"  about {subject_name}, period {row['period']} ({row['accumulation']}, {row['status']}{as_of})",
        f"submission {row['submission_id']}: {row['form_code']} of {reporter_name}, accepted {accepted_at}",
        *_answered(row),
        f"file {row['source_path']}",
        f"  sha256 {row['sha256']}",
        f"place (as written: {row['raw']})",
        places,
    )
    return "\n".join(lines)


def _answered(row: dict[str, Any]) -> list[str]:
    if row["verdict"] is None:
        return []
    return [f"  {row['verdict']} by {row['reviewed_by']}, {row['reviewed_at']:%Y-%m-%d %H:%M %Z}"]


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
