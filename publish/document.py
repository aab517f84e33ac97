"""The report as an official letter in the layout of Decree 30/2020/NĐ-CP, Annex I.

A4, margins 30 mm left and 20 mm on the other sides, Times New Roman 13-14, page number at the top
centre from the second page on, national emblem's words at the right, agency at the left, number,
day and signature left blank for the signatory. Below each page stand the edition and the day of its
data. Built from a frozen `ReportData` alone; the same edition gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Inches, Mm, Pt, RGBColor
from docx.table import Table as WordTable
from docx.table import _Cell as WordCell
from docx.text.paragraph import Paragraph

from ingest.core.period_labels import period_label
from ingest.core.periods import parse_period
from publish.charts import WIDTH_INCHES, chart_png
from publish.definition import Column, ReportDefinition, Section, Table
from publish.format_vi import ROMAN, format_date, format_number, inside_sentence, sentence_case
from publish.model import Due, Figure, ReportData, ReportedFinding, UnitFigure
from publish.prose import Speaker
from publish.revisions import Revision

FONT = "Times New Roman"
BODY_SIZE = Pt(14)
TABLE_STYLE = "Table text"
TEXT_WIDTH_CM = 16.0
# Up to this many rows a table is kept on one page.
WHOLE_TABLE_ROWS = 16

LEFT, CENTRE = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER
RIGHT, JUSTIFY = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY

# What XML 1.0 cannot hold; findings quote files as they came.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_document(
    path: Path,
    data: ReportData,
    definition: ReportDefinition,
    edition_number: int,
    revisions: Sequence[Revision] = (),
) -> None:
    """Writes the document of an edition.

    Raises:
        OSError: the file cannot be written.
    """
    report = _Report(data, definition, edition_number)
    report.write(revisions)
    buffer = io.BytesIO()
    report.document.save(buffer)
    path.write_bytes(_without_clock(buffer.getvalue()))


class _Report:
    """The document in the making."""

    def __init__(self, data: ReportData, definition: ReportDefinition, edition_number: int) -> None:
        self.data = data
        self.definition = definition
        self.edition_number = edition_number
        self.speaker = Speaker(data, definition)
        self.agency = definition.consolidating_agency(data.period.last_day)
        self.document: Document = docx.Document()
        self.parts = 0
        self.tables = 0
        self.charts = 0
        self.annexes = 0

    def frame(self, name: str, **slots: str) -> str:
        """One of the frame's texts, filled."""
        return self.definition.wording.frame[name].format(**{**self.speaker.common, **slots})

    def write(self, revisions: Sequence[Revision]) -> None:
        contradictions = [found for found in self.data.findings if found.is_contradiction]
        contradictions_annex = 1 if contradictions else 0
        revisions_annex = contradictions_annex + 1 if revisions else 0
        self._set_up()
        self._letterhead()
        self._headline()
        self._heading(1, self.frame("heading_sections"))
        for number, section in enumerate(self._sections_with_data(), 1):
            self._section(number, section)
        self._heading(1, self.frame("heading_quality"))
        self._quality(len(contradictions), contradictions_annex, len(revisions), revisions_annex)
        self._signature()
        if contradictions:
            self._contradictions_annex(contradictions)
        if revisions:
            self._revisions_annex(revisions)

    def _sections_with_data(self) -> list[Section]:
        return [s for s in self.definition.sections if any(True for _ in self.data.figures_of(s.domains))]

    # Page, styles, head and foot

    def _set_up(self) -> None:
        subject = self.definition.subject.format(**self.speaker.common)
        core = self.document.core_properties
        core.title, core.author, core.last_modified_by = subject, self.agency.name, self.agency.name
        core.comments, core.language, core.revision = "", "vi-VN", 1
        core.created = core.modified = self.data.data_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)

        for name in ("Normal", "Header", "Footer", "Heading 1", "Heading 2"):
            _set_font(self.document.styles[name])
        # The template says English, and a word processor would mark every word as misspelt.
        for language in self.document.styles.element.xpath("./w:docDefaults//w:lang"):
            language.set(qn("w:val"), "vi-VN")
        normal = self.document.styles["Normal"]
        normal.font.size = BODY_SIZE
        normal.paragraph_format.space_after = Pt(6)
        normal.paragraph_format.space_before = Pt(0)
        normal.paragraph_format.line_spacing = 1.15
        for name in ("Heading 1", "Heading 2"):
            style = self.document.styles[name]
            style.font.size, style.font.bold = BODY_SIZE, True
            style.font.color.rgb = RGBColor(0, 0, 0)
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(10), Pt(6)

        table = self.document.styles.add_style(TABLE_STYLE, WD_STYLE_TYPE.PARAGRAPH)
        table.base_style = normal
        table.font.size = Pt(11)
        table.paragraph_format.space_before = table.paragraph_format.space_after = Pt(2)
        table.paragraph_format.line_spacing = 1.0

        section = self.document.sections[0]
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin, section.right_margin = Mm(30), Mm(20)
        section.top_margin, section.bottom_margin = Mm(20), Mm(20)
        section.header_distance = section.footer_distance = Mm(10)
        section.different_first_page_header_footer = True
        page = section.header.paragraphs[0]
        page.alignment = CENTRE
        _add_field(page, "PAGE")
        note = self.speaker.phrase("edition", edition=str(self.edition_number), data_on=format_date(self.data.data_on))
        for footer in (section.footer, section.first_page_footer):
            footer.paragraphs[0].alignment = CENTRE
            _run(footer.paragraphs[0], note, size=Pt(10), italic=True)

    def _letterhead(self) -> None:
        table = self._plain_table(2, (6.8, 9.4))
        left, right = table.rows[0].cells
        self._centred(left, self.frame("parent_agency").upper(), size=Pt(12))
        for line in self.agency.letterhead or (self.agency.name,):
            self._centred(left, line.upper(), size=Pt(12), bold=True)
        _rule(left, indent_cm=2.1)
        self._centred(right, self.frame("country"), size=Pt(12), bold=True)
        self._centred(right, self.frame("motto"), size=Pt(13), bold=True)
        _rule(right, indent_cm=2.0)
        left, right = table.rows[1].cells
        self._centred(left, self.frame("number", symbol=self.agency.symbol), size=Pt(13))
        self._centred(right, self.frame("place_and_day"), size=Pt(13), italic=True)

        self._line(self.definition.title, points_before=18)
        self._line(self._unbroken_period(self.definition.subject.format(**self.speaker.common)))
        _rule(self.document, indent_cm=6.2)
        self._paragraph(self.definition.introduction.format(**self.speaker.common))

    def _unbroken_period(self, text: str) -> str:
        """The text with the period's name kept on one line."""
        period = self.speaker.common["period"]
        return text.replace(period, period.replace(" ", "\u00a0"))

    def _line(self, text: str, *, points_before: float = 0) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.alignment = CENTRE
        paragraph.paragraph_format.space_before = Pt(points_before)
        paragraph.paragraph_format.space_after = Pt(0)
        _run(paragraph, text, bold=True)

    def _signature(self) -> None:
        # A signature never stands on a page without a line of the text.
        self.document.paragraphs[-1].paragraph_format.keep_with_next = True
        table = self._plain_table(1, (8.2, 8.2))
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        left, right = table.rows[0].cells
        paragraph = left.paragraphs[0]
        _run(paragraph, self.frame("recipients"), size=Pt(12), bold=True, italic=True)
        lines = [text.format(**self.speaker.common) for text in self.definition.recipients]
        for text in [*(f"- {line};" for line in lines), f"- {self.frame('archive')}"]:
            paragraph = left.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(0)
            _run(paragraph, text, size=Pt(11))
        self._centred(right, self.definition.signatory, bold=True)

    # Sections

    def _headline(self) -> None:
        self._heading(1, self.frame("heading_figures"))
        table_name = self.frame("table", number=str(self.tables + 1))
        self._paragraph(self.frame("headline_sentence", table=table_name))
        labels = self.definition.wording.labels
        keys = ("indicator", "unit_of_measure", "value", "prior", "change", "target", "judgement")
        heads = [labels[key].format(**self.speaker.common) for key in keys]
        rows = [self._headline_row(figure) for figure in self.speaker.headline()]
        self._caption(self.frame("headline_table"))
        self._table(heads, rows, (4.5, 1.6, 2.1, 2.0, 2.1, 1.9, 1.8), text_columns=(0, 1, 6))
        if self.speaker.target_issuers:
            self._paragraph(self.frame("target_issuers", issuers="; ".join(self.speaker.target_issuers)), italic=True)

    def _headline_row(self, figure: Figure) -> list[str]:
        total, target = figure.total, figure.target
        return [
            figure.label_vi,
            self.speaker.unit_words(figure).column,
            self.speaker.incomplete_cell(figure) if total is None else self._number(figure, total),
            self._number(figure, figure.value_prior),
            self._number(figure, figure.change, is_signed=True),
            self._number(figure, target.value) if target else "",
            self.speaker.judgement_word(figure),
        ]

    def _section(self, number: int, section: Section) -> None:
        self._heading(2, f"{number}. {section.title}")
        day = self.data.period.last_day
        owners = {a.name for d in section.domains if (a := self.definition.responsible_agency(d, day))}
        if owners - {self.agency.name}:
            self._paragraph(self.frame("domain_owner", agency=", ".join(sorted(owners))), italic=True)
        for sentence in self.speaker.section(section):
            self._paragraph(sentence)
        for table in section.tables:
            self._unit_table(table)
        for chart in section.charts:
            image = chart_png(self.speaker, chart)
            if image is not None:
                self._chart(image, chart.title.format(**self.speaker.common))

    def _unit_table(self, table: Table) -> None:
        columns = [
            (column, figure, values)
            for column in table.columns
            if (figure := self.data.figure(*column.key))
            and _has_numbers(column, figure, values := self.data.by_unit(*column.key))
        ]
        if not columns:
            return
        units = self.data.units_shown(values for _, _, values in columns)
        labels = self.definition.wording.labels
        heads = [labels["number"], labels["reporting_unit"]]
        heads += [
            f"{column.title or figure.label_vi} ({self.speaker.unit_words(figure).column.lower()})"
            for column, figure, _ in columns
        ]
        rows = [
            [str(number), unit.name, *(self._unit_cell(c, f, values.get(unit.unit_id)) for c, f, values in columns)]
            for number, unit in enumerate(units, 1)
        ]
        total = labels["province_total"].format(**self.speaker.common)
        rows.append(["", total, *(self._total_cell(c, f) for c, f, _ in columns)])
        widths = (1.2, 4.2, *((TEXT_WIDTH_CM - 5.4) / len(columns) for _ in columns))
        self._caption(self._unbroken_period(table.title.format(**self.speaker.common)))
        self._table(heads, rows, widths, text_columns=(1,), has_total=True)

    def _unit_cell(self, column: Column, figure: Figure, unit_figure: UnitFigure | None) -> str:
        if unit_figure is None:
            return self.speaker.phrase("absent_cell")
        return self._number(figure, _unit_number(column, unit_figure), is_signed=column.show == "change")

    def _total_cell(self, column: Column, figure: Figure) -> str:
        if figure.total is None and column.show == "value":
            return self.speaker.incomplete_cell(figure)
        return self._number(figure, _total_number(column, figure), is_signed=column.show == "change")

    def _number(self, figure: Figure, value: Decimal | None, *, is_signed: bool = False) -> str:
        if value is None:
            return self.speaker.phrase("absent_cell")
        decimals = {"count": None, "money": 1, "rate": 2, "points": 2}[self.speaker.unit_words(figure).kind]
        text = format_number(self.speaker.table_value(figure, value), decimals)
        return f"+{text}" if is_signed and value > 0 else text

    def _quality(self, contradictions: int, contradictions_annex: int, revised: int, revisions_annex: int) -> None:
        for sentence in quality_sentences(self.speaker):
            self._paragraph(sentence)
        if contradictions:
            annex = self.frame("annex", number=ROMAN[contradictions_annex])
            self._paragraph(self.speaker.phrase("contradictions", count=str(contradictions), annex=annex))
        else:
            self._paragraph(self.speaker.phrase("contradictions_none"))
        if others := len(self.data.findings) - contradictions:
            self._paragraph(self.speaker.phrase("findings_rest", count=str(others)))
        if revised:
            annex = self.frame("annex", number=ROMAN[revisions_annex])
            before = str(self.edition_number - 1)
            self._paragraph(self.speaker.phrase("revised", edition=before, count=str(revised), annex=annex))
        self._paragraph(self.speaker.phrase("basis_note"))

    # Annexes

    def _annex(self, title: str) -> None:
        self.annexes += 1
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        self._line(self.frame("annex", number=ROMAN[self.annexes]))
        self._line(title)
        paragraph = self.document.add_paragraph()
        paragraph.alignment = CENTRE
        _run(paragraph, self.frame("annex_note", symbol=self.agency.symbol, agency=self.agency.name), italic=True)

    def _contradictions_annex(self, contradictions: Sequence[ReportedFinding]) -> None:
        labels = self.definition.wording.labels
        self._annex(labels["findings_title"])
        shown = contradictions[: self.definition.annex_max_rows]
        files = {source.submission_id: source.file_name for source in self.data.sources}
        keys = ("number", "reporting_unit", "message", "stated", "expected", "difference")
        rows = [
            [
                str(number),
                "\n".join(filter(None, (found.unit_name, files.get(found.submission_id, ""), found.ref))),
                found.message_vi,
                *("" if v is None else format_number(v) for v in (found.lhs, found.rhs, found.difference)),
            ]
            for number, found in enumerate(shown, 1)
        ]
        self._table([labels[key] for key in keys], rows, (1.2, 3.6, 5.4, 2.0, 2.0, 1.8), text_columns=(1, 2))
        self._annex_rest("contradictions_rest", len(contradictions) - len(shown))

    def _revisions_annex(self, revisions: Sequence[Revision]) -> None:
        wording = self.definition.wording
        self._annex(wording.labels["revisions_title"])
        shown = revisions[: self.definition.annex_max_rows]
        keys = ("number", "reporting_unit", "indicator", "unit_of_measure", "aspect", "old", "new")
        rows = []
        for number, revision in enumerate(shown, 1):
            unit = wording.units.get(revision.unit_of_measure)
            values = (
                self.speaker.phrase("absent_cell") if value is None else format_number(value)
                for value in (revision.old, revision.new)
            )
            noun = sentence_case(unit.noun) if unit else revision.unit_of_measure
            aspect = wording.aspects[revision.aspect]
            rows.append([str(number), revision.unit_name, revision.name_vi, noun, aspect, *values])
        heads = [wording.labels[key] for key in keys]
        self._table(heads, rows, (1.2, 2.8, 4.2, 1.6, 2.0, 2.2, 2.2), text_columns=(1, 2, 3, 4))
        self._annex_rest("revisions_rest", len(revisions) - len(shown))

    def _annex_rest(self, phrase: str, count: int) -> None:
        if count:
            self._paragraph(self.speaker.phrase(phrase, count=format_number(Decimal(count))))

    # Building blocks

    def _heading(self, level: int, text: str) -> None:
        if level == 1:
            self.parts += 1
            text = f"{ROMAN[self.parts]}. {text}"
        paragraph = self.document.add_heading(level=level)
        paragraph.paragraph_format.first_line_indent = Cm(1.0)
        _run(paragraph, text)

    def _paragraph(self, text: str, *, italic: bool = False) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.alignment = JUSTIFY
        paragraph.paragraph_format.first_line_indent = Cm(1.0)
        _run(paragraph, text, italic=italic)

    def _centred(
        self, cell: WordCell, text: str, *, size: Pt = BODY_SIZE, bold: bool = False, italic: bool = False
    ) -> None:
        paragraph = cell.paragraphs[0] if not cell.paragraphs[0].text else cell.add_paragraph()
        paragraph.alignment = CENTRE
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.line_spacing = 1.0
        _run(paragraph, text, size=size, bold=bold, italic=italic)

    def _plain_table(self, rows: int, widths_cm: Sequence[float]) -> WordTable:
        table: WordTable = self.document.add_table(rows=rows, cols=len(widths_cm))
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        _set_widths(table, widths_cm)
        return table

    def _caption(self, text: str) -> None:
        self.tables += 1
        paragraph = self.document.add_paragraph()
        paragraph.alignment = CENTRE
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.space_before = Pt(6)
        _run(paragraph, f"{self.frame('table', number=str(self.tables))}. {text}", size=Pt(13), bold=True)

    def _chart(self, image: bytes, title: str) -> None:
        self.charts += 1
        title = f"{self.frame('chart', number=str(self.charts))}. {title}"
        paragraph = self.document.add_paragraph()
        paragraph.alignment = CENTRE
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.space_before = Pt(10)
        picture = paragraph.add_run().add_picture(io.BytesIO(image), width=Inches(WIDTH_INCHES))
        picture._inline.docPr.set("descr", title)
        paragraph = self.document.add_paragraph()
        paragraph.alignment = CENTRE
        _run(paragraph, title, size=Pt(13), bold=True)

    def _table(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths_cm: Sequence[float],
        text_columns: Sequence[int],
        *,
        has_total: bool = False,
    ) -> None:
        table = self.document.add_table(rows=0, cols=len(heads))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        self._fill_row(table, heads, [CENTRE] * len(heads), bold=True)
        _repeat_on_every_page(table)
        alignments = [LEFT if index in text_columns else RIGHT for index in range(len(heads))]
        if 0 not in text_columns:
            alignments[0] = CENTRE
        for index, row in enumerate(rows):
            self._fill_row(table, row, alignments, bold=has_total and index == len(rows) - 1)
        if len(rows) <= WHOLE_TABLE_ROWS:
            for row in table.rows[:-1]:
                for cell in row.cells:
                    cell.paragraphs[0].paragraph_format.keep_with_next = True
        _set_widths(table, widths_cm)
        self.document.add_paragraph().paragraph_format.space_after = Pt(0)

    def _fill_row(
        self, table: WordTable, texts: Sequence[str], alignments: Sequence[WD_ALIGN_PARAGRAPH], *, bold: bool
    ) -> None:
        row = table.add_row()  # type: ignore[no-untyped-call]
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, text, alignment in zip(row.cells, texts, alignments, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.style = TABLE_STYLE
            paragraph.alignment = alignment
            _run(paragraph, text, bold=bold)


def _unit_number(column: Column, figure: UnitFigure) -> Decimal | None:
    return {"value": figure.value, "prior": figure.value_prior, "change": figure.change}[column.show]


def _total_number(column: Column, figure: Figure) -> Decimal | None:
    return {"value": figure.total, "prior": figure.value_prior, "change": figure.change}[column.show]


def _has_numbers(column: Column, figure: Figure, values: Mapping[str, UnitFigure]) -> bool:
    """Whether a column would show anything: where nothing is known of the year before, its columns are left out."""
    is_any_unit = any(_unit_number(column, value) is not None for value in values.values())
    return is_any_unit or _total_number(column, figure) is not None


def quality_sentences(speaker: Speaker) -> Iterator[str]:
    """What was due and what of it did not come; forms that lack the same units share a sentence."""
    dues = speaker.data.dues
    if not dues:
        return
    accepted = sum(due.is_accepted for due in dues)
    yield speaker.phrase("dues", accepted=format_number(Decimal(accepted)), expected=format_number(Decimal(len(dues))))
    if accepted == len(dues):
        yield speaker.phrase("dues_all")
    forms_by_gap: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    owed_by_form: dict[tuple[str, str], list[Due]] = {}
    for due in dues:
        owed_by_form.setdefault((due.form_name_vi, due.period), []).append(due)
    for (form, period), owed in owed_by_form.items():
        missing = tuple(due.unit_name for due in owed if not due.is_accepted)
        is_other_period = period != speaker.data.period_code
        name = f"{form} ({inside_sentence(period_label(parse_period(period)))})" if is_other_period else form
        if missing:
            forms_by_gap.setdefault((missing, len(missing) == len(owed)), []).append(name)
    for (missing, is_everyone), forms in forms_by_gap.items():
        if is_everyone:
            yield speaker.phrase("dues_none", forms="; ".join(forms))
        else:
            yield speaker.phrase("dues_missing", forms="; ".join(forms), units=speaker.unit_list(missing))


def _run(
    paragraph: Paragraph, text: str, *, size: Pt | None = None, bold: bool | None = None, italic: bool | None = None
) -> None:
    run = paragraph.add_run(NOT_XML.sub("", text))
    run.font.size, run.font.bold, run.font.italic = size, bold, italic


def _set_font(style) -> None:  # type: ignore[no-untyped-def]
    """Times New Roman for every script; the template's theme fonts would win over it otherwise."""
    style.font.name = FONT
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)


def _rule(container: Document | WordCell, indent_cm: float) -> None:
    """A horizontal line: the upper border of an empty paragraph, indented on both sides."""
    paragraph = container.add_paragraph()
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Cm(indent_cm)
    form.space_before, form.space_after, form.line_spacing = Pt(2), Pt(4), Pt(6)
    borders = OxmlElement("w:pBdr")
    line = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    # The schema wants the borders before these.
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _add_field(paragraph: Paragraph, instruction: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    paragraph._p.append(field)


def _set_widths(table: WordTable, widths_cm: Sequence[float]) -> None:
    table.autofit = False
    for column, width in zip(table.columns, widths_cm, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)


def _repeat_on_every_page(table: WordTable) -> None:
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _without_clock(package: bytes) -> bytes:
    """The same package with fixed dates inside: the library stamps each part with the time of day."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            info = zipfile.ZipInfo(part.filename, ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(part))
    return target.getvalue()
