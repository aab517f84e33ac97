"""A sheet that holds a list: which of its columns is which, and what of it was passed over or can't be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.forms.schema import Column
from ingest.readers.payment_list.line_findings import Found
from ingest.readers.payment_list.list_lines import MONEY_COLUMNS, Lines
from ingest.readers.payment_list.list_schema import is_passed_over
from ingest.readers.payment_list.open_list import ListSheet
from ingest.readers.spreadsheet.cells import cell_text
from ingest.readers.spreadsheet.identify import Stated
from ingest.readers.spreadsheet.open_book import column_name
from ingest.readers.spreadsheet.shown import format_sections
from ingest.readers.spreadsheet.tables import Block

# So many columns that stand twice are a second list beside the first.
_LEAST_TWICE = 3
# What is paid in all, arrears and recoveries included.
_WHOLE = re.compile(r"\b(?:tong|thuc linh|thuc nhan|duoc nhan)\b")


@dataclass(eq=False)
class Place:
    """A sheet that holds (part of) a list: its columns and what its title says."""

    sheet: ListSheet
    block: Block
    titles: Stated
    code: str | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def columns(self) -> dict[str, int]:
        """The sheet's column of each of the list's."""
        found: dict[str, int] = {}
        for position, column in sorted(self.block.columns.items()):
            if not is_passed_over(column.key):
                found.setdefault(column.key, position)
        found.update(self._amounts(found))
        # Without diacritics "Năm" (year) and "Nam" (male) are one word: what stands beside it tells which.
        if "birth_female" not in found and "birth_male" in found and found.keys() & {"birth_day", "birth_month"}:
            found["birth_year"] = found.pop("birth_male")
        elif "birth_female" in found and "birth_year" in found and not found.keys() & {"birth_day", "birth_month"}:
            found["birth_male"] = found.pop("birth_year")
        if "name" not in found and "given_name" in found:
            found["name"] = found.pop("given_name")
        elif "name" in found and self.splits_name:
            found["given_name"] = found["name"] + 1
        return found

    def _amounts(self, found: Mapping[str, int]) -> dict[str, int]:
        """Of several columns of amounts the one of what is paid in all; the other is a month's, if none else is."""
        also = [position for position, column in self.block.twice.items() if column.key == "amount"]
        if "amount" not in found or not also:
            return {}
        several = sorted((found["amount"], *also))
        whole = next((at for at in several if any(_WHOLE.search(key) for key in self.block.paths.get(at, ()))), None)
        if whole is None or len(several) != 2:
            return {}
        (other,) = (position for position in several if position != whole)
        return {"amount": whole} if "monthly" in found else {"amount": whole, "monthly": other}

    @property
    def splits_name(self) -> bool:
        """Whether one heading of names stands over two columns, family and given names."""
        position = next((n for n, column in self.block.columns.items() if column.key == "name"), None)
        second = self.block.twice.get(position + 1) if position is not None else None
        return second is not None and second.key == "name"


