"""What the page shows where a figure stands, against what its cell holds.

A figure is read as a person reads the page. What was struck through, what nobody can see, and what the page
shows with other digits than the cell holds is asked about; what was read otherwise than it is stored is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.forms.schema import COUNT_FREE_UNITS
from ingest.readers.spreadsheet.cells import Cell, cell_text, folded
from ingest.readers.spreadsheet.labels import label_key
from ingest.readers.spreadsheet.shown import ShownFormat, shown_format
from ingest.readers.spreadsheet.tables import Block

Place = tuple[int, int]

# A format with so many decimals looks like thousands to whoever writes 12.000 for twelve thousand.
_LOOKS_LIKE_THOUSANDS = 3
_MOST_PLACES = 100


class ShownFigures:
    """How the figures of one block are shown. Findings of one kind are joined: a column was formatted once."""

    def __init__(self, block: Block) -> None:
        self._sheet = block.sheet
        self._first_column = min(block.columns)
        self._places: dict[str, list[Place]] = defaultdict(list)
        self._values: dict[str, dict[str, Any]] = {}
        self._columns = {at: column for at, column in block.columns.items() if column.role == "value"}

    @classmethod
    def of(cls, block: Block) -> ShownFigures | None:
        """None where the page shows every value as it is, as in nearly every book."""
        details = block.sheet.details
        is_plain = details is None or not (
            details.has_odd_formats or details.struck or details.unseen or details.left_out
        )
        return None if is_plain else cls(block)

    def struck_rows(self, rows: Iterable[int]) -> set[int]:
        """The rows that are struck through, by their label or with all that they hold."""
        details = self._sheet.details
        found: set[int] = set()
        struck = details.struck if details is not None else set()
        if not struck:
            return found
        for row in rows:
            held = [c for c in self._columns if cell_text(self._sheet.value(row, c))]
            labels = [c for c in range(self._first_column) if len(label_key(cell_text(self._sheet.value(row, c)))) > 2]
            is_struck = (bool(held) and all((row, c) in struck for c in held)) or any(
                (row, c) in struck for c in labels
            )
            if is_struck:
                found.add(row)
                self._note("WB-060", (row, self._first_column))
        return found

    def read(self, at: Place, value: object, cell: Cell, unit: str) -> tuple[Cell | None, int]:
        """A cell as the page shows it, and how often its format divided it by a thousand; None where it is asked."""
        details = self._sheet.details
        if details is None or cell.kind != "number":
            return cell, 0
        if at in details.struck:
            self._note("CELL-022", at, raw=cell.raw)
            return None, 0
        if at in details.unseen:
            self._note("CELL-023", at, raw=cell.raw)
            return None, 0
        left_out = details.left_out.get(at)
        if left_out is not None:
            if left_out.left_out == "unseen" or not left_out.text:
                self._note("CELL-023" if left_out.text else "CELL-022", at, raw=cell.raw)
                return None, 0
            self._note("CELL-020" if left_out.left_out == "struck" else "CELL-021", at, raw=cell.raw)
        if not details.has_odd_formats or not isinstance(value, int | float):
            return cell, 0
        shown = shown_format(self._sheet.number_format(*at) or "General", value)
        return self._by_format(at, cell, unit, shown) if shown.is_odd else (cell, 0)

    def _by_format(self, at: Place, cell: Cell, unit: str, shown: ShownFormat) -> tuple[Cell | None, int]:
        if shown.hides or not shown.has_digits:
            if not cell.value:
                self._note("CELL-027", at)
                return cell, 0
            self._note("CELL-023", at, raw=cell.raw)
            return None, 0
        if shown.writes_digits or (shown.divides and unit != "vnd"):
            self._note("CELL-025", at, raw=cell.raw)
            return None, 0
        if (
            unit not in COUNT_FREE_UNITS
            and shown.decimals
            and shown.decimals % _LOOKS_LIKE_THOUSANDS == 0
            and cell.value
        ):
            self._note("CELL-026", at, raw=cell.raw)
            return None, 0
        word = folded(shown.word)
        if word and word != "%" and not cell.word:
            cell = cell._replace(word=word)
        if shown.divides and cell.value is not None:
            cell = cell._replace(value=cell.value / Decimal(1000) ** shown.divides)
        return cell, shown.divides

    def divided(self, at: Place, raw: str, divides: int, factor: Decimal | int) -> bool:
        """Whether a column's unit is the one that its format divides by; says what was read, or asks."""
        agrees = bool(factor == 1000**divides)
        self._note("CELL-024" if agrees else "CELL-025", at, raw=raw)
        return agrees

    def has_odd_decimals(self, at: Place, raw: str, factor: Decimal | int) -> bool:
        """Whether money in dong is shown with three decimals, which nobody writes and everybody misreads."""
        details = self._sheet.details
        if (
            factor != 1
            or details is None
            or not details.has_odd_formats
            or not isinstance(self._sheet.value(*at), float)
        ):
            return False
        shown = shown_format(self._sheet.number_format(*at) or "General", 1)
        is_odd = bool(shown.decimals) and shown.decimals % _LOOKS_LIKE_THOUSANDS == 0
        if is_odd:
            self._note("CELL-026", at, raw=raw)
        return is_odd

    def _note(self, rule: str, at: Place, **values: object) -> None:
        self._places[rule].append(at)
        self._values.setdefault(rule, dict(values))

    def findings(self) -> list[Finding]:
        """What was noticed, a finding for each kind with all its places."""
        found = []
        for rule, places in self._places.items():
            first, *more = (self._sheet.ref(*place) for place in places[:_MOST_PLACES])
            found.append(finding(rule, first, refs=tuple(more), count=len(places), **self._values[rule]))
        return found
