"""A written report with its findings as comments: the .docx as it came, or the text of another kind."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from ingest.core.catalogue import Catalogue
from ingest.core.model import Finding, ReadFile
from ingest.narrative.text.segments import SourceLine
from ingest.readers.personal_data import names_a_person
from ingest.readers.report.open_document import open_document
from ingest.readers.spreadsheet.sheet_details import column_letters
from ingest.readers.unreadable import ScannedDocumentError, UnreadableDocumentError
from ingest.submitters.answer_texts import answer_texts, by_severity, introduction

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_RANGE = re.compile(r"(.+):(\d+)-(\d+)")
_ASIDE = tuple(qn(f"w:{name}") for name in ("sdt", "sdtContent", "ins", "customXml", "smartTag"))
_MOST_COMMENTS = 500


class UnmarkableReportError(Exception):
    """The report can't be opened for marking, or names persons."""


def marked_report(data: bytes, result: ReadFile, name: str, catalogue: Catalogue) -> bytes:
    """The report as a .docx with a comment at each sentence of which a finding speaks.

    The first paragraph's comment tells what became of the report and what is to be done.

    Raises:
        UnmarkableReportError: the report can't be opened, or names persons.
    """
    try:
        if data.startswith(b"PK\x03\x04"):
            document = docx.Document(io.BytesIO(data))
            places = dict(_places(document))
        else:
            lines = open_document(data).lines
            document = docx.Document()
            document.add_heading(answer_texts()["text_of"].format(name=_clean(name)), level=1)
            places = _written(document, lines)
    except (UnreadableDocumentError, ScannedDocumentError, KeyError, ValueError, OSError) as problem:
        raise UnmarkableReportError(str(problem)) from problem
    if any(names_a_person(paragraph.text) for paragraph in places.values()):
        # The answer stays in the outbox, where nobody's name may lie.
        raise UnmarkableReportError("it names persons")
    first = next(iter(places.values()), None) or document.add_paragraph()
    findings = [one for one in by_severity(result.all_findings) if one.severity != "info"]
    _comment(document, first, None, "\n".join(introduction(result, name, catalogue, is_report=True)))
    for one in findings[:_MOST_COMMENTS]:
        _mark(document, places, one)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _mark(document: Document, places: Mapping[str, Paragraph], finding: Finding) -> None:
    for number, ref in enumerate(dict.fromkeys((finding.ref, *finding.refs))):
        match = _RANGE.fullmatch(ref)
        place, span = (match[1], (int(match[2]), int(match[3]))) if match else (ref, None)
        if place in places:
            related = answer_texts()["related"].format(ref=finding.ref, message=finding.message_vi)
            _comment(document, places[place], span, finding.message_vi if number == 0 else related)


def _comment(document: Document, paragraph: Paragraph, span: tuple[int, int] | None, text: str) -> None:
    runs = _runs_of(paragraph, span) or [paragraph.add_run("")]
    author = str(answer_texts()["comment_author"])
    document.add_comment([runs[0], runs[-1]], text=_clean(text), author=author, initials="AS")


def _runs_of(paragraph: Paragraph, span: tuple[int, int] | None) -> list[Run]:
    """The runs that hold a stretch of a paragraph's text; all of them where its letters are counted otherwise."""
    runs, found, at = paragraph.runs, [], 0
    for run in runs:
        end = at + len(run.text)
        if span is None or (at < span[1] and end > span[0]):
            found.append(run)
        at = end
    return found or runs


def _written(document: Document, lines: object) -> dict[str, Paragraph]:
    """A paragraph for each line, by its place; every word is a run of its own, so that a comment can hold some."""
    places: dict[str, Paragraph] = {}
    for line in lines:  # type: ignore[attr-defined]
        assert isinstance(line, SourceLine)
        if line.text.strip():
            paragraph = places.setdefault(line.place, document.add_paragraph())
            for word in re.findall(r"\s*\S+|\s+$", _clean(line.text)):
                paragraph.add_run(word)
    return places


def _places(document: Document) -> Iterator[tuple[str, Paragraph]]:
    """The paragraphs of a document by the places that the reader gives them (`P12`, `T2!B3`)."""
    count = {"paragraphs": 0, "tables": 0}

    def blocks(container: Any) -> Iterator[tuple[str, Any]]:
        for child in container:
            if child.tag == qn("w:p"):
                count["paragraphs"] += 1
                yield f"P{count['paragraphs']}", child
            elif child.tag == qn("w:tbl"):
                count["tables"] += 1
                yield from _cells(child, count["tables"])
            elif child.tag in _ASIDE:
                yield from blocks(child)

    for place, element in blocks(document.element.body):
        yield place, Paragraph(element, document._body)


def _cells(table: Any, number: int) -> Iterator[tuple[str, Any]]:
    for row_number, row in enumerate(table.findall(qn("w:tr")), start=1):
        column = 0
        for cell in row.findall(qn("w:tc")):
            paragraph = next(iter(cell.iter(qn("w:p"))), None)
            if paragraph is not None:
                yield f"T{number}!{column_letters(column)}{row_number}", paragraph
            span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
            column += int(span.get(qn("w:val"), "1")) if span is not None else 1


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
