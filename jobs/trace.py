"""From a fact back to the cell or the sentence it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from ingest.core.catalogue import Catalogue
from ingest.readers.show_place import show_place
from ingest.review.proposals import minimum_confidence


@dataclass(frozen=True, slots=True)
class Question:
    """Which figure is asked about."""

    unit_id: str
    period: str
    indicator_code: str
    breakdown: str = ""
    measure: str = "actual"


_QUERY = """
with statement as (
    select
        fact_name, observation_id, is_counted, value, unit_of_measure, qualifier, confidence, unit_id, period,
        accumulation, status, as_of, indicator_code, breakdown, measure, issuer, form_code, source_kind,
        reporting_unit_id, submission_id, ref
    from warehouse.int_observations__counted as statement
    where {condition}
    union all
    -- What was read with too little confidence is in no fact: it waits in staging for a person.
    select
        null, observation_id, false, value, unit_of_measure, qualifier, confidence, unit_id, statement.period,
        accumulation, statement.status, as_of, indicator_code, breakdown, measure, issuer, form_code, source_kind,
        reporting_unit_id, submission_id, ref
    from staging.observation as statement
    join registry.submission using (submission_id)
    where submission.state = 'accepted' and statement.confidence < %(minimum_confidence)s::real and {condition}
)
select
    statement.*, observation.refs, observation.raw, submission.sha256, submission.accepted_at, file.archive_path,
    delivery.source_path, answer.verdict, answer.reviewed_by, answer.reviewed_at
from statement
join staging.observation as observation using (observation_id)
join registry.submission as submission on submission.submission_id = statement.submission_id
join registry.file as file using (sha256)
join lateral (
    select source_path from registry.delivery
    where delivery.sha256 = submission.sha256
    order by delivery_id
    limit 1
) as delivery on true
-- What a person said about it, where the submission was read with the answers.
left join lateral (
    select answers.verdict, review.reviewed_by, review.reviewed_at
    from registry.review as review
    join registry.review_answer as answers using (review_id)
    where review.sha256 = submission.sha256 and submission.reader_version like '%%+review%%'
        and split_part(answers.place, '#', 1) = statement.ref
        and answers.figure ->> 'indicator_code' = statement.indicator_code
        and answers.figure ->> 'unit_id' = statement.unit_id
    order by review_id desc
    limit 1
) as answer on true
where {condition}
order by statement.is_counted desc, statement.observation_id
"""


def trace_figure(connection: Connection, question: Question, archive: Path, catalogue: Catalogue) -> list[str]:
    """Every statement of a figure, the one that counts first, each told down to its place."""
    condition = (
        "(statement.unit_id, statement.period, statement.indicator_code, statement.breakdown, statement.measure)"
        " = (%(unit_id)s, %(period)s, %(indicator_code)s, %(breakdown)s, %(measure)s)"
    )
    return _trace(connection, condition, asdict(question), archive, catalogue)


def trace_fact(connection: Connection, fact_id: int, archive: Path, catalogue: Catalogue) -> list[str]:
    """One row of a fact table, by its `fact_id`, told down to its place; empty when there is none."""
    return _trace(connection, "statement.observation_id = %(fact_id)s", {"fact_id": fact_id}, archive, catalogue)


def _trace(
    connection: Connection, condition: str, values: Mapping[str, object], archive: Path, catalogue: Catalogue
) -> list[str]:
    asked = {**values, "minimum_confidence": minimum_confidence()}
    with connection.cursor(row_factory=dict_row) as cursor:
        # The condition is one of the two constants above, the values are bound.
        rows = cursor.execute(_QUERY.format(condition=condition), asked).fetchall()
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
