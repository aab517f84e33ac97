"""The answers in a review workbook: what a person confirmed, corrected or refused, row by row.

All or nothing: a workbook with one row that cannot be used gives findings and no answers, so that what was
taken is always what the workbook says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding, Observation, breakdown_key, parse_breakdown
from ingest.core.periods import InvalidPeriodError, parse_period
from ingest.narrative.learned import Words
from ingest.readers.dispatch import behind_door, file_bytes, unreadable, why_refused
from ingest.readers.spreadsheet.cells import read_cell
from ingest.readers.spreadsheet.open_book import Sheet, UnusableBookError, open_book
from ingest.readers.unreadable import ReaderDefectError, RefusedFileError
from ingest.review import labels
from ingest.review.proposals import observation_from
from ingest.review.workbook import (
    AT,
    BOOK_VERSION,
    COLUMNS,
    DATA,
    DATA_FIRST_ROW,
    DATA_HEADINGS,
    FIRST_ROW,
    SHEET,
    checksum,
    units_offered,
)

Verdict = Literal["confirmed", "corrected", "no_figure"]

_CORRECTIONS = tuple(column.key for column in COLUMNS[AT["indicator_right"] : AT["note"]])
_CATEGORIES = ("category_1", "category_2", "category_3")
_TRUST = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person says about a number: `figure` is what it is; of no figure, it has no indicator."""

    place: str
    verdict: Verdict
    figure: Observation
    proposal: Observation
    words: Words
    note: str
    ref: str


