"""The workbook in which an officer confirms or corrects what was read out of a report."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.catalogue_files import FORMS
from ingest.core.periods import parse_period
from ingest.core.row_heights import wrapped_lines
from ingest.forms.labels import unit_labels
from ingest.review import labels
from ingest.review.proposals import Review, ReviewRow, minimum_confidence, observation_text

SHEET, GUIDE, LISTS, DATA = "Soát số liệu", "Hướng dẫn", "_danh_muc", "_ansinh_review"
BOOK_VERSION = "1"
DATA_HEADINGS = ("place", "raw", "proposal", "words", "under", "unit", "checksum")
# The hidden sheet's head: version, the report's name, SHA-256, reporting unit, period.
DATA_FIRST_ROW = 6

FIRST_ROW = 6
SURE = 0.9

_FONT = "Times New Roman"
_INK, _RULE, _READ, _ANSWER = "#1F2933", "#B8C2CC", "#DCE6F1", "#FDEFD3"
# Letters of this font that fit into one unit of a column's width.
_LETTERS_A_WIDTH = 1.4
_GREEN, _YELLOW, _RED, _GREY = "#DDF0DF", "#FFF3C4", "#F9D9D4", "#E8EAED"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the sheet: its key, the heading in both languages, its width in characters."""

    key: str
    vi: str
    en: str
    width: float


READ_COLUMNS = (
    Column("number", "STT", "No.", 5),
    Column("place", "Vị trí", "Place", 12),
    Column("sentence", "Câu trong báo cáo", "Sentence", 58),
    Column("raw", "Số như ghi", "As written", 14),
    Column("value", "Giá trị", "Value", 16),
    Column("unit", "Đơn vị tính", "Unit", 10),
    Column("indicator", "Chỉ tiêu máy hiểu", "Proposed indicator", 28),
    Column("breakdown", "Phân tổ", "Breakdown", 20),
    Column("measure", "Loại số", "Measure", 12),
    Column("period", "Kỳ", "Period", 10),
    Column("subject", "Của đơn vị", "About", 16),
    Column("confidence", "Độ tin cậy", "Confidence", 9),
)
ANSWER_COLUMNS = (
    Column("verdict", "Trả lời", "Your answer", 13),
    Column("indicator_right", "Chỉ tiêu đúng", "Right indicator", 24),
    Column("category_1", "Phân tổ đúng (1)", "Right breakdown (1)", 17),
    Column("category_2", "Phân tổ đúng (2)", "Right breakdown (2)", 14),
    Column("category_3", "Phân tổ đúng (3)", "Right breakdown (3)", 14),
    Column("measure_right", "Loại số đúng", "Right measure", 14),
    Column("period_right", "Kỳ đúng", "Right period", 11),
    Column("subject_right", "Đơn vị đúng", "Right unit", 15),
    Column("value_right", "Giá trị đúng", "Right value", 14),
    Column("note", "Ghi chú", "Note", 17),
)
COLUMNS = (*READ_COLUMNS, *ANSWER_COLUMNS)
AT = {column.key: position for position, column in enumerate(COLUMNS)}

_GUIDE_FILE = FORMS / "review_guide.yml"


