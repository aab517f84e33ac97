"""Statements behind a figure of the warehouse, each with the place in the file it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

_QUERY: LiteralString = """
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
_FIGURE: LiteralString = (
    "(statement.unit_id, statement.period, statement.indicator_code, statement.breakdown, statement.measure)"
    " = (%(unit_id)s, %(period)s, %(indicator_code)s, %(breakdown)s, %(measure)s)"
)
_FACT: LiteralString = "statement.observation_id = %(fact_id)s"


def statements_of_figure(
    connection: Connection, figure: Mapping[str, str], minimum_confidence: float
) -> list[dict[str, Any]]:
    """Every statement of a figure, the one that counts first.

    Args:
        connection: acts as role `transform`.
        figure: `unit_id`, `period`, `indicator_code`, `breakdown`, `measure`.
        minimum_confidence: what was read with less waits in staging.
    """
    return _statements(connection, _FIGURE, {**figure, "minimum_confidence": minimum_confidence})


def statements_of_fact(connection: Connection, fact_id: int, minimum_confidence: float) -> list[dict[str, Any]]:
    """The statement of one row of a fact table; empty when there is none."""
    return _statements(connection, _FACT, {"fact_id": fact_id, "minimum_confidence": minimum_confidence})


def _statements(connection: Connection, condition: LiteralString, values: Mapping[str, object]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_QUERY.format(condition=condition), values).fetchall()
