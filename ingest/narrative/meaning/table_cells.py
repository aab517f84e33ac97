"""What a table says of a number in it: the head of its column, the unit of its row, column or lead."""

from __future__ import annotations

import re

from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.windows import Page
from ingest.narrative.text.quantities import Quantity


def column_head(page: Page, quantity: Quantity) -> str:
    """What stands at the top of a table cell's column."""
    passage = page.passage
    if passage.kind != "row" or passage.head is None:
        return ""
    column = next(
        (i for i, (start, end) in enumerate(passage.cells) if start <= quantity.start < max(end, start + 1)), None
    )
    if column is None or column >= len(passage.head.cells):
        return ""
    start, end = passage.head.cells[column]
    return passage.head.text[start:end]


_UNIT_HINT = re.compile(r"(?:ĐVT|đơn vị tính|đơn vị)\s*:?\s*([^).;|]+)", re.I)


_MONEY_COLUMN = re.compile(r"(?i)kinh phí|số tiền|thành tiền|trị giá|giá trị|dự toán")
_MONEY_UNIT = re.compile(r"(?i)(?:nghìn|ngàn|triệu|tỷ|tỉ)?\s*đồng\b")
# A column of money without a unit is in đồng if its numbers are no smaller.
LEAST_IN_DONG = 100_000


def take_row_unit(reading: Reading) -> None:
    """A bare number in a table takes the unit of its row's unit column, of its column's head or of the lead."""
    quantity, passage = reading.quantity, reading.page.passage
    if passage.kind != "row" or quantity.units:
        return
    bracket = re.search(r"\(([^()]*)\)", reading.head)
    hint = _UNIT_HINT.search(passage.lead.text) if passage.lead is not None else None
    places = ["%" if "%" in reading.head else "", bracket[1] if bracket else ""]
    places += [passage.text[s:e].strip() for s, e in passage.cells if not (s <= quantity.start < e)]
    places += [hint[1] if hint else ""]
    if _MONEY_COLUMN.search(reading.head):
        above = " ".join(p.text for p in (passage.lead, passage.head) if p is not None)
        named = _MONEY_UNIT.findall(above)
        places.append(named[-1] if named else "đồng" if quantity.value >= LEAST_IN_DONG else "")
    for place in places:
        unit, factor = reading.lexicon.bare_unit(place)
        if unit:
            quantity.units = (unit,)
            quantity.value *= factor
            return