def write_review(review: Review, path: Path, catalogue: Catalogue) -> None:
    """Writes the workbook of a report's figures. The same review writes the same content."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": datetime.combine(parse_period(review.period).last_day, time())})
        _ReviewWriter(book, review, catalogue).write()


def checksum(sha256: str, *texts: str) -> str:
    """Ties a row of the hidden sheet to its report, so that a damaged one is noticed."""
    return hashlib.sha256("\x1f".join((sha256, *texts)).encode()).hexdigest()[:16]


def units_offered(reporting_unit_id: str, period: str, catalogue: Catalogue) -> dict[str, Unit]:
    """The units that a figure of a report may be about: the reporting one, those below and those above it."""
    unit = catalogue.units[reporting_unit_id]
    day = parse_period(period).last_day
    offered = [unit, *catalogue.children_of(unit, day)]
    above = catalogue.parent_of(unit, day)
    while above is not None:
        offered.append(above)
        above = catalogue.parent_of(above, day)
    return {one.unit_id: one for one in offered}


class _ReviewWriter:
    def __init__(self, book: xlsxwriter.Workbook, review: Review, catalogue: Catalogue) -> None:
        self.book, self.review, self.catalogue = book, review, catalogue
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.minimum = minimum_confidence()
        self.last_row = FIRST_ROW + max(len(review.rows), 1) - 1

    def write(self) -> None:
        self.sheet: Worksheet = self.book.add_worksheet(SHEET)
        guide = self.book.add_worksheet(GUIDE)
        sources = self._write_lists()
        self._write_data()
        self._write_head()
        for position, row in enumerate(self.review.rows):
            self._write_row(position, row)
        self._offer(sources)
        self._set_up(guide)

    def style(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(
                {"font_name": _FONT, "font_size": 11, "font_color": _INK, **properties}
            )
        return self._formats[key]

    # The sheet

    def _write_head(self) -> None:
        unit = self.catalogue.units[self.review.reporting_unit_id]
        waiting = sum(row.proposal.confidence < self.minimum for row in self.review.rows)
        sheet = self.sheet
        sheet.write_string(
            0,
            0,
            "PHIẾU SOÁT SỐ LIỆU ĐỌC TỪ BÁO CÁO  ·  Review of the figures read",
            self.style(bold=True, font_size=15),
        )
        said = f"{unit.name}  ·  kỳ {self.review.period}  ·  tệp {self.review.name}"
        sheet.write_string(1, 0, said, self.style(font_size=12))
        verdicts = f"${_letter('verdict')}${FIRST_ROW + 1}:${_letter('verdict')}${self.last_row + 1}"
        said, rest = "Đã trả lời / answered: ", f" / {len(self.review.rows)}   ·   cần xác nhận / to confirm: {waiting}"
        bold = self.style(bold=True)
        sheet.write_formula(2, 0, f'="{said}"&COUNTA({verdicts})&"{rest}"', bold, f"{said}0{rest}")
        for key, (colour, text) in zip(
            ("raw", "unit", "breakdown", "period"),
            (
                (_GREEN, f"Tin cậy / sure (≥ {SURE:.0%})"),
                (_YELLOW, "Nên xem lại / worth a look"),
                (_RED, f"Chưa tính / waits (< {self.minimum:.0%})"),
                (_GREY, "Đã trả lời / answered"),
            ),
            strict=True,
        ):
            at = AT[key]
            legend = self.style(bg_color=colour, border=1, border_color=_RULE, font_size=10, align="center")
            sheet.merge_range(2, at, 2, at + 1, "", legend)
            sheet.write_string(2, at, text, legend)
        band = {"bold": True, "align": "center", "valign": "vcenter", "border": 1, "border_color": _RULE}
        last_read, last = len(READ_COLUMNS) - 1, len(COLUMNS) - 1
        sheet.merge_range(4, 0, 4, last_read, "MÁY ĐỌC ĐƯỢC  ·  What was read", self.style(**band, bg_color=_READ))
        answer = self.style(**band, bg_color=_ANSWER)
        sheet.merge_range(4, last_read + 1, 4, last, "NGƯỜI SOÁT TRẢ LỜI  ·  Your answer", answer)
        for at, column in enumerate(COLUMNS):
            colour = _READ if at <= last_read else _ANSWER
            heading = self.style(**band, bg_color=colour, text_wrap=True)
            english = self.style(font_size=9, italic=True)
            sheet.write_rich_string(5, at, self.style(bold=True), column.vi, english, f"\n{column.en}", heading)
            sheet.set_column(at, at, column.width)
        sheet.set_row(0, 24)
        sheet.set_row(5, 34)

    def _write_row(self, position: int, row: ReviewRow) -> None:
        at, proposal, sheet = FIRST_ROW + position, row.proposal, self.sheet
        cell = {"valign": "top", "border": 1, "border_color": _RULE}
        text, wrapped = self.style(**cell), self.style(**cell, text_wrap=True)
        indented = self.style(**cell, text_wrap=True, indent=1)
        places = "\n".join((row.place, *proposal.refs))
        unit = self.catalogue.units.get(proposal.unit_id)
        sheet.write_number(at, AT["number"], position + 1, self.style(**cell, align="center"))
        sheet.write_string(at, AT["place"], places, self.style(**cell, text_wrap=True, font_size=9))
        self._write_sentence(at, row, wrapped)
        sheet.write_string(at, AT["raw"], proposal.raw, self.style(**cell, text_wrap=True, bold=True))
        sheet.write_number(
            at, AT["value"], float(proposal.value), self.style(**cell, num_format="#,##0.######", align="right")
        )
        words = {**unit_labels(), "vnd": "đồng"}
        sheet.write_string(at, AT["unit"], words.get(proposal.unit_of_measure, proposal.unit_of_measure), indented)
        name = self.catalogue.indicators[proposal.indicator_code].name_vi if proposal.indicator_code else ""
        unknown = self.style(**cell, text_wrap=True, italic=True, font_color="#8A6D3B")
        sheet.write_string(at, AT["indicator"], name or "(chưa nhận ra)", wrapped if name else unknown)
        sheet.write_string(at, AT["breakdown"], labels.breakdown_label(proposal.breakdown, self.catalogue), wrapped)
        sheet.write_string(at, AT["measure"], labels.MEASURES[proposal.measure] if name else "", wrapped)
        sheet.write_string(at, AT["period"], proposal.period, text)
        sheet.write_string(at, AT["subject"], unit.name if unit else "", wrapped)
        colour = _GREEN if proposal.confidence >= SURE else _YELLOW if proposal.confidence >= self.minimum else _RED
        shown = self.style(**cell, num_format="0%", align="center", bg_color=colour)
        sheet.write_number(at, AT["confidence"], round(proposal.confidence, 3), shown)
        answer = self.style(**cell, text_wrap=True, locked=False)
        for column in ANSWER_COLUMNS:
            is_number = column.key == "value_right"
            style = self.style(**cell, locked=False, num_format="#,##0.######") if is_number else answer
            sheet.write_blank(at, AT[column.key], None, style)
        sheet.set_row(at, _height(row, self.catalogue, name))

    def _write_sentence(self, at: int, row: ReviewRow, style: Any) -> None:
        """The sentence with its number in bold red; the title it stands under in small letters before it."""
        mark = self.style(bold=True, font_color="#C0281C")
        title = f"{row.title[:120].strip()}\n" if row.title else ""
        before, number, after = row.sentence[: row.start], row.sentence[row.start : row.end], row.sentence[row.end :]
        plain = self.style()
        parts: list[Any] = []
        for how, part in ((self.style(font_size=9, italic=True, font_color="#52606D"), title), (plain, before)):
            parts += [how, part] if part else []
        parts += [mark, number or " "]
        parts += [plain, after] if after else []
        if len(parts) == 2:
            self.sheet.write_string(at, AT["sentence"], parts[1], style)
        else:
            self.sheet.write_rich_string(at, AT["sentence"], *parts, style)

    # Drop-downs

    def _write_lists(self) -> dict[str, str]:
        """The hidden sheet of what may be chosen; the range of each list, and of the categories by indicator."""
        sheet = self.book.add_worksheet(LISTS)
        indicators = sorted(self.catalogue.indicators.values(), key=lambda i: (i.domain, i.name_vi))
        units = units_offered(self.review.reporting_unit_id, self.review.period, self.catalogue)
        columns: dict[str, list[str]] = {
            "indicator": [labels.indicator_label(i.code, self.catalogue) for i in indicators],
            "measure": [labels.measure_label(code) for code in labels.MEASURES],
            "unit": [labels.unit_label(unit) for unit in units.values()],
        }
        owners, categories = [], []
        for indicator in sorted(indicators, key=lambda i: i.code):
            label = labels.indicator_label(indicator.code, self.catalogue)
            owners.append(label)
            categories.append(labels.NO_BREAKDOWN)
            for name in indicator.breakdown_lists:
                for code in self.catalogue.code_lists.get(name, {}):
                    owners.append(label)
                    categories.append(labels.category_label(name, code, self.catalogue))
        columns |= {"owner": owners, "category": categories}
        columns["proposed"] = [
            labels.indicator_label(row.proposal.indicator_code, self.catalogue) for row in self.review.rows
        ]
        ranges = {}
        for at, (key, entries) in enumerate(columns.items()):
            for line, entry in enumerate(entries):
                sheet.write_string(line, at, entry)
            letter = xl_col_to_name(at)
            ranges[key] = f"={LISTS}!${letter}$1:${letter}${max(len(entries), 1)}"
        sheet.hide()
        return ranges

    def _offer(self, sources: dict[str, str]) -> None:
        def offer(key: str, **what: Any) -> None:
            at = AT[key]
            self.sheet.data_validation(FIRST_ROW, at, self.last_row, at, {"ignore_blank": True, **what})

        offer("verdict", validate="list", source=[labels.CONFIRM, labels.CORRECT, labels.REFUSE])
        for key, source in (("indicator_right", "indicator"), ("measure_right", "measure"), ("subject_right", "unit")):
            offer(
                key,
                validate="list",
                source=sources[source],
                error_title="Không có trong danh mục",
                error_message="Hãy chọn trong danh sách. / Choose from the list.",
            )
        # The categories that the corrected indicator may carry, or else the proposed one.
        right = f"${_letter('indicator_right')}{FIRST_ROW + 1}"
        proposed = f"INDEX({sources['proposed'][1:]},ROW()-{FIRST_ROW})"
        owner, category = sources["owner"][1:], sources["category"][1:]
        top = category.split(":")[0]
        chosen = f'IF({right}<>"",{right},{proposed})'
        listed = f"=OFFSET({top},MATCH({chosen},{owner},0)-1,0,COUNTIF({owner},{chosen}),1)"
        for key in ("category_1", "category_2", "category_3"):
            offer(key, validate="list", source=listed, error_type="warning")
        offer(
            "period_right",
            validate="any",
            input_title="Kỳ / Period",
            input_message="2023, 2023-S1, 2023-Q3, 2023-09, 2021/2025",
        )
        offer(
            "value_right",
            validate="decimal",
            criteria="between",
            minimum=-1e15,
            maximum=1e15,
            input_title="Giá trị / Value",
            input_message="Chỉ khi máy đọc sai. Tiền ghi bằng đồng. / Only where misread; money in dong.",
            error_title="Không phải số",
            error_message="Hãy ghi một số. / Write a number.",
        )

    # The hidden sheet, the page

    def _write_data(self) -> None:
        sheet = self.book.add_worksheet(DATA)
        review = self.review
        head = (
            ("version", BOOK_VERSION),
            ("name", review.name),
            ("sha256", review.sha256),
            ("reporting_unit_id", review.reporting_unit_id),
            ("period", review.period),
        )
        for at, (key, value) in enumerate(head):
            sheet.write_string(at, 0, key)
            sheet.write_string(at, 1, value)
        for column, heading in enumerate(DATA_HEADINGS):
            sheet.write_string(DATA_FIRST_ROW - 1, column, heading)
        for position, row in enumerate(review.rows):
            texts = (
                row.place,
                row.proposal.raw,
                observation_text(row.proposal),
                row.words.words,
                row.words.under,
                row.words.unit,
            )
            for column, text in enumerate((*texts, checksum(review.sha256, *texts))):
                sheet.write_string(DATA_FIRST_ROW + position, column, text)
        sheet.very_hidden()

    def _set_up(self, guide: Worksheet) -> None:
        sheet = self.sheet
        last_column = len(COLUMNS) - 1
        answered = self.style(bg_color=_GREY)
        sheet.conditional_format(
            FIRST_ROW,
            AT["verdict"],
            self.last_row,
            last_column,
            {"type": "formula", "criteria": f'=${_letter("verdict")}{FIRST_ROW + 1}<>""', "format": answered},
        )
        sheet.autofilter(FIRST_ROW - 1, 0, self.last_row, last_column)
        sheet.freeze_panes(FIRST_ROW, AT["raw"])
        sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True, "sort": True})
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(4, 5)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.set_footer(f"&L{_footer(self.review.name)}&R&P / &N")
        sheet.hide_gridlines(2)
        guide.set_column(0, 0, 70)
        guide.set_column(1, 1, 62)
        guide.hide_gridlines(2)
        looks = {
            "title": self.style(bold=True, font_size=15, text_wrap=True),
            "head": self.style(bold=True, font_size=12, text_wrap=True, top=1, top_color=_RULE),
            "text": self.style(text_wrap=True, valign="top"),
        }
        english = self.style(text_wrap=True, valign="top", italic=True, font_color="#52606D")
        for at, line in enumerate(yaml.load(_GUIDE_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)):
            guide.write_string(at, 0, line["vi"], looks[line["look"]])
            guide.write_string(at, 1, line["en"], english)
            guide.set_row(at, 16 * max(1, -(-len(line["vi"]) // 80), -(-len(line["en"]) // 72)) + 6)
        guide.set_landscape()
        guide.set_paper(9)
        guide.fit_to_pages(1, 0)


def _letter(key: str) -> str:
    return str(xl_col_to_name(AT[key]))


def _footer(name: str) -> str:
    """A file's name in a footer, where & begins a code and 255 characters are the limit."""
    return name.replace("&", "&&")[:120]


def _height(row: ReviewRow, catalogue: Catalogue, name: str) -> float:
    """Enough height for the longest wrapped cell: office programs do not fit rich text by themselves."""

    def lines(text: str, column: str) -> int:
        return wrapped_lines(text, int(COLUMNS[AT[column]].width * _LETTERS_A_WIDTH))

    most = max(
        lines(row.sentence, "sentence") + bool(row.title),
        lines(name, "indicator"),
        lines(labels.breakdown_label(row.proposal.breakdown, catalogue), "breakdown"),
        1 + len(row.proposal.refs),
        lines(row.proposal.raw, "raw"),
    )
    return min(15.0 * most + 3, 400)
