"""A report's data as canonical rows: what an edition keeps, and what its content hash is made of.

A row is a JSON object with a `kind`. Numbers are written as exact decimal text, days and instants in
ISO 8601, so that what is read back equals what was frozen and a file can be made again from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from publish.definition import ReportDefinition
from publish.model import ReportData

Row = dict[str, Any]

# The parts of a ReportData that are lists, each with the kind its rows carry.
LISTS = {
    "units": "unit",
    "figures": "figure",
    "unit_figures": "unit_figure",
    "sources": "source",
    "findings": "finding",
    "dues": "due",
}

# Left out of the hash: numbers the database gives, the instant of acceptance and the order of rows.
# The same figures from the same places of the same files are the same content without them.
INCIDENTAL = frozenset({"submission_id", "observation_id", "accepted_at", "sort_order"})

_REPORT_DATA = TypeAdapter(ReportData)


def freeze(data: ReportData, definition: ReportDefinition) -> list[Row]:
    """The rows of an edition: the definition it was written with, the report's head, then everything it shows."""
    dumped = _canonical(_REPORT_DATA.dump_python(data))
    lists = [{"kind": kind, **row} for name, kind in LISTS.items() for row in dumped.pop(name)]
    return [
        {"kind": "definition", "definition": definition.model_dump(mode="json")},
        {"kind": "report", **dumped},
        *lists,
    ]


def thaw(rows: Iterable[Row]) -> ReportData:
    """The data that `freeze` froze.

    Raises:
        ValueError: the rows lack the report's head, or a row has another shape.
    """
    by_kind = _by_kind(rows)
    lists = {name: by_kind.get(kind, []) for name, kind in LISTS.items()}
    return _REPORT_DATA.validate_python({**_only(by_kind, "report"), **lists})


def thaw_definition(rows: Iterable[Row]) -> ReportDefinition:
    """The definition the edition was written with.

    Raises:
        ValueError: the rows hold none, or one that this version of the software cannot use.
    """
    frozen = dict(_only(_by_kind(rows), "definition")["definition"])
    frozen["sections"] = [_in_todays_words(section) for section in frozen.get("sections", [])]
    return ReportDefinition.model_validate(frozen)


def _in_todays_words(section: dict[str, Any]) -> dict[str, Any]:
    """A section of an edition of version 0.1, where its sentences were called statements."""
    return {"sentences" if key == "statements" else key: value for key, value in section.items()}


def _by_kind(rows: Iterable[Row]) -> dict[str, list[Row]]:
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], []).append({key: value for key, value in row.items() if key != "kind"})
    return by_kind


def _only(by_kind: dict[str, list[Row]], kind: str) -> Row:
    found = by_kind.get(kind, [])
    if len(found) != 1:
        raise ValueError(f"a frozen report has one row of kind {kind}; these have {len(found)}")
    return found[0]


def content_sha256(rows: Sequence[Row]) -> str:
    """The hash of what is published: figures, their sources by file and place, findings, completeness.

    Wording and layout are not content: a better sentence makes no new edition.
    """
    sources = {row["submission_id"]: row["sha256"] for row in rows if row["kind"] == "source"}
    lines = sorted(_line(row, sources) for row in rows if row["kind"] != "definition")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _line(row: Row, sources: dict[int, str]) -> str:
    kept = {key: value for key, value in row.items() if key not in INCIDENTAL}
    if "submission_id" in row:
        kept["sha256"] = sources.get(row["submission_id"], "")
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _canonical(value: Any) -> Any:
    """Plain JSON values; a decimal as its shortest exact text, since 470 and 470.00 are one number."""
    if isinstance(value, Decimal):
        return "0" if value == 0 else f"{value.normalize():f}"
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
