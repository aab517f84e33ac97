"""The sample workbooks: which there are, in what shape each is sent, and how it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from io import BytesIO
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.period_labels import period_label
from ingest.core.periods import Period, parse_period
from ingest.forms import load_forms
from ingest.forms.layout import cell_at, complete, lay_out, version_for
from ingest.forms.schema import Column, Form
from ingest.submitters.form_template import FilledForm, Values, write_book
from samples.model import figures_of
from samples.packing import packed, parts_of

Shape = Literal["template", "retyped", "xls", "ods", "wrong_total", "broken_off"]

NOTE = "Số liệu mô phỏng, không phải số liệu chính thức của đơn vị."
NOTE_PARTLY = "Một phần là số liệu đơn vị đã công bố trong báo cáo năm 2023, phần còn lại là số liệu mô phỏng."

PROVINCE = "67@base"
DISTRICTS = tuple(f"{code}@base" for code in range(660, 668))
COMMUNES_2025 = (
    "24664@2025-07-01",
    "24670@2025-07-01",
    "24678@2025-07-01",
    "24682@2025-07-01",
    "24781@2025-07-01",
    "23272@2025-07-01",
)
_PARTLY_PUBLISHED = "663@base"

_FILE_NAMES: Mapping[str, str] = {
    "poverty_review": "ra-soat-ho-ngheo",
    "poverty_changes": "dien-bien-ho-ngheo",
    "poverty_deprivation": "thieu-hut-dich-vu-xa-hoi",
    "programme_budget": "kinh-phi-ctmtqg",
    "employment": "lao-dong-viec-lam",
    "vocational_training": "dao-tao-nghe",
    "social_protection": "tro-giup-xa-hoi",
    "merit_subsidy": "nguoi-co-cong",
    "assigned_targets": "chi-tieu-duoc-giao",
}
_YEARLY = ("poverty_review", "employment", "vocational_training", "social_protection", "merit_subsidy")
_QUARTERLY = _YEARLY[1:]
# What is asked for once a year and shown for one year only.
_IN_2023 = ("poverty_changes", "poverty_deprivation", "programme_budget", "assigned_targets")

# Offices differ: some send a book per form, some one for the quarter, some type a form anew or keep
# an old program. Who does what is chosen here.
_ONE_BOOK_A_QUARTER = {"660@base", "661@base", "662@base", "664@base", "666@base"}
_TWO_FORMS_IN_ONE: Mapping[tuple[str, str], tuple[str, str]] = {
    (unit_id, "2022"): ("employment", "vocational_training") for unit_id in ("660@base", "662@base")
}
_SHAPES: Mapping[tuple[str, str, str], Shape] = {
    ("664@base", "2022", "employment"): "retyped",
    ("665@base", "2022", "social_protection"): "xls",
    ("667@base", "2022", "merit_subsidy"): "ods",
    ("665@base", "2023-Q2", "employment"): "wrong_total",
    ("667@base", "2023-Q1", "social_protection"): "broken_off",
}


@dataclass(frozen=True, slots=True)
class SampleBook:
    """A workbook in the samples' inbox; `path` is below the inbox."""

    path: str
    unit_id: str
    period: str
    forms: tuple[str, ...]
    shape: Shape = "template"


def sample_books(catalogue: Catalogue) -> Iterator[SampleBook]:
    """Every workbook of the samples."""
    yield _book(catalogue, PROVINCE, "2023", ("assigned_targets",))
    for unit_id in DISTRICTS:
        for year in ("2022", "2023"):
            joined = _TWO_FORMS_IN_ONE.get((unit_id, year), ())
            if joined:
                yield _book(catalogue, unit_id, year, joined)
            for form in _YEARLY:
                if form not in joined:
                    yield _book(catalogue, unit_id, year, (form,))
        for form in _IN_2023:
            yield _book(catalogue, unit_id, "2023", (form,))
        for quarter in range(1, 5):
            period = f"2023-Q{quarter}"
            if unit_id in _ONE_BOOK_A_QUARTER:
                yield _book(catalogue, unit_id, period, _QUARTERLY)
            else:
                for form in _QUARTERLY:
                    yield _book(catalogue, unit_id, period, (form,))
    for unit_id in COMMUNES_2025:
        for form in ("poverty_review", "social_protection"):
            yield _book(catalogue, unit_id, "2025", (form,))


def _book(catalogue: Catalogue, unit_id: str, period: str, forms: tuple[str, ...]) -> SampleBook:
    shape = _SHAPES.get((unit_id, period, forms[0]), "template") if len(forms) == 1 else "template"
    when, unit = parse_period(period), catalogue.units[unit_id]
    province = catalogue.province_of(unit, when.last_day)
    below = [province.code] if province is not None else []
    folder = "/".join([*below, *([unit.code] if unit != province else []), str(when.year)])
    name = "bao-cao-quy" if forms == _QUARTERLY else "_".join(_FILE_NAMES[form] for form in forms)
    written = f"{when.year}-quy-{period[-1]}" if when.kind == "quarter" else period
    suffix = {"xls": "xls", "ods": "ods"}.get(shape, "xlsx")
    return SampleBook(f"{folder}/{name}_{written}.{suffix}", unit_id, period, forms, shape)


