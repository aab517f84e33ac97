"""What is kept of a list's lines and of the other rows of its sheets, without knowing whose they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

MONEY_COLUMNS = ("amount", "monthly", "arrears", "late", "recovery")
BIRTH_BY_SEX = ("birth_male", "birth_female")
BIRTH_PARTS = ("birth_day", "birth_month", "birth_year")
SOMEBODY_COLUMNS = ("identity", "birth", *BIRTH_BY_SEX, "birth_year")
SEXES = ("male", "female")
NUMBER_COLUMNS = (*MONEY_COLUMNS, "months", "arrears_months", "coefficient", "injury_pct")

# What `Lines` keeps of each line, with its type.
_COLUMNS: Mapping[str, str] = {
    "sheet": "i2", "row": "i4", "unit": "i4", "category": "i4", "sex": "i1", "method": "i4", "birth": "i4",
    "start": "i4", "identity_kind": "i1", "identity_province": "i2", "identity_year": "i2", "identity_sex": "i1",
    "identity_code": "u8", "person_code": "u8", "account_code": "u8", "identity_parts": "u8", "is_account_lost": "?",
    "has_name": "?", "is_unpaid": "?", **dict.fromkeys(NUMBER_COLUMNS, "f8"),
}  # fmt: skip


class Lines:
    """What is known of each line without knowing whose it is: arrays of equal length, a place per line.

    `unit`, `category`, `method` are positions (`NONE` blank, `UNKNOWN` or less nothing known); money is in dong
    and numbers are NaN where blank, infinite where unreadable, minus infinity where hidden (`values.HIDDEN`);
    `identity_code`, `person_code` and `account_code` are the first eight bytes of the pseudonyms, 0 where there is
    none; `late` is what of a line's payment is of earlier months and not in `amount`; `identity_parts` are keyed marks
    of a number's four groups of digits, to tell numbers that are nearly alike.
    """

    sheet: NDArray[np.int16]
    row: NDArray[np.int32]
    unit: NDArray[np.int32]
    category: NDArray[np.int32]
    sex: NDArray[np.int8]
    method: NDArray[np.int32]
    birth: NDArray[np.int32]
    start: NDArray[np.int32]
    identity_kind: NDArray[np.int8]
    identity_province: NDArray[np.int16]
    identity_year: NDArray[np.int16]
    identity_sex: NDArray[np.int8]
    identity_code: NDArray[np.uint64]
    person_code: NDArray[np.uint64]
    account_code: NDArray[np.uint64]
    identity_parts: NDArray[np.uint64]
    is_account_lost: NDArray[np.bool_]
    has_name: NDArray[np.bool_]
    is_unpaid: NDArray[np.bool_]
    late: NDArray[np.float64]
    amount: NDArray[np.float64]
    monthly: NDArray[np.float64]
    arrears: NDArray[np.float64]
    recovery: NDArray[np.float64]
    months: NDArray[np.float64]
    arrears_months: NDArray[np.float64]
    coefficient: NDArray[np.float64]
    injury_pct: NDArray[np.float64]

    def __init__(self, portions: Sequence[Mapping[str, NDArray]]) -> None:  # type: ignore[type-arg]
        for name, kind in _COLUMNS.items():
            parts = [portion[name] for portion in portions]
            setattr(self, name, np.concatenate(parts) if parts else np.empty(0, dtype=kind))

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True)
class SumRow:
    """A row that states a sum, with how many lines stand before it.

    `kind` is `total` for a row that sums what stands above or the whole list, else the kind of section
    that it opens.
    """

    kind: Literal["total", "commune", "category"]
    sheet: int
    row: int
    lines_before: int
    amount: float


@dataclass
class RowsRead:
    """What stands below the headings of a list's sheets, lines apart.

    `sections` are all rows that open a section, with an amount or without; `notes` are places of rows that
    are neither lines nor anything else known, `other_months` of rows that name another month than the list's. `seen`
    are all rows, `others` how many of them were told to be none of the lines, by kind.
    """

    seen: int = 0
    others: Counter[str] = field(default_factory=Counter)

    other_months: list[tuple[int, int]] = field(default_factory=list)
    sums: list[SumRow] = field(default_factory=list)
    sections: list[SumRow] = field(default_factory=list)
    notes: list[tuple[int, int]] = field(default_factory=list)
    nameless: list[tuple[int, int]] = field(default_factory=list)
