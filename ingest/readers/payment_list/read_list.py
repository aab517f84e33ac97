"""Payment lists: from bytes to lines under pseudonyms, findings and the figures that they add up to.

The way: recognise and open the book (`book.py`), find the columns by their headings, tell form, unit and
period as for any workbook, read the lines (`rows.py`), check them (`checks.py`), add them up (`figures.py`).
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.findings import finding
from ingest.core.model import Finding, ReadFile, ReadSubmission
from ingest.core.periods import InvalidPeriodError, Period, parse_period
from ingest.core.text import fold
from ingest.forms import load_forms
from ingest.readers.form.read_form import read_workbook
from ingest.readers.payment_list.communes import Communes
from ingest.readers.payment_list.field_values import NONE, Words
from ingest.readers.payment_list.line_checks import check_count, check_lines, check_sums
from ingest.readers.payment_list.line_findings import CategoryName, Found
from ingest.readers.payment_list.list_place import Place, say_how_it_was_read
from ingest.readers.payment_list.list_schema import REQUIRED_COLUMNS, PaymentListForm, load_lists
from ingest.readers.payment_list.list_titles import (
    category_meanings,
    form_code,
    names_another_list,
    other_kind,
    title_texts,
)
from ingest.readers.payment_list.open_list import (
    CELL_LIMIT,
    HEAD_ROWS,
    ListBook,
    ListSheet,
    Source,
    TooLargeError,
    bytes_of,
    column_words,
    open_list_book,
)
from ingest.readers.payment_list.person_rows import LineReader
from ingest.readers.payment_list.pseudonyms import load_pseudonyms
from ingest.readers.payment_list.release_memory import release_freed_memory
from ingest.readers.payment_list.sums import add_up
from ingest.readers.personal_data import shown_name
from ingest.readers.spreadsheet.cells import cell_text
from ingest.readers.spreadsheet.cells import load_vocabulary as load_form_vocabulary
from ingest.readers.spreadsheet.identify import (
    HiddenEntry,
    Stated,
    choose_period,
    choose_unit,
    path_contradictions,
    read_hidden,
    read_path,
    read_status,
    read_titles,
    states_nil,
    units_in,
)
from ingest.readers.spreadsheet.labels import label_key
from ingest.readers.spreadsheet.open_book import Book, Sheet
from ingest.readers.spreadsheet.table_labels import TableLabels
from ingest.readers.spreadsheet.tables import MAX_HEADING_ROWS, Block, find_blocks

_SHEET_WORDS = (
    "sheet trang tính bảng biểu danh sách ds list data dữ liệu form mẫu tháng quý năm kỳ đợt lần phụ lục pl số "
    "tổng hợp chi trả lĩnh nhận tiền mặt ngân hàng bưu điện tài khoản tk atm ck tm nguoi co cong ncc btxh tcxh htxh"
)
_LEAST_NUMBERS = 3


class ListReadError(Exception):
    """The reader of lists failed; the message tells where in the code, never what it was reading."""


@dataclass
class _Part:
    """The sheets of one submission."""

    listed: PaymentListForm
    unit: Unit
    period: Period
    places: list[Place]
    findings: list[Finding]


def read_payment_list(source: Source, name: str, catalogue: Catalogue, path_hint: str = "") -> ReadFile | None:
    """Reads a workbook that holds payment lists; None when it holds none.

    Args:
        source: the file's bytes (.xlsx, .xls, .xlsb, .ods or delimited text), or where they lie: then less of a large
            book is in memory at a time.
        name: the file's name, for findings; it never decides form, unit or period.
        catalogue: units, indicators, code lists, legal rates.
        path_hint: the path under which the file came; its folders are the last source for unit and period.

    Returns:
        A submission per list, unit and period, each with its lines (`payment_lines`), under pseudonyms, and
        the figures that they add up to. What can't be used is a finding that names a place and quotes nothing.

    Raises:
        ListReadError: a defect of the reader. What it was reading is not in the message: whoever logs it
            must not log names.
        runtime.errors.SetupError: there is no usable key for the pseudonyms.
    """
    try:
        book = open_list_book(source, name)
    except TooLargeError as error:
        return ReadFile(findings=[finding("LST-004", "", name=name, cells=error.cells, limit=CELL_LIMIT)])
    if book is None:
        return None
    load_pseudonyms()
    try:
        return _read_book(book, source, name, catalogue, path_hint)
    except (OSError, MemoryError):
        # The machine's, or a limit's: neither quotes what was read.
        raise
    except Exception as problem:  # noqa: BLE001
        # Whatever it is, its message may quote a cell: only its kind and its place in the code go on.
        where = traceback.extract_tb(problem.__traceback__)[-1]
        raise ListReadError(f"{type(problem).__name__} in {where.name}, line {where.lineno}") from None
    finally:
        release_freed_memory()


def _read_book(book: ListBook, source: Source, name: str, catalogue: Catalogue, path_hint: str) -> ReadFile:
    read = ReadFile()
    if book.encoding is not None:
        read.findings.append(finding("WB-029", "", encoding=book.encoding))
    entries, hidden_sheet = read_hidden(Book([sheet.head for sheet in book.sheets], book.kind))
    named = {id(sheet): sheet.name for sheet in book.sheets}
    for number, sheet in enumerate(book.sheets, start=1):
        # From here on a sheet bears no person's name.
        sheet.head.name = shown_name(sheet.name, number, _harmless_words(), catalogue)
    places = []
    for sheet in book.sheets:
        if sheet.head is hidden_sheet or not sheet.head.rows:
            continue
        place = _find_place(sheet)
        if place is not None:
            places.append(place)
    parts = _parts(places, entries, catalogue, path_hint, read)
    for part in parts:
        part.findings += _left_behind(part, parts)
        submission = _read_part(part, book, catalogue, is_single=len(places) == 1)
        submission.part = part.places[0].sheet.name if len(parts) > 1 else ""
        read.submissions.append(submission)
    lists = {id(place.sheet) for place in places}
    others = [s for s in book.sheets if id(s) not in lists and s.head is not hidden_sheet and _holds_numbers(s.head)]
    if others:
        _read_others(read, bytes_of(source), name, catalogue, path_hint, {named[sheet] for sheet in lists})
    return read


def _left_behind(part: _Part, parts: Sequence[_Part]) -> list[Finding]:
    """A list that stands only on hidden sheets, in a book that shows another: last month's, left there."""
    shown = any(not place.sheet.head.is_hidden for other in parts for place in other.places if other is not part)
    if not shown or not all(place.sheet.head.is_hidden for place in part.places):
        return []
    form, sheet = part.listed.form.head.name_vi, part.places[0].sheet
    at, period = sheet.head.ref(0, 0), part.period.code
    return [finding("FORM-013", at, sheet=sheet.name, form=form, unit=part.unit.name, period=period)]


