"""Written reports: from bytes to one submission, each quantity with its place in the sentence.

Plain text and markdown, as OCR leaves them, are read by line (`L53:12-30`); documents by paragraph, table
cell and footnote (`P12:5-9`, `T2!B3`, `N4:5-9`); PDF with text by page and line (`p3L14:5-9`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.findings import finding
from ingest.core.model import Finding, Observation, ReadFile, ReadSubmission
from ingest.core.periods import Period
from ingest.narrative import Extracted, Extraction, extract_lines
from ingest.narrative.audit import check
from ingest.narrative.learned import Phrasings
from ingest.narrative.text.phrases import syllable_key
from ingest.narrative.text.segments import SourceLine
from ingest.readers.report.open_document import open_document
from ingest.readers.spreadsheet.identify import path_contradictions, read_path
from ingest.readers.unreadable import ScannedDocumentError, UnreadableDocumentError

FORM_CODE = "written_report"
FORM_VERSION = "v01"
# A province's longest report has 0.3 MB of text; a million letters are read in some seconds.
TEXT_LIMIT = 1024 * 1024
# Nor does it hold more than some thousand numbers; a list of persons does.
NUMBER_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Source:
    """A file as lines, with what was noticed while opening it. No lines: it cannot be read."""

    lines: Sequence[SourceLine]
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """A report that can be used: its source and what was read out of it. No extraction: it cannot be used.

    `unplaced` is what was read out of a report whose unit or period cannot be told.
    """

    source: Source
    extraction: Extraction | None
    findings: Sequence[Finding] = ()
    unplaced: Extraction | None = None


def read_report(
    data: bytes,
    name: str,
    catalogue: Catalogue,
    path_hint: str = "",
    phrasings: Phrasings | None = None,
    home_code: str = "",
) -> ReadFile:
    """Reads a written report.

    Args:
        data: the file's bytes; their content, not their name, decides how they are read.
        name: the file's name, for findings.
        catalogue: gives units, indicators and code lists.
        path_hint: the path under which the file came. Its folders are the last hint for unit and
            period, and only where each names exactly one.
        phrasings: wordings that persons confirmed.
        home_code: the code of the province that runs the installation; of several units of one name, one inside
            it is meant.

    A report whose unit or period cannot be told, or that cannot be read at all, has an error among
    its findings and no submission; of the first, `unplaced` shows what it states all the same.
    """
    understood = understand_report(data, name, catalogue, path_hint, phrasings, home_code)
    if understood.extraction is None:
        found = understood.unplaced
        unplaced = observations(found.quantities, found.context.unit, found.context.period) if found else []
        return ReadFile(findings=list(understood.findings), unplaced=unplaced)
    return ReadFile(submissions=[submission_of(understood, catalogue)], findings=[])


def understand_report(
    data: bytes,
    name: str,
    catalogue: Catalogue,
    path_hint: str = "",
    phrasings: Phrasings | None = None,
    home_code: str = "",
) -> Understood:
    """What `read_report` makes its submission of: every quantity with its reading, or why there is none."""
    source = open_report(data, name)
    if not source.lines:
        return Understood(source, None, source.findings)
    unit, period = _hints(path_hint, catalogue)
    extraction = extract_lines(
        source.lines,
        catalogue,
        unit_hint=unit,
        period_hint=period,
        home=_home(unit, period, home_code, catalogue),
        phrasings=phrasings,
    )
    problems = [*source.findings, *_unidentified(extraction, name), *_misplaced(extraction, path_hint, name, catalogue)]
    if phrasings is not None and phrasings.problem:
        problems.append(finding("TXT-011", "", problem=phrasings.problem))
    is_usable = extraction.context.unit is not None and extraction.context.is_period_told
    if not is_usable:
        return Understood(source, None, problems, unplaced=extraction)
    return Understood(source, extraction, problems)


def open_report(data: bytes, name: str) -> Source:
    """The lines of a report, or the findings that say why there are none."""
    is_packed = data.startswith((b"PK\x03\x04", b"%PDF-"))
    if not is_packed and len(data) > 4 * TEXT_LIMIT:
        return Source((), [_too_large(name)])
    try:
        opened = open_document(data)
    except UnreadableDocumentError as problem:
        return Source((), [finding("TXT-004", "", name=name, problem=str(problem))])
    except ScannedDocumentError:
        return Source((), [finding("TXT-005", "", name=name)])
    if not any(letter.isalnum() for line in opened.lines for letter in line.text):
        return Source((), [finding("TXT-004", "", name=name, problem="no text")])
    if sum(len(line.text) for line in opened.lines) > TEXT_LIMIT:
        return Source((), [_too_large(name)])
    if not is_vietnamese("\n".join(line.text for line in opened.lines[:_SAMPLE_LINES])):
        return Source((), [finding("TXT-006", "", name=name)])
    numbers = sum(len(_NUMBER.findall(line.text)) for line in opened.lines)
    if numbers > NUMBER_LIMIT:
        return Source((), [finding("TXT-010", "", name=name, count=numbers, limit=NUMBER_LIMIT)])
    noticed = []
    if opened.recognised:
        noticed.append(finding("TXT-007", "", name=name, pages=_pages(opened.recognised)))
    if opened.unread:
        noticed.append(finding("TXT-012", "", name=name, pages=_pages(opened.unread)))
    if opened.broken:
        noticed.append(finding("TXT-008", "", name=name, count=opened.broken))
    if opened.encoding:
        noticed.append(finding("TXT-009", "", name=name, encoding=opened.encoding))
    return Source(opened.lines, noticed)


def _pages(numbers: Sequence[int]) -> str:
    """Page numbers as people write them: 1-3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _too_large(name: str) -> Finding:
    return finding("TXT-001", "", name=name, limit_mb=TEXT_LIMIT // 2**20)


_SAMPLE_LINES = 2000
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_COMMON = frozenset(
    ("va", "cua", "cac", "trong", "nguoi", "nam", "cho", "duoc", "co", "la", "thuc", "hien", "tren", "dia", "ban",
     "ket", "qua", "ve", "voi", "so", "cong", "tac", "huyen", "tinh", "xa")
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_ONLY_VIETNAMESE = re.compile("[\u01a0\u01a1\u01af\u01b0\u0102\u0103\u0110\u0111\u0300-\u0323\u1ea0-\u1ef9]")


def is_vietnamese(text: str) -> bool:
    """Whether a text is Vietnamese, typed with diacritics or without; too little text is taken for it."""
    words = _WORD.findall(text[:60_000])
    if len(words) < 12:
        return True
    if sum(bool(_ONLY_VIETNAMESE.search(word)) for word in words) >= len(words) * 0.15:
        return True
    common = sum(syllable_key(word) in _COMMON for word in words)
    return common >= len(words) * 0.08 and sum(len(word) for word in words) / len(words) < 4.3


# Identifying


def _hints(path_hint: str, catalogue: Catalogue) -> tuple[Unit | None, Period | None]:
    path = read_path(path_hint)
    period = path.periods[0] if len(path.periods) == 1 else None
    if period is None:
        return None, None
    # Folders nest as units do, so the last one named is the sender's.
    units = path.units(period.last_day, catalogue)
    return (units[-1] if units else None), period


def _home(unit: Unit | None, period: Period | None, home_code: str, catalogue: Catalogue) -> Unit | None:
    """The province in which a unit named without more is looked for: that of the folder, else the installation's."""
    if unit is not None and period is not None:
        return catalogue.province_of(unit, period.last_day)
    versions = [u for u in catalogue.units.values() if home_code and u.code == home_code]
    return max(versions, key=lambda u: u.valid_from, default=None)


def _misplaced(extraction: Extraction, path_hint: str, name: str, catalogue: Catalogue) -> list[Finding]:
    """Where the folders that a report lay in name another unit or period than the report itself."""
    head = extraction.context
    if head.unit is None or head.period is None or not head.is_period_told:
        return []
    return path_contradictions(head.period, head.unit, read_path(path_hint), name, catalogue)


def _unidentified(extraction: Extraction, name: str) -> list[Finding]:
    context = extraction.context
    problems = []
    if context.unit is None:
        problems.append(finding("TXT-002", "", name=name))
    if not context.is_period_told:
        problems.append(finding("TXT-003", "", name=name))
    return problems


# Observations


def submission_of(understood: Understood, catalogue: Catalogue) -> ReadSubmission:
    """The submission of a usable report; its observations stand in the order of `same_figures`."""
    extraction = understood.extraction
    assert extraction is not None
    context = extraction.context
    assert context.unit is not None
    assert context.period is not None
    return ReadSubmission(
        form_code=FORM_CODE,
        form_version=FORM_VERSION,
        source_kind="report",
        reporting_unit_id=context.unit.unit_id,
        period=context.period.code,
        status=context.status,
        observations=observations(extraction.quantities, context.unit, context.period),
        findings=[*understood.findings, *check(extraction.quantities, extraction.readings, catalogue)],
    )


def observations(quantities: Sequence[Extracted], unit: Unit | None, period: Period | None) -> list[Observation]:
    """Quantities as observations: what a report states twice in the same words is one, with two places.

    `unit` and `period` are the report's own, for what names none; unknown ones are left empty.
    """
    return [_observation(places, unit, period) for places in same_figures(quantities)]


def same_figures(quantities: Sequence[Extracted]) -> list[list[Extracted]]:
    """The places of each figure: more than one where a report states it again in the same words."""
    found: dict[tuple[object, ...], list[Extracted]] = {}
    for place, q in enumerate(quantities):
        same: tuple[object, ...] = (
            q.indicator_code, q.breakdown, q.unit, q.period, q.measure, q.value, q.qualifier, q.raw, q.issuer,
            q.status, q.as_of, q.accumulation,
        )  # fmt: skip
        found.setdefault(same if q.indicator_code else (place,), []).append(q)
    return list(found.values())


def _observation(places: list[Extracted], unit: Unit | None, period: Period | None) -> Observation:
    first = places[0]
    about = first.unit or unit
    return Observation(
        ref=first.ref,
        raw=first.raw,
        value=first.value,
        unit_of_measure=first.unit_of_measure,
        indicator_code=first.indicator_code,
        unit_id=about.unit_id if about else "",
        period=first.period or (period.code if period else ""),
        breakdown=first.breakdown,
        measure=first.measure,
        qualifier=first.qualifier,
        accumulation=first.accumulation,
        status=first.status,
        as_of=first.as_of,
        issuer=first.issuer,
        confidence=min(p.confidence for p in places),
        refs=tuple(p.ref for p in places[1:]),
    )