def figures_in(book: SampleBook, catalogue: Catalogue) -> dict[str, Values]:
    """The figures of each form in a book, without the fault that it may have on purpose."""
    unit = catalogue.units[book.unit_id]
    return {form: figures_of(form, unit, book.period, catalogue) for form in book.forms}


def book_bytes(book: SampleBook, catalogue: Catalogue) -> bytes:
    """The book as an .xlsx; one that is sent as .xls or .ods still has to be converted."""
    forms = load_forms()
    figures = figures_in(book, catalogue)
    unit = catalogue.units[book.unit_id]
    note = NOTE_PARTLY if book.unit_id == _PARTLY_PUBLISHED and parse_period(book.period).year == 2023 else NOTE
    if book.shape == "retyped":
        return _retyped([(forms[form], values) for form, values in figures.items()], unit, book.period, note, catalogue)
    if book.shape == "wrong_total":
        figures = {form: _with_wrong_total(values) for form, values in figures.items()}
    with TemporaryDirectory() as folder:
        out = Path(folder) / "book.xlsx"
        filled = [FilledForm(forms[form], values) for form, values in figures.items()]
        write_book(filled, unit, book.period, out, catalogue)
        data = _with_note(out.read_bytes(), note)
    return data[: len(data) * 2 // 3] if book.shape == "broken_off" else data


def _with_wrong_total(values: Values) -> Values:
    """The total of new jobs with its last two digits swapped, as it happens in typing."""
    total = sum(int(value) for (row, column), value in values.items() if column == "jobs_created" and row.isdigit())
    text = str(total)
    wrong = int(text[:-2] + text[-1] + text[-2])
    if wrong == total:
        raise ValueError(f"{total} stays the same when its last digits are swapped")
    return {**values, ("total", "jobs_created"): wrong}


def _with_note(data: bytes, note: str) -> bytes:
    """The book with a remark among its properties."""
    core = "docProps/core.xml"
    parts = parts_of(data)
    end = b"</cp:coreProperties>"
    parts[core] = parts[core].replace(end, f"<dc:description>{escape(note)}</dc:description>".encode() + end)
    return packed(parts)


def _retyped(filled: Sequence[tuple[Form, Values]], unit: Unit, period: str, note: str, catalogue: Catalogue) -> bytes:
    """The forms typed anew by somebody who had them on paper: titles and labels, other wordings, no more."""
    out = BytesIO()
    when = parse_period(period)
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": datetime.combine(when.last_day, time()), "comments": note})
        number = 0
        for form, values in filled:
            for table in version_for(form, unit, when).tables:
                number += 1
                sheet = book.add_worksheet(f"Bieu {number}")
                _retype(sheet, form, table.code, values, unit, when, catalogue)
    return packed(parts_of(out.getvalue()))


def _retype(
    sheet: Worksheet,
    form: Form,
    table_code: str,
    values: Values,
    unit: Unit,
    period: Period,
    catalogue: Catalogue,
) -> None:
    version = version_for(form, unit, period)
    table = version.table(table_code)
    if table is None:
        raise LookupError(table_code)
    laid_out = lay_out(table, unit, period, catalogue)
    numbers = {place: Decimal(value) for place, value in values.items() if not isinstance(value, str)}
    numbers = complete(numbers, form, laid_out, catalogue)
    sheet.write_string(0, 0, table.title_vi)
    sheet.set_column(1, 1, 24)
    sheet.write_string(1, 0, f"{unit.name} - {period_label(period)}")
    top, depth = 3, max(len(leaf.path) for leaf in table.leaves)
    sheet.write_string(top, 0, "TT")
    sheet.write_string(top, 1, table.rows.label)
    for level in range(depth):
        for first, last, label in _headings(table.leaves, level):
            if first == last:
                sheet.write_string(top + level, 2 + first, label)
            else:
                sheet.merge_range(top + level, 2 + first, top + level, 2 + last, label)
    for at, row in enumerate(laid_out.rows, start=top + depth):
        sheet.write_string(at, 0, row.number)
        sheet.write_string(at, 1, "Cộng" if row.is_total else row.label)
        for column, leaf in enumerate(table.leaves, start=2):
            value = numbers.get((row.key, leaf.key))
            if value is None or cell_at(version, table, row, leaf, period, catalogue) is None:
                continue
            if column == 2:
                # Typed as text, with dots between thousands.
                sheet.write_string(at, column, f"{int(value):,}".replace(",", "."))
            else:
                sheet.write_number(at, column, float(value))


def _headings(leaves: Sequence[Column], level: int) -> Iterator[tuple[int, int, str]]:
    """First and last column and label of each heading on a level, in its first other wording if it has one."""
    deep_enough = [(index, leaf) for index, leaf in enumerate(leaves) if len(leaf.path) > level]
    for path, run in groupby(deep_enough, key=lambda pair: pair[1].path[: level + 1]):
        columns = list(run)
        variants = columns[0][1].path_variants[level]
        yield columns[0][0], columns[-1][0], (variants or path)[0 if variants else -1]
