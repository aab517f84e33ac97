"""Why a number in a report got its meaning: the steps of its reading, for one line."""

from __future__ import annotations

import re

from ingest.core.catalogue import Catalogue
from ingest.narrative import Extracted, extract_lines
from ingest.narrative.learned import Phrasings
from ingest.readers.dispatch import behind_door, why_refused
from ingest.readers.report.read_report import open_report
from ingest.readers.unreadable import ReaderDefectError, RefusedFileError


def explain_line(data: bytes, name: str, line: int, catalogue: Catalogue, phrasings: Phrasings | None = None) -> str:
    """The line, and below it each number with its meaning and the steps that led there.

    `line` counts as refs do: lines of a text from 1, paragraphs of a document. A report that cannot
    be read gives the reasons instead. It is read behind the door, as by `read_file`.
    """
    try:
        return behind_door(lambda: _explain_line(data, name, line, catalogue, phrasings), len(data), name)
    except (RefusedFileError, ReaderDefectError) as problem:
        why = why_refused(problem, name)
        return f"{why.rule_id}: {why.message_en}"


def _explain_line(data: bytes, name: str, line: int, catalogue: Catalogue, phrasings: Phrasings | None) -> str:
    source = open_report(data, name)
    if not source.lines:
        return "\n".join(f"{f.rule_id}: {f.message_en}" for f in source.findings)
    place = re.compile(rf"(?:L|P){line}:")
    text = next((found.text for found in source.lines if place.match(f"{found.place}:")), None)
    if text is None:
        return f"There is no line {line}"
    told = [
        _explained(q)
        for q in extract_lines(source.lines, catalogue, phrasings=phrasings).quantities
        if place.match(q.ref)
    ]
    return "\n\n".join([text, *(told or ["No quantity was found on this line."])])


def _explained(q: Extracted) -> str:
    meaning = f"{q.indicator_code or '(not recognised)'} {q.breakdown}".strip()
    head = f"{q.ref}  {q.raw} = {q.value} {q.unit_of_measure}: {meaning}, {q.measure}, {q.period}"
    return "\n".join([f"{head}, confidence {q.confidence:.2f}", *(f"  - {step}" for step in q.steps)])