def _read_others(read: ReadFile, data: bytes, name: str, catalogue: Catalogue, path_hint: str, lists: set[str]) -> None:
    """Reads the forms that stand in the same book on other sheets than the lists."""
    forms = read_workbook(data, name, catalogue, load_forms(), path_hint, without=lists)
    known = {(f.rule_id, f.ref) for f in read.findings}
    read.submissions += forms.submissions
    # That a book with lists has no form besides is nothing to say.
    read.findings += [f for f in forms.findings if f.rule_id != "FORM-001" and (f.rule_id, f.ref) not in known]


def _holds_numbers(head: Sheet) -> bool:
    counted = (isinstance(value, int | float) and not isinstance(value, bool) for row in head.rows for value in row)
    return len(list(islice(filter(None, counted), _LEAST_NUMBERS))) == _LEAST_NUMBERS


@lru_cache(maxsize=1)
def _harmless_words() -> frozenset[str]:
    """Words that sheets of lists are called by, folded."""
    texts = [_SHEET_WORDS]
    for versions in load_lists().values():
        for one in versions:
            texts += [one.layout.title_vi, *one.layout.title_words, *one.layout.other_lists]
    return frozenset(re.findall("[a-z]+", fold(" ".join(texts))))


# Columns


@lru_cache(maxsize=1)
def _all_columns() -> tuple[TableLabels, ...]:
    """The columns of every list's newest version."""
    newest = (versions[-1] for versions in load_lists().values())
    return tuple(TableLabels(one.form, one.version, one.table) for one in newest)