def say_how_it_was_read(places: Sequence[Place], kind: str, lines: Lines, found: Found) -> None:
    """Columns passed over, hidden rows and columns, formulas without a result."""
    for number, place in enumerate(places):
        sheet, block = place.sheet, place.block
        headings = {position: column.path[-1] for position, column in block.columns.items()}
        extra = _extra_columns(place)
        months = [at for at in extra if any(_MONTH_HEADING.search(key) for key in block.paths[at])]
        if len(months) > 1:
            found.findings.append(finding("LST-120", sheet.head.ref(block.bottom, months[0]), count=len(months)))
        money = [at for at in extra if at not in months and _is_money(place, at)]
        for position in money:
            at = sheet.head.ref(block.bottom, position)
            found.findings.append(finding("LST-121", at, column=column_name(position)))
        if extra:
            found.findings.append(finding("LST-005", sheet.head.ref(block.bottom, min(extra)), columns=", ".join(
                column_name(position) for position in extra)))  # fmt: skip
        if len(_twice(place)) >= _LEAST_TWICE and any(c.key == "name" for c in _twice(place).values()):
            found.findings.append(finding("LST-015", sheet.head.ref(block.bottom, min(_twice(place)))))
        for position, column in _twice(place).items():
            at = sheet.head.ref(block.bottom, position)
            found.findings.append(finding("LST-006", at, column=" - ".join(column.path)))
        if sheet.head.is_hidden:
            found.findings.append(finding("LST-007", sheet.head.ref(0, 0), sheet=sheet.name))
        if sheet.scan is None:
            if kind != "csv":
                found.findings.append(finding("LST-010", "", kind=kind))
            continue
        rows = {int(row) for row in lines.row[lines.sheet == number].tolist()}
        found.at_rows("LST-008", [(number, row) for row in sheet.scan.hidden_rows if row in rows])
        for position in sorted(sheet.scan.hidden_columns & set(headings)):
            at = sheet.head.ref(block.bottom, position)
            found.findings.append(finding("LST-009", at, column=headings[position]))
        for rule_id, cells in (("LST-025", sheet.scan.uncalculated), ("LST-026", sheet.scan.errors)):
            for key, position in place.columns.items():
                in_lines = [(number, row) for row, column in cells if column == position and row in rows]
                if in_lines and key != "number":
                    found.at_rows(rule_id, in_lines, column=headings[position])
        _say_what_is_not_seen(number, place, rows, found)


_MONTH_HEADING = re.compile(r"\b(?:thang|t) ?(?:1[0-2]|0?[1-9])\b")


def _say_what_is_not_seen(number: int, place: Place, rows: set[int], found: Found) -> None:
    """Lines of which something is struck through, raised, white on white, or shown with other digits."""
    scan = place.sheet.scan
    if scan is None:
        return
    columns = {position for key, position in place.columns.items() if key != "number"}
    money = {position for key, position in place.columns.items() if key in MONEY_COLUMNS}
    for rule_id, cells in (("LST-122", scan.struck), ("LST-123", scan.unseen), ("LST-124", scan.left_out)):
        struck = sorted({row for row, column in cells if column in columns and row in rows})
        if struck:
            found.at_rows(rule_id, [(number, row) for row in struck])
    odd = {row for row, column, code in scan.odd_formats if column in money and row in rows and _misleads(code)}
    if odd:
        found.at_rows("LST-125", [(number, row) for row in sorted(odd)])


def _misleads(number_format: str) -> bool:
    """Whether a format shows an amount of money with other digits, or not at all."""
    shown = format_sections(number_format)[0]
    is_like_thousands = bool(shown.decimals) and shown.decimals % 3 == 0
    return bool(shown.divides or shown.writes_digits or shown.hides or not shown.has_digits or is_like_thousands)


# Half of a column's lines hold at least so much: it is money, whatever it is called.
_LEAST_MONEY = 10_000


def _is_money(place: Place, position: int) -> bool:
    values = [
        place.sheet.head.value(row, position) for row in range(place.block.bottom + 1, len(place.sheet.head.rows))
    ]
    filled = [value for value in values if cell_text(value)]
    large = [v for v in filled if isinstance(v, float) and _LEAST_MONEY <= v < 1e8 and v % 100 == 0]
    return len(large) > 1 and 2 * len(large) >= len(values)


def _twice(place: Place) -> dict[int, Column]:
    """The columns that stand twice, other than a name's second one."""
    second = place.columns.get("given_name") if place.splits_name else None
    used = {second, *place.columns.values()}
    return {position: column for position, column in place.block.twice.items() if position not in used}


def _extra_columns(place: Place) -> list[int]:
    """The columns below the heading that hold values and belong neither to the list nor to those passed over."""
    head, block = place.sheet.head, place.block
    known = {*block.columns, *block.twice}
    return [
        position
        for position in sorted(block.paths)
        if position not in known
        and any(cell_text(head.value(row, position)) for row in range(block.bottom + 1, len(head.rows)))
    ]
