"""What there is to review in a report: each number with its sentence, its proposal and its wording."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding, Observation, ReadFile
from ingest.narrative.learned import Phrasings, Words, words_of
from ingest.narrative.readings import Reading
from ingest.readers.dispatch import behind_door, file_bytes, kind_of, unreadable, why_refused
from ingest.readers.personal_data import without_personal_numbers
from ingest.readers.report.read_report import same_figures, submission_of, understand_report
from ingest.readers.unreadable import ReaderDefectError, RefusedFileError
from runtime.thresholds import load_thresholds

_SENTENCE_BEFORE, _SENTENCE_AFTER = 320, 220


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A figure to be reviewed.

    `place` is its key: the ref of its first place, with `#2` where several figures share it. `sentence`
    is the sentence it stands in, `start` and `end` the number's bounds in it; `title` is what stands above.
    """

    place: str
    sentence: str
    start: int
    end: int
    title: str
    proposal: Observation
    words: Words


@dataclass(frozen=True, slots=True)
class Review:
    """A report's figures in reading order, with who reports for which period."""

    name: str
    sha256: str
    reporting_unit_id: str
    period: str
    rows: Sequence[ReviewRow]


def minimum_confidence() -> float:
    """The confidence below which a figure of prose waits for a person and does not count."""
    return load_thresholds().minimum_confidence


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def read_review(
    path: Path, name: str, catalogue: Catalogue, path_hint: str = "", phrasings: Phrasings | None = None
) -> tuple[Review | None, list[Finding]]:
    """What there is to review in a written report; None with findings where it cannot be read as one.

    It is read behind the door, as by `read_file`.

    Raises:
        runtime.errors.SetupError: it could not be read for a reason of ours.
    """
    size_bytes = path.stat().st_size
    try:
        return behind_door(lambda: _read_review(path, name, catalogue, path_hint, phrasings), size_bytes, name)
    except (RefusedFileError, ReaderDefectError) as problem:
        return None, [why_refused(problem, name)]


def _read_review(
    path: Path, name: str, catalogue: Catalogue, path_hint: str, phrasings: Phrasings | None
) -> tuple[Review | None, list[Finding]]:
    problem = unreadable(path, name)
    if problem is not None:
        return None, [problem]
    data = file_bytes(path)
    if kind_of(data, name) != "report":
        return None, [finding("REV-001", "", name=name)]
    understood = understand_report(data, name, catalogue, path_hint, phrasings)
    extraction = understood.extraction
    if extraction is None:
        return None, list(understood.findings)
    submission = submission_of(understood, catalogue)
    groups = same_figures(extraction.quantities)
    reading_of = {id(q): r for q, r in zip(extraction.quantities, extraction.readings, strict=True)}
    proposals = list(zip(submission.observations, (group[0] for group in groups), strict=True))
    read = without_personal_numbers(ReadFile(submissions=[submission]), name)
    if not read.submissions:
        return None, read.findings
    shown = {id(observation) for observation in submission.observations}
    found = [(observation, first) for observation, first in proposals if id(observation) in shown]
    found.sort(key=lambda pair: pair[1].place)
    places = unique_places(observation for observation, _ in found)
    rows = [
        _row(place, reading_of[id(first)], observation)
        for place, (observation, first) in zip(places, found, strict=True)
    ]
    sha256 = hashlib.sha256(data).hexdigest()
    made = Review(name, sha256, submission.reporting_unit_id, submission.period, rows)
    return made, [*understood.findings, *read.findings]


def unique_places(found: Iterable[Observation]) -> list[str]:
    """A key for each observation: its ref, numbered from the second one that stands at the same place."""
    met: Counter[str] = Counter()
    keys = []
    for observation in found:
        met[observation.ref] += 1
        count = met[observation.ref]
        keys.append(observation.ref if count == 1 else f"{observation.ref}#{count}")
    return keys


def _row(place: str, reading: Reading, proposal: Observation) -> ReviewRow:
    passage, window = reading.page.passage, reading.window
    start = max(window.sentence_start, reading.quantity.start - _SENTENCE_BEFORE)
    stop = min(max(window.sentence_end, reading.quantity.end), reading.quantity.end + _SENTENCE_AFTER)
    if passage.kind == "row":
        start, stop = 0, min(len(passage.text), reading.quantity.end + _SENTENCE_AFTER)
        start = max(start, reading.quantity.start - _SENTENCE_BEFORE)
    text = passage.text[start:stop].rstrip()
    before = "…" if start > window.sentence_start else ""
    after = "…" if stop < window.sentence_end and passage.kind != "row" else ""
    title = next((parent.title for parent in passage.parents if parent.title), "")
    shift = len(before) - start
    return ReviewRow(
        place,
        before + text + after,
        reading.quantity.start + shift,
        min(reading.quantity.end + shift, len(before + text)),
        title,
        proposal,
        words_of(reading),
    )


# A proposal goes with the workbook and comes back with it.


def observation_text(observation: Observation) -> str:
    """An observation as one line of JSON, the same for equal ones."""
    return json.dumps(observation._asdict(), ensure_ascii=False, sort_keys=True, default=_written)


def observation_from(text: str) -> Observation:
    """Reads what `observation_text` writes. Raises ValueError or TypeError for anything else."""
    values = json.loads(text)
    if not isinstance(values, dict) or set(values) != set(Observation._fields):
        raise ValueError("not an observation")
    values["value"] = Decimal(values["value"])
    values["as_of"] = date.fromisoformat(values["as_of"]) if values["as_of"] else None
    values["refs"] = tuple(values["refs"])
    return Observation(**values)


def _written(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else value.isoformat()