def _find_place(sheet: ListSheet) -> Place | None:
    """The list's columns on a sheet; None when it holds no list."""
    block = _best_block(sheet.head, _all_columns())
    return Place(sheet, block, read_titles(sheet.head, 0, block.top)) if block is not None else None


def _best_block(head: Sheet, tables: Sequence[TableLabels]) -> Block | None:
    """The heading block of a list of persons. Lines below it are left out: "Nam" in them is no heading."""
    words = column_words()
    hits = [sum(isinstance(value, str) and label_key(value[:200]) in words for value in row) for row in head.rows]
    last = hits.index(max(hits)) + MAX_HEADING_ROWS // 2 if any(hits) else MAX_HEADING_ROWS
    top = Sheet(head.name, head.rows[: last + 1], head.is_hidden, [area for area in head.merged if area[2] <= last])
    _spread_names(top)
    # Few lists have all the columns that lists may have: how many there are does not matter.
    codes = {one.table.code for one in tables}
    blocks = [
        block
        for block in find_blocks(top, tables, codes)
        if {column.key for column in block.columns.values()} & {"name", "identity"}
    ]
    return max(blocks, key=lambda one: one.score, default=None)


def _spread_names(head: Sheet) -> None:
    """Writes a heading of names that is merged over two columns into both: it is no group of headings."""
    words = column_words()
    merged = []
    for top, left, bottom, right in head.merged:
        value = head.value(top, left)
        if right == left + 1 and isinstance(value, str) and words.get(label_key(value[:200])) == "name":
            row = head.rows[top] = [*head.rows[top], *[""] * (right + 1 - len(head.rows[top]))]
            row[right] = value
            merged += [(top, column, bottom, column) for column in (left, right) if bottom > top]
        else:
            merged.append((top, left, bottom, right))
    head.merged = merged


# Whose, for which form and when


def _parts(
    places: Sequence[Place], entries: Sequence[HiddenEntry], catalogue: Catalogue, path_hint: str, read: ReadFile
) -> list[_Part]:
    """The sheets grouped into submissions: one per list, unit and period."""
    path = read_path(path_hint)
    codes = [form_code(place, entries, path_hint) for place in places]
    known = {code for code in codes if code is not None}
    parts: dict[tuple[str, str, str], _Part] = {}
    whole = Stated()
    for place in places:
        whole.add(place.titles)
    for place, told in zip(places, codes, strict=True):
        # A sheet without a title of its own belongs to the only list there is.
        code = told or (next(iter(known)) if len(known) == 1 and not names_another_list(place) else None)
        kind = other_kind(title_texts(place))
        if kind is not None:
            where = place.sheet.head.ref(0, 0)
            said = finding("LST-110", where, sheet=place.sheet.name, kind_vi=kind.name_vi, kind_en=kind.name_en)
            read.findings.append(said)
            continue
        if code is None:
            read.findings.append(finding("LST-002", place.sheet.head.ref(place.block.top, 0), sheet=place.sheet.name))
            continue
        place.code = code
        place.block = _block_of(place, code)
        missing = [key for key in REQUIRED_COLUMNS if key not in place.columns]
        if missing:
            labels = {c.key: c.path[-1] for c in place.block.labels.table.leaves}
            where = place.sheet.head.ref(place.block.bottom, min(place.block.columns))
            read.findings += [finding("LST-001", where, column=labels[key]) for key in missing]
            continue
        part = _part(place, (place.titles, whole), entries, path, catalogue, read)
        if part is not None:
            joined = parts.setdefault((code, part.unit.unit_id, part.period.code), part)
            if joined is not part:
                joined.places += part.places
                joined.findings += [f for f in part.findings if f not in joined.findings]
    return list(parts.values())