@dataclass(slots=True)
class AnswerBook:
    """A review workbook as handed in. `unanswered` are proposals that stand as they were read, with their wording."""

    name: str
    sha256: str
    reporting_unit_id: str
    period: str
    answers: list[Answer] = field(default_factory=list)
    unanswered: list[tuple[Words, Observation]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class _RowError(Exception):
    def __init__(self, problem: Finding) -> None:
        super().__init__(problem.rule_id)
        self.finding = problem


def read_answers(path: Path, catalogue: Catalogue) -> AnswerBook:
    """Reads a review workbook, behind the door. Findings that are errors leave it without answers."""
    try:
        return behind_door(lambda: _read_answers(path, catalogue), path.stat().st_size, path.name)
    except (RefusedFileError, ReaderDefectError) as problem:
        return AnswerBook(path.name, "", "", "", findings=[why_refused(problem, path.name)])


def _read_answers(path: Path, catalogue: Catalogue) -> AnswerBook:
    name = path.name
    problem = unreadable(path, name)
    if problem is not None:
        return AnswerBook(name, "", "", "", findings=[problem])
    try:
        book = open_book(file_bytes(path), name)
    except UnusableBookError as unusable:
        return AnswerBook(name, "", "", "", findings=[unusable.finding])
    sheets = {sheet.name: sheet for sheet in book.sheets}
    if SHEET not in sheets or DATA not in sheets:
        return _damaged(name, f"no sheet “{SHEET}” or “{DATA}”")
    head, problem_text = _head(sheets[DATA], catalogue)
    if problem_text:
        return _damaged(name, problem_text)
    headings = [_text(sheets[SHEET], FIRST_ROW - 1, at) for at in range(len(COLUMNS))]
    moved = [column.vi for column, heading in zip(COLUMNS, headings, strict=True) if not heading.startswith(column.vi)]
    if moved:
        return _damaged(name, f"columns changed: {', '.join(moved[:3])}")
    made = AnswerBook(head["name"], head["sha256"], head["reporting_unit_id"], head["period"])
    _Rows(made, sheets[SHEET], sheets[DATA], catalogue).read()
    if any(found.severity == "error" for found in made.findings):
        made.answers.clear()
    return made


def _damaged(name: str, problem: str) -> AnswerBook:
    return AnswerBook(name, "", "", "", findings=[finding("REV-002", "", name=name, problem=problem)])


def _head(sheet: Sheet, catalogue: Catalogue) -> tuple[dict[str, str], str]:
    """The head of the hidden sheet, and what is wrong with it."""
    head = {_text(sheet, row, 0): _text(sheet, row, 1) for row in range(DATA_FIRST_ROW - 1)}
    keys = ("version", "name", "sha256", "reporting_unit_id", "period")
    headings = tuple(_text(sheet, DATA_FIRST_ROW - 1, column) for column in range(len(DATA_HEADINGS)))
    if any(key not in head for key in keys) or headings != DATA_HEADINGS:
        return head, f"the sheet “{DATA}” is not as it was written"
    if head["version"] != BOOK_VERSION:
        return head, f"version {head['version'][:20]}"
    if not re.fullmatch(r"[0-9a-f]{64}", head["sha256"]) or head["reporting_unit_id"] not in catalogue.units:
        return head, f"the head of the sheet “{DATA}”"
    try:
        parse_period(head["period"])
    except InvalidPeriodError:
        return head, f"the head of the sheet “{DATA}”"
    return head, ""


class _Rows:
    """Reads the rows of the sheet against those of the hidden one."""

    def __init__(self, made: AnswerBook, sheet: Sheet, data: Sheet, catalogue: Catalogue) -> None:
        self.made, self.sheet, self.data, self.catalogue = made, sheet, data, catalogue
        self.units = units_offered(made.reporting_unit_id, made.period, catalogue)

    def read(self) -> None:
        """Reads every row; what is wrong becomes a finding at its cell."""
        written = self._written()
        met: dict[str, Answer] = {}
        open_places = dict(written)
        for row in range(FIRST_ROW, len(self.sheet.rows)):
            if not any(_text(self.sheet, row, at) for at in range(len(COLUMNS))):
                continue
            try:
                answer = self._answer(row, written)
            except _RowError as problem:
                self.made.findings.append(problem.finding)
                continue
            if answer is None:
                continue
            before = met.get(answer.place)
            if before is not None and (before.verdict, before.figure) != (answer.verdict, answer.figure):
                self.made.findings.append(finding("REV-018", answer.ref, refs=(before.ref,), place=answer.place))
            if before is None:
                met[answer.place] = answer
                self.made.answers.append(answer)
                open_places.pop(answer.place, None)
        self.made.unanswered = [(words, proposal) for proposal, words in open_places.values()]

    def _written(self) -> dict[str, tuple[Observation, Words]]:
        """The proposals that went out with the workbook, by place; a damaged one is a finding."""
        found: dict[str, tuple[Observation, Words]] = {}
        for row in range(DATA_FIRST_ROW, len(self.data.rows)):
            texts = [_text(self.data, row, column, is_stripped=False) for column in range(len(DATA_HEADINGS))]
            if not any(texts):
                continue
            ref = self.data.ref(row, 0)
            if checksum(self.made.sha256, *texts[:-1]) != texts[-1] or texts[0] in found:
                self.made.findings.append(finding("REV-011", ref, problem=f"sheet “{DATA}”"))
                continue
            try:
                found[texts[0]] = (observation_from(texts[2]), Words(texts[3], texts[4], texts[5]))
            except (ValueError, TypeError, KeyError, ArithmeticError):
                self.made.findings.append(finding("REV-011", ref, problem=f"sheet “{DATA}”"))
        return found

    def _answer(self, row: int, written: Mapping[str, tuple[Observation, Words]]) -> Answer | None:
        given = {key: self._given(row, key) for key in _CORRECTIONS}
        filled = [key for key, text in given.items() if text]
        said = self._given(row, "verdict")
        if not said and not filled:
            return None
        place = self._given(row, "place").split("\n")[0].strip()
        ref = self.sheet.ref(row, AT["verdict"])
        if place not in written:
            raise _RowError(finding("REV-011", ref, problem=f"{self.sheet.ref(row, AT['place'])} = {place or '∅'}"))
        proposal, words = written[place]
        if self._given(row, "raw") != proposal.raw.strip():
            raise _RowError(finding("REV-011", ref, problem=f"{self.sheet.ref(row, AT['raw'])} ≠ {proposal.raw}"))
        note = self._given(row, "note")
        verdict = said or labels.CORRECT
        names = ", ".join(COLUMNS[AT[key]].vi for key in filled)
        if verdict in (labels.CONFIRM, labels.REFUSE):
            if filled:
                raise _RowError(finding("REV-014", ref, verdict=verdict, columns=names))
            if verdict == labels.REFUSE:
                figure = proposal._replace(indicator_code="", breakdown="", confidence=0.0)
                return Answer(place, "no_figure", figure, proposal, words, note, ref)
            if not proposal.indicator_code:
                raise _RowError(finding("REV-016", ref))
            return Answer(place, "confirmed", proposal._replace(confidence=_TRUST), proposal, words, note, ref)
        if verdict != labels.CORRECT:
            raise _RowError(finding("REV-012", ref, value=verdict))
        if not filled:
            raise _RowError(finding("REV-015", ref))
        return Answer(place, "corrected", self._corrected(row, given, proposal), proposal, words, note, ref)

    def _corrected(self, row: int, given: Mapping[str, str], proposal: Observation) -> Observation:
        code = proposal.indicator_code
        if given["indicator_right"]:
            code = self._read(row, "indicator_right", lambda text: labels.read_indicator(text, self.catalogue))
        if not code:
            raise _RowError(finding("REV-016", self.sheet.ref(row, AT["verdict"])))
        indicator = self.catalogue.indicators[code]
        categories = [given[key] for key in _CATEGORIES if given[key]]
        if categories:
            breakdown = self._read(
                row, "category_1", lambda _: labels.read_breakdown(categories, self.catalogue), "; ".join(categories)
            )
        else:
            # What was read stays, as far as the right indicator may carry it.
            kept = parse_breakdown(proposal.breakdown)
            breakdown = breakdown_key({k: v for k, v in kept.items() if k in indicator.breakdown_lists})
        alien = [name for name in parse_breakdown(breakdown) if name not in indicator.breakdown_lists]
        if alien:
            ref = self.sheet.ref(row, AT["category_1"])
            raise _RowError(finding("REV-017", ref, indicator=indicator.name_vi, breakdown=", ".join(alien)))
        period = proposal.period
        if given["period_right"]:
            period = self._read(row, "period_right", lambda text: parse_period(text).code)
        unit_id = proposal.unit_id
        if given["subject_right"]:
            unit_id = self._read(row, "subject_right", lambda text: labels.read_unit(text, self.units))
        measure = proposal.measure
        if given["measure_right"]:
            measure = self._read(row, "measure_right", labels.read_measure)
        return proposal._replace(
            indicator_code=code,
            breakdown=breakdown,
            unit_of_measure=indicator.unit_of_measure,
            measure=measure,
            period=period,
            unit_id=unit_id,
            accumulation=indicator.accumulation(proposal.accumulation, period),
            value=self._value(row, given["value_right"], proposal),
            confidence=_TRUST,
        )

    def _value(self, row: int, text: str, proposal: Observation) -> Decimal:
        if not text:
            return proposal.value
        cell = read_cell(self.sheet.value(row, AT["value_right"]))
        # `1.500` typed as text is read in one way only where it can be.
        if cell.kind != "number" or cell.value is None or cell.other is not None or cell.word:
            raise _RowError(self._unusable(row, "value_right", text))
        return cell.value

    def _read(self, row, key, read, text=None) -> str:  # type: ignore[no-untyped-def]
        """What a cell says, as `read` makes of it; a finding where it cannot."""
        text = text if text is not None else self._given(row, key)
        try:
            return str(read(text))
        except (labels.UnknownLabelError, InvalidPeriodError) as problem:
            raise _RowError(self._unusable(row, key, text)) from problem

    def _unusable(self, row: int, key: str, text: str) -> Finding:
        return finding("REV-013", self.sheet.ref(row, AT[key]), value=text, column=COLUMNS[AT[key]].vi)

    def _given(self, row: int, key: str) -> str:
        return _text(self.sheet, row, AT[key])


def _text(sheet: Sheet, row: int, column: int, *, is_stripped: bool = True) -> str:
    """A cell as text: a year typed as a number is `2023`."""
    value = sheet.value(row, column)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value)
    return text.strip() if is_stripped else text


def meanings(book: AnswerBook) -> Sequence[tuple[Words, Observation]]:
    """Every wording of the report with its meaning after the answers."""
    return [*((answer.words, answer.figure) for answer in book.answers), *book.unanswered]
