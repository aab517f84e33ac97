"""Workbooks: from bytes to submissions, each value with its sheet and cell.

The way: open the book (`book.py`), find tables by their labels (`tables.py`), tell form, unit and period
(`identify.py`), tell the rows (`rows.py`), read the figures (`figures.py`), apply the form's own rules
(`ingest/forms/rules.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.findings import answer_title, finding
from ingest.core.model import Finding, Observation, ReadFile, ReadSubmission
from ingest.core.periods import InvalidPeriodError, Period, parse_period
from ingest.forms.layout import LaidOutTable, TableRow, lay_out, quantity_of
from ingest.forms.rules import Figure, check_figures
from ingest.forms.schema import Form, Version
from ingest.readers.encodings import DECODERS, WORD, is_foreign, legacy_encoding
from ingest.readers.form.match_rows import RowsFound, find_category_rows, find_unit_rows, unit_names
from ingest.readers.form.read_cells import FigureRead, read_figures
from ingest.readers.personal_data import holds_persons, names_unit, shown_name
from ingest.readers.spreadsheet.announced import announcements
from ingest.readers.spreadsheet.cells import cell_text, read_cell
from ingest.readers.spreadsheet.identify import (
    HiddenEntry,
    Stated,
    choose_period,
    choose_unit,
    path_contradictions,
    read_hidden,
    read_notes,
    read_path,
    read_status,
    read_titles,
    states_nil,
)
from ingest.readers.spreadsheet.open_book import Book, Sheet, UnusableBookError, column_name, open_book
from ingest.readers.spreadsheet.table_labels import TableLabels, labels_of, table_labels
from ingest.readers.spreadsheet.tables import Block, continued_block, find_blocks

# A sheet on which fewer of a table's columns are found than this share is not that table.
_MIN_BLOCK_SCORE = 0.5
_LEAST_TITLED = 3


@dataclass
class _Part:
    """The blocks of one submission."""

    form: Form
    version: Version
    unit: Unit
    period: Period
    blocks: list[Block]
    findings: list[Finding]
    status: str
    is_nil: bool


def read_workbook(
    data: bytes,
    name: str,
    catalogue: Catalogue,
    forms: Mapping[str, Form],
    path_hint: str = "",
    *,
    without: Collection[str] = (),
    opened: Book | None = None,
) -> ReadFile:
    """Reads every form in a workbook.

    Args:
        data: the file's bytes (.xlsx, .xls, .xlsb, .ods or delimited text).
        name: the file's name, for findings and for telling kinds of text apart; it never decides form,
            unit or period.
        catalogue: units, indicators, code lists.
        forms: the forms to look for.
        path_hint: the path under which the file came; its folders are the last source for unit and period.
        without: sheets that another reader takes, by name.
        opened: what `ordinary_book` made of the bytes, where somebody opened them already.

    Returns:
        One submission per form, unit and period found. What can't be used is a finding; nothing raises.
    """
    try:
        book = open_book(data, name, opened)
    except UnusableBookError as error:
        return ReadFile(findings=[error.finding])
    read = ReadFile(findings=book.findings)
    _leave_out(book, set(without) | {sheet.name for sheet in book.sheets if _is_answer(sheet)})
    _decode(book, forms, read)
    _leave_out_persons(book, catalogue)
    if any(sheet.details is None for sheet in book.sheets) and book.kind != "csv":
        read.findings.append(finding("WB-030", "", name=name, kind=book.kind))
    entries, hidden_sheet = read_hidden(book)
    sheets = [sheet for sheet in book.sheets if sheet is not hidden_sheet and sheet.rows]
    blocks = _find_all(sheets, entries, forms, read)
    _tell_of_pictures(book, blocks, read)
    if not blocks:
        if not any(found.severity == "error" or found.rule_id == "WB-040" for found in read.findings):
            read.findings.append(finding("FORM-001", "", name=name))
        return read
    parts = _parts(blocks, entries, catalogue, path_hint, read)
    for part in parts:
        part.findings += _left_behind(part, parts)
        submission = _read_part(part, catalogue)
        submission.part = part.blocks[0].sheet.name if len(parts) > 1 else ""
        read.submissions.append(submission)
    return read


def _tell_of_pictures(book: Book, blocks: Sequence[Block], read: ReadFile) -> None:
    """Large pictures on sheets without a table, or in a book that lacks a table of its form: they may be tables."""
    held = {id(block.sheet) for block in blocks}
    found = {block.labels.table.code for block in blocks}
    is_whole = all(table.code in found for block in blocks for table in block.labels.version.tables)
    for sheet in book.sheets:
        if sheet.pictures and (id(sheet) not in held or not is_whole):
            refs = [sheet.ref(*place) for place in sheet.pictures[:20]]
            read.findings.append(finding("WB-063", refs[0], refs=tuple(refs[1:]), sheet=sheet.name))


def _leave_out(book: Book, names: Collection[str]) -> None:
    """Drops sheets, with what was said about them when the book was opened."""
    book.sheets = [sheet for sheet in book.sheets if sheet.name not in names]
    left_out = tuple(f"{name}!" for name in names)
    book.findings[:] = [f for f in book.findings if not (left_out and f.ref.startswith(left_out))]


def _is_answer(sheet: Sheet) -> bool:
    """Whether a sheet is the answer to an earlier delivery, which comes back with the mended workbook."""
    return sheet.value(0, 0) == answer_title()


def _leave_out_persons(book: Book, catalogue: Catalogue) -> None:
    """Drops sheets that hold data on persons under headings that no list has: what is read here is quoted."""
    found = {
        sheet.name: shown_name(sheet.name, number, (), catalogue)
        for number, sheet in enumerate(book.sheets, start=1)
        if holds_persons(sheet.texts(), lambda text: names_unit(text, catalogue))
    }
    _leave_out(book, found)
    book.findings += [finding("LST-002", f"{shown}!A1", sheet=shown) for shown in found.values()]


def _decode(book: Book, forms: Mapping[str, Form], read: ReadFile) -> None:
    """Turns texts in an encoding older than Unicode into Unicode, and says so."""
    foreign = [text for sheet in book.sheets for _, _, text in sheet.texts() if is_foreign(text)]
    encoding = legacy_encoding(foreign, _known_words(tuple(forms.values()))) if foreign else None
    if encoding is None:
        return
    decode = DECODERS[encoding]
    for sheet in book.sheets:
        sheet.rows = [
            [decode(value) if isinstance(value, str) and is_foreign(value) else value for value in row]
            for row in sheet.rows
        ]
    read.findings.append(finding("WB-029", "", encoding=encoding))


@lru_cache(maxsize=4)
def _known_words(forms: tuple[Form, ...]) -> frozenset[str]:
    """The words of all labels of the forms, in small letters."""
    labels = ["Đơn vị báo cáo", "Kỳ báo cáo", "huyện, thị xã, thành phố, xã, phường, thị trấn, tỉnh", "năm quý tháng"]
    for table in (table for form in forms for version in form.versions for table in version.tables):
        labels += [table.title_vi, *(label for column in table.leaves for label in column.path)]
        labels += [row.label for row in table.row_list]
    return frozenset(WORD.findall(" ".join(labels).lower()))


# Which table is where


def _find_all(
    sheets: Sequence[Sheet], entries: Sequence[HiddenEntry], forms: Mapping[str, Form], read: ReadFile
) -> list[Block]:
    named, findings = _named_tables(entries, forms)
    read.findings += findings
    everything: list[TableLabels] | None = None
    found: list[Block] = []
    last: Block | None = None
    for sheet in sheets:
        hinted = {entry.table for entry in entries if entry.sheet == sheet.name}
        blocks = _best_blocks(sheet, named, hinted)
        if not blocks:
            everything = everything or table_labels(forms.values())
            blocks = _best_blocks(sheet, everything, hinted)
        continuation = continued_block(sheet, last) if not blocks and last is not None else None
        if continuation is not None:
            blocks = [continuation]
            table = continuation.labels.table.code
            read.findings.append(finding("WB-035", sheet.ref(0, 0), sheet=sheet.name, table=table))
        elif not blocks and _holds_numbers(sheet):
            read.findings.append(finding("WB-008", sheet.ref(0, 0), sheet=sheet.name))
        read.findings += _otherwise_named(blocks, hinted, entries)
        last = blocks[-1] if blocks else last
        found += [block for block in blocks if _is_told(block, read)]
    return found


def _is_told(block: Block, read: ReadFile) -> bool:
    """Whether it is known which table a block is, and it is one that is read; says so where not."""
    at = block.sheet.ref(block.top, min(block.columns))
    if block.rivals:
        read.findings.append(finding("WB-037", at, tables=", ".join(block.rivals)))
    elif block.labels.is_derived:
        table = block.labels.table
        read.findings.append(finding("WB-040", at, table=table.code, title=table.title_vi))
    return not block.rivals and not block.labels.is_derived


def _otherwise_named(
    blocks: Sequence[Block], hinted: Container[str], entries: Sequence[HiddenEntry]
) -> Iterator[Finding]:
    """Tables that are not what the hidden sheet says of this sheet, or of the book."""
    codes = {entry.form_code for entry in entries}
    for block in blocks:
        labels = block.labels
        is_other = bool(hinted) and labels.table.code not in hinted
        if entries and (is_other or labels.form.code not in codes):
            hidden = ", ".join(dict.fromkeys(e.table for e in entries if not is_other or e.sheet == block.sheet.name))
            at = block.sheet.ref(block.top, min(block.columns))
            yield finding("FORM-012", at, hidden=hidden, title=labels.table.code)


def _named_tables(entries: Sequence[HiddenEntry], forms: Mapping[str, Form]) -> tuple[list[TableLabels], list[Finding]]:
    """The tables of the forms and versions that the hidden sheet names."""
    tables: list[TableLabels] = []
    findings: list[Finding] = []
    for code, version_name in dict.fromkeys((entry.form_code, entry.form_version) for entry in entries):
        form = forms.get(code)
        version = form.version(version_name) if form is not None else None
        if form is None or version is None:
            findings.append(finding("FORM-007", "", what=f"{code} {version_name}"))
            continue
        tables += labels_of(form, version)
    return tables, findings


def _best_blocks(sheet: Sheet, tables: Sequence[TableLabels], hinted: set[str]) -> list[Block]:
    blocks = find_blocks(sheet, tables, hinted)
    # Where the title says what it is, it is told which columns lack.
    return [
        block
        for block in blocks
        if block.score >= _MIN_BLOCK_SCORE or (block.is_titled and len(block.columns) >= _LEAST_TITLED)
    ]


def _holds_numbers(sheet: Sheet) -> bool:
    counted = 0
    for row in sheet.rows:
        counted += sum(_is_number(value) for value in row)
        if counted >= 3:
            return True
    return False


# Whose and when


def _parts(
    blocks: Sequence[Block], entries: Sequence[HiddenEntry], catalogue: Catalogue, path_hint: str, read: ReadFile
) -> list[_Part]:
    """The blocks grouped into submissions: one per form, unit and period."""
    by_form: dict[str, list[Block]] = defaultdict(list)
    for block in blocks:
        by_form[block.labels.form.code].append(block)
    parts: dict[tuple[str, str, str], _Part] = {}
    for code, of_form in by_form.items():
        for block, titles in zip(of_form, _titles(of_form, blocks), strict=True):
            part = _part(block, titles, [e for e in entries if e.form_code == code], catalogue, path_hint, read)
            if part is None:
                continue
            known = parts.setdefault((code, part.unit.unit_id, part.period.code), part)
            if known is not part:
                known.blocks += part.blocks
                # The titles of several sheets say the same.
                told = {(f.rule_id, f.message_en) for f in known.findings}
                known.findings += [f for f in part.findings if (f.rule_id, f.message_en) not in told]
                known.is_nil = known.is_nil or part.is_nil
                known.status = part.status if known.status == "official" else known.status
    return list(parts.values())


def _left_behind(part: _Part, parts: Sequence[_Part]) -> Iterator[Finding]:
    """A form that stands only on hidden sheets, in a book that shows the same form otherwise.

    What is left of last year must not take the place of what was reported then.
    """
    shown = any(other.form is part.form and any(not b.sheet.is_hidden for b in other.blocks) for other in parts)
    if shown and all(block.sheet.is_hidden for block in part.blocks):
        form, sheet = part.form.head.name_vi, part.blocks[0].sheet
        at = sheet.ref(part.blocks[0].top, 0)
        yield finding("FORM-013", at, sheet=sheet.name, form=form, unit=part.unit.name, period=part.period.code)


def _titles(of_form: Sequence[Block], blocks: Sequence[Block]) -> list[tuple[Stated, Stated]]:
    """What stands above each block, and what stands above any block of the form."""
    own = []
    for block in of_form:
        above = (other.bottom + 1 for other in blocks if other.sheet is block.sheet and other.bottom < block.top)
        own.append(read_titles(block.sheet, max(above, default=0), block.top))
    whole = Stated()
    for one in own:
        whole.add(one)
    return [(one, whole) for one in own]


def _part(
    block: Block,
    titles: tuple[Stated, Stated],
    entries: Sequence[HiddenEntry],
    catalogue: Catalogue,
    path_hint: str,
    read: ReadFile,
) -> _Part | None:
    form = block.labels.form
    where = titles[0].ref or block.sheet.ref(block.top, 0)
    path = read_path(path_hint)
    hidden_period, hidden_unit, findings = _from_hidden(entries, catalogue)
    period, more = choose_period(form, hidden_period, titles, path, where)
    findings += more
    if period is None:
        _add_once(read, findings)
        return None
    day = period.last_day
    unit, more = choose_unit(form, day, hidden_unit, titles, path, where, catalogue)
    findings += more
    version = form.version_on(day)
    is_asked = unit is not None and form.may_come_from(unit.level, day) and period.kind in form.head.frequency
    if unit is None or version is None or not is_asked:
        if unit is not None:
            findings.append(finding("FORM-005", where, form=form.head.name_vi, unit=unit.name, period=period.code))
        _add_once(read, findings)
        return None
    findings += path_contradictions(period, unit, path, where, catalogue)
    notes = read_notes(block.sheet, block.bottom + 1, block.last_row)
    announced, more = announcements((titles[0].texts or titles[1].texts), notes, form, period)
    findings += more
    status = "preliminary" if "estimate" in announced else read_status(block.sheet, 0, block.top) or "official"
    is_nil = states_nil(block.sheet, 0, block.last_row)
    return _Part(form, version, unit, period, [block], findings, status, is_nil)


def _add_once(read: ReadFile, findings: Sequence[Finding]) -> None:
    known = {(f.rule_id, f.message_en) for f in read.findings}
    read.findings += [f for f in findings if (f.rule_id, f.message_en) not in known]


def _from_hidden(
    entries: Sequence[HiddenEntry], catalogue: Catalogue
) -> tuple[Period | None, Unit | None, list[Finding]]:
    """Period and unit of the hidden sheet, as far as they exist."""
    if not entries:
        return None, None, []
    entry = entries[0]
    try:
        period = parse_period(entry.period)
    except InvalidPeriodError:
        return None, None, [finding("FORM-007", "", what=entry.period)]
    unit = catalogue.unit_by_code(entry.unit_code, period.last_day)
    findings = [] if unit is not None else [finding("FORM-007", "", what=entry.unit_code)]
    return period, unit, findings


# What it says


def _read_part(part: _Part, catalogue: Catalogue) -> ReadSubmission:
    submission = ReadSubmission(
        form_code=part.form.code,
        form_version=part.version.version,
        source_kind="form",
        reporting_unit_id=part.unit.unit_id,
        period=part.period.code,
        status=part.status,  # type: ignore[arg-type]
        findings=list(part.findings),
    )
    figures: list[FigureRead] = []
    tables: dict[str, LaidOutTable] = {}
    # Which columns each row of each table was found with: a table may come in several pieces.
    seen: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for block in part.blocks:
        table = part.version.table(block.labels.table.code) or block.labels.table
        laid_out = tables.get(table.code) or lay_out(table, part.unit, part.period, catalogue)
        tables[table.code] = laid_out
        found = _rows(block, laid_out, part, catalogue)
        submission.findings += found.findings
        read = read_figures(block, laid_out, found.rows, part.form, part.version, part.period, catalogue)
        submission.findings += read.findings
        figures += read.figures
        for row in found.rows.values():
            seen[table.code][row.key] |= {column.key for column in block.columns.values()}
        submission.findings += _column_findings(block, found.rows)
        submission.findings += _hidden_findings(block, found.rows)
    _add_missing(part, tables, seen, submission)
    _add_observations(figures, submission, part)
    _check(figures, list(tables.values()), submission, part, catalogue)
    return submission


def _rows(block: Block, laid_out: LaidOutTable, part: _Part, catalogue: Catalogue) -> RowsFound:
    if not laid_out.table.has_unit_rows:
        return find_category_rows(block, laid_out)
    return find_unit_rows(block, laid_out, unit_names(part.unit, part.period.last_day, catalogue))


def _column_findings(block: Block, rows: Mapping[int, object]) -> list[Finding]:
    """Columns that stand twice, and columns with figures that the form does not know or does not take."""
    findings = []
    for sheet_column, column in block.twice.items():
        at = block.sheet.ref(max(block.bottom, 0), sheet_column)
        findings.append(finding("WB-011", at, column=" - ".join(column.path)))
    width = max((len(block.sheet.rows[row]) for row in rows), default=0)
    beside = _second_table(block, rows, width)
    if beside is not None:
        at = block.sheet.ref(max(block.bottom, 0), beside)
        findings.append(finding("WB-064", at, table=block.labels.table.code))
        width = beside
    for sheet_column in range(max(min(block.columns) - 1, 0), width):
        known = block.columns.get(sheet_column)
        if sheet_column in block.twice or sheet_column in block.beside or (known is not None and known.role != "skip"):
            continue
        path = block.paths.get(sheet_column, ())
        if sheet_column < min(block.columns) and not path:
            continue
        if any(_is_number(block.sheet.value(row, sheet_column)) for row in rows):
            at = block.sheet.ref(max(block.bottom, 0), sheet_column)
            if known is not None:
                findings.append(finding("WB-038", at, what=" - ".join(known.path)))
            else:
                findings.append(finding("WB-010", at, heading=" - ".join(path) or column_name(sheet_column)))
    return findings


_LEAST_LABELS = 2


def _second_table(block: Block, rows: Collection[int], width: int) -> int | None:
    """The first column of another table beside this one: a column of labels with figures to the right of it."""
    sheet, last = block.sheet, max(*block.columns, *block.twice, *block.beside, 0)
    for column in range(last + 1, width):
        texts = {cell_text(value) for row in rows if isinstance(value := sheet.value(row, column), str) and value}
        named = {text for text in texts if read_cell(text).kind == "text"}
        if len(named) < min(_LEAST_LABELS, len(rows)) or not named:
            continue
        for other in range(column + 1, width):
            if sum(_is_number(sheet.value(row, other)) for row in rows) >= min(_LEAST_LABELS, len(rows)):
                return column
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _hidden_findings(block: Block, rows: Mapping[int, object]) -> list[Finding]:
    """Hidden sheets, rows and columns are read like others, and that is said."""
    sheet, findings = block.sheet, []
    if sheet.is_hidden:
        findings.append(finding("WB-020", sheet.ref(block.top, min(block.columns)), what=sheet.name))
    hidden_rows = [row for row in rows if row in sheet.hidden_rows]
    hidden_columns = [column for column in block.columns if column in sheet.hidden_columns]
    findings += [finding("WB-021", sheet.ref(row, min(block.columns)), what=str(row + 1)) for row in hidden_rows]
    for column in hidden_columns:
        findings.append(finding("WB-022", sheet.ref(block.top, column), what=sheet.ref(block.top, column)))
    return findings


def _add_missing(
    part: _Part,
    tables: Mapping[str, LaidOutTable],
    seen: Mapping[str, Mapping[str, set[str]]],
    submission: ReadSubmission,
) -> None:
    """What the form asks for and the book does not have: tables, columns, rows."""
    first_block = {block.labels.table.code: block for block in reversed(part.blocks)}
    for table in part.version.tables:
        laid_out = tables.get(table.code)
        if laid_out is None:
            submission.findings.append(finding("WB-009", "", table=table.code, title=table.title_vi))
            continue
        block = first_block[table.code]
        at = block.sheet.ref(max(block.bottom, 0), min(block.columns))
        rows = seen[table.code]
        for column in table.leaves:
            lacking = [row for row, columns in rows.items() if column.key not in columns]
            if column.role != "value" or column.is_optional or not (lacking or not rows):
                continue
            if len(lacking) == len(rows):
                submission.findings.append(finding("WB-007", at, column=" - ".join(column.path), table=table.code))
            else:
                # A piece of the table, on another sheet or page, came without the column.
                names = _names([row for row in laid_out.rows if row.key in lacking])
                submission.findings.append(
                    finding("WB-034", at, column=" - ".join(column.path), table=table.code, rows=names)
                )
        if part.is_nil:
            continue
        asked = [row for row in laid_out.rows if not row.is_heading and row.key not in rows]
        for row in asked:
            if row.is_total:
                submission.findings.append(finding("WB-016", at, row=row.label, table=table.code))
        missing = [row for row in asked if not row.is_total]
        if missing:
            # What is sent replaces all that was sent before: rows that lack would take away what others have.
            is_partial = table.has_unit_rows or 2 * len(missing) > len(laid_out.rows)
            submission.findings.append(
                finding(
                    "WB-062" if is_partial else "WB-015", at, rows=_names(missing), count=len(missing), table=table.code
                )
            )


def _names(rows: Sequence[TableRow]) -> str:
    """The labels of some rows, the first ten."""
    return ", ".join(row.label for row in rows[:10]) + (" …" if len(rows) > 10 else "")


def _add_observations(figures: Sequence[FigureRead], submission: ReadSubmission, part: _Part) -> None:
    """Observations of the figures; a quantity stated twice alike is one observation with two places."""
    known: dict[tuple[str, ...], int] = {}
    observations, period, status = submission.observations, part.period.code, submission.status
    for figure in figures:
        row, _, meaning, value, qualifier, issuer, ref, raw = figure
        indicator, unit_id = meaning.indicator, row.unit.unit_id
        key = quantity_of(meaning, unit_id, issuer)
        index = known.setdefault(key, len(observations))
        if index < len(observations):
            first = observations[index]
            if first.value == value:
                observations[index] = first._replace(refs=(*first.refs, ref))
                continue
        observations.append(
            Observation(
                ref,
                raw,
                value,
                indicator.unit_of_measure,
                indicator.code,
                unit_id,
                period,
                meaning.breakdown,
                meaning.measure,
                qualifier,
                meaning.accumulation,
                status,
                issuer=issuer,
            )
        )


def _check(
    figures: Sequence[FigureRead],
    tables: Sequence[LaidOutTable],
    submission: ReadSubmission,
    part: _Part,
    catalogue: Catalogue,
) -> None:
    by_place = {
        (row.key, column.key): Figure(
            value, ref, meaning.indicator.unit_of_measure, quantity_of(meaning, row.unit.unit_id, issuer)
        )
        for row, column, meaning, value, _, issuer, ref, _ in figures
    }
    sheets = {block.sheet.name: block.sheet for block in part.blocks}

    def is_formula(ref: str) -> bool:
        sheet = sheets.get(ref.rpartition("!")[0])
        return sheet is not None and sheet.details is not None and ref.rpartition("!")[2] in sheet.details.formulas

    outcome = check_figures(part.form, tables, by_place, catalogue, part.period, is_formula)
    submission.findings += outcome.findings
    submission.checks_passed += outcome.passed
    stated = [figure for figure in figures if figure.value]
    if part.is_nil and stated:
        submission.findings.append(finding("FORM-006", stated[0].ref, raw=stated[0].raw))
    submission.is_nil = part.is_nil and not stated