def _block_of(place: Place, code: str) -> Block:
    """The columns as the chosen list calls them: lists share most headings but not all."""
    labels = [one for one in _all_columns() if one.form.code == code]
    if place.block.labels is labels[0]:
        return place.block
    return _best_block(place.sheet.head, labels) or place.block


def _part(
    place: Place,
    titles: tuple[Stated, Stated],
    entries: Sequence[HiddenEntry],
    path: Stated,
    catalogue: Catalogue,
    read: ReadFile,
) -> _Part | None:
    form = load_lists()[place.code or ""][-1].form
    where = titles[0].ref or place.sheet.head.ref(place.block.top, 0)
    findings = list(place.findings)
    hidden_period, hidden_unit = _from_hidden([e for e in entries if e.form_code == form.code], catalogue, findings)
    period, more = choose_period(form, hidden_period, titles, path, where)
    findings += more
    if period is None:
        read.findings += [f for f in findings if f not in read.findings]
        return None
    day = period.last_day
    unit, more = choose_unit(form, day, hidden_unit, titles, path, where, catalogue)
    findings += more
    listed = next((one for one in load_lists()[form.code] if one.version.is_valid_on(day)), None)
    if unit is None or listed is None or not form.may_come_from(unit.level, day):
        if unit is not None:
            findings.append(finding("FORM-005", where, form=form.head.name_vi, unit=unit.name, period=period.code))
        read.findings += [f for f in findings if f not in read.findings]
        return None
    findings += path_contradictions(period, unit, path, where, catalogue)
    return _Part(listed, unit, period, [place], findings)


def _from_hidden(
    entries: Sequence[HiddenEntry], catalogue: Catalogue, findings: list[Finding]
) -> tuple[Period | None, Unit | None]:
    """Period and unit of the hidden sheet, as far as they exist."""
    if not entries:
        return None, None
    try:
        period = parse_period(entries[0].period)
    except InvalidPeriodError:
        findings.append(finding("FORM-007", "", what=entries[0].period))
        return None, None
    unit = catalogue.unit_by_code(entries[0].unit_code, period.last_day)
    if unit is None:
        findings.append(finding("FORM-007", "", what=entries[0].unit_code))
    return period, unit


# What it says


def _read_part(part: _Part, book: ListBook, catalogue: Catalogue, *, is_single: bool) -> ReadSubmission:
    layout, day = part.listed.layout, part.period.last_day
    status = next((s for p in part.places if (s := read_status(p.sheet.head, 0, p.block.top))), None) or "official"
    submission = ReadSubmission(
        form_code=part.listed.form.code,
        form_version=part.listed.version.version,
        source_kind="list",
        reporting_unit_id=part.unit.unit_id,
        period=part.period.code,
        status=status,  # type: ignore[arg-type]
        findings=list(part.findings),
    )
    refs = _refs([place.sheet.name for place in part.places], is_single=is_single)
    communes = Communes(part.unit, day, catalogue)
    codes = list(layout.categories)
    reader = LineReader(
        communes=communes,
        categories=Words(category_meanings(part.listed)),
        category_codes=codes,
        period=part.period.code,
        default_unit_id=part.unit.unit_id,
        pseudonyms=load_pseudonyms(),
        refs=refs,
        may_restore=book.kind == "csv",
    )
    for number, place in enumerate(part.places):
        reader.read(
            number,
            place.sheet,
            place.block.bottom + 1,
            place.columns,
            _heading_keys(place),
            _factors(place),
            _commune_of_sheet(place, part.unit, communes, day, catalogue),
        )
        place.sheet.release()
    lines = reader.lines()
    found = Found(lines, refs)
    say_how_it_was_read(part.places, book.kind, lines, found)
    # Among lines the words may stand in a column of arrears.
    is_nil = any(states_nil(p.sheet.head, 0, p.block.top if len(lines) else HEAD_ROWS) for p in part.places)
    if len(lines):
        if is_nil:
            found.once("LST-012", len(lines))
        names = _category_names(part.listed, catalogue)
        check_lines(
            lines,
            found,
            layout,
            names,
            part.period,
            catalogue,
            columns=frozenset(key for place in part.places for key in place.columns),
            nearest_commune=communes.nearest,
            unit_name=part.unit.name,
        )
        check_sums(lines, reader.rows, found)
        check_count(lines, reader.rows, found)
        others = set(reader.rows.other_months)
        found.at_rows("LST-119", reader.rows.other_months, period=part.period.code)
        found.at_rows("LST-082", [row for row in reader.rows.notes if row not in others])
    elif not is_nil:
        found.findings.append(finding("LST-011", part.places[0].sheet.head.ref(part.places[0].block.bottom, 0)))
    submission.is_nil = is_nil and not len(lines)
    submission.findings += found.findings
    submission.checks_passed += found.passed
    submission.payment_lines = reader.payment_lines
    submission.observations += add_up(
        lines,
        layout,
        catalogue,
        reporting=part.unit,
        communes=communes.units,
        category_codes=codes,
        methods=reader.methods,
        period=part.period,
        status=submission.status,
        refs=refs,
    )
    return submission


