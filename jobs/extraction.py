"""What a file holds, as rows: the seam of `ansinh extract`."""

from __future__ import annotations

from typing import Any

from ingest.core.catalogue import Catalogue
from ingest.core.model import Observation, ReadFile

EXTRACT_COLUMNS = (
    "ref",
    "raw",
    "value",
    "unit",
    "qualifier",
    "measure",
    "indicator",
    "unit_code",
    "unit_name",
    "period",
    "breakdown",
    "confidence",
    "as_of",
    "accumulation",
    "status",
    "issuer",
)


def extraction_rows(result: ReadFile, catalogue: Catalogue) -> list[dict[str, Any]]:
    """One row per value and place: a value that is stated in several places has a row for each.

    Of a file that does not tell whose or of when its values are, unit or period are empty.
    """
    stated = [observation for submission in result.submissions for observation in submission.observations]
    return [
        _row(observation, ref, catalogue)
        for observation in (*stated, *result.unplaced)
        for ref in (observation.ref, *observation.refs)
    ]


def _row(o: Observation, ref: str, catalogue: Catalogue) -> dict[str, Any]:
    unit = catalogue.units.get(o.unit_id)
    values = (
        ref,
        o.raw,
        o.value,
        o.unit_of_measure,
        o.qualifier,
        o.measure,
        o.indicator_code,
        unit.code if unit else "",
        unit.name if unit else "",
        o.period,
        o.breakdown,
        round(o.confidence, 3),
        o.as_of,
        o.accumulation,
        o.status,
        o.issuer,
    )
    return dict(zip(EXTRACT_COLUMNS, values, strict=True))