def _refs(sheets: Sequence[str], *, is_single: bool) -> Callable[[int, int], str]:
    """The place of a row (from 0): `row 812`, with the sheet before it where lists stand on several."""
    if is_single:
        return lambda _, row: f"row {row + 1}"
    prefixes = [f"{sheet}!row " for sheet in sheets]
    return lambda sheet, row: f"{prefixes[sheet]}{row + 1}"


def _category_names(listed: PaymentListForm, catalogue: Catalogue) -> list[CategoryName]:
    """Names that stand for themselves; those of the code list need their parent's before them."""
    codes = catalogue.code_lists[listed.layout.category_list]
    return [
        CategoryName(code, category.words[0], codes[code].name_en)
        for code, category in listed.layout.categories.items()
    ]


def _heading_keys(place: Place) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for column, path in place.block.labels.leaves:
        found[column.key] = found.get(column.key, frozenset()) | path[-1] | path[0]
    return found


def _factors(place: Place) -> dict[str, float]:
    """What the amounts of each money column are multiplied with: the word in its heading, else over the table."""
    rows = place.sheet.head.rows
    title = [fold(cell_text(value)) for row in rows[: place.block.top] for value in row if isinstance(value, str)]
    of_table = next((f for text in title if (f := _scale_after_label(text)) is not None), 1)
    found: dict[str, float] = {}
    for key, position in place.columns.items():
        headings = [
            fold(cell_text(rows[row][position]))
            for row in range(place.block.top, place.block.bottom + 1)
            if position < len(rows[row])
        ]
        own = next((f for text in headings if (f := _scale_in_brackets(text)) is not None), None)
        if key in ("amount", "monthly", "arrears", "recovery"):
            found[key] = float(own if own is not None else of_table)
    return found


def _scale_after_label(text: str) -> int | None:
    for label in ("don vi tinh", "dvt", "don vi"):
        before, mark, after = text.partition(f"{label}:")
        if mark and not before.strip(" ("):
            return load_form_vocabulary().money_factors.get(after.strip(" ().;"))
    return None


def _scale_in_brackets(text: str) -> int | None:
    _, mark, after = text.rpartition("(")
    inside = after.partition(")")[0] if mark else ""
    return load_form_vocabulary().money_factors.get(inside.removeprefix("dvt:").strip(" :;"))


def _commune_of_sheet(place: Place, unit: Unit, communes: Communes, day: date, catalogue: Catalogue) -> int:
    """The commune whose sheet it is, by the title or the sheet's own name; `NONE` where it is no single one's."""
    if unit.level == "commune":
        return 0
    texts = [*place.titles.labelled_unit_texts, *place.titles.unit_texts]
    named = {found for text in texts for found in units_in(text, day, catalogue) if found in communes.units}
    if len(named) == 1:
        return communes.units.index(named.pop())
    return max(NONE, communes.exactly(place.sheet.name))
