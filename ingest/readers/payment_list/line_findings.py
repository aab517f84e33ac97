"""Where the checks of a list put what they find, and what findings call a category."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.readers.payment_list.list_lines import Lines

LISTED_PLACES = 100
# Rates are multiples of a hundred dong; half a dong is what sums of fractions leave behind.
DONG = 0.5
Places = NDArray[np.bool_] | NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CategoryName:
    """A category's code and what findings call it."""

    code: str
    name_vi: str
    name_en: str


class Found:
    """Findings and passes of one list, long series cut short and counted."""

    def __init__(self, lines: Lines, refs: Callable[[int, int], str]) -> None:
        self.findings: list[Finding] = []
        self._held: list[str] = []
        self.refs = refs
        self._lines = lines

    @property
    def passed(self) -> list[str]:
        """The rules that were applied and held wherever they were applied."""
        broken = {f.rule_id for f in self.findings}
        return [rule_id for rule_id in dict.fromkeys(self._held) if rule_id not in broken]

    def hold(self, rule_id: str) -> None:
        """Notes that a rule was applied and held."""
        self._held.append(rule_id)

    def withhold(self, *rule_ids: str) -> None:
        """Notes that rules could not be applied everywhere: they did not hold."""
        self._held = [rule_id for rule_id in self._held if rule_id not in rule_ids]

    def at_lines(
        self,
        rule_id: str,
        places: Places,
        *,
        lhs: Numbers | None = None,
        rhs: Numbers | None = None,
        values: Callable[[int], Mapping[str, Any]] = lambda _: {},
    ) -> None:
        """Adds a finding for each line of a mask, or notes that the rule held."""
        indexes = np.flatnonzero(places) if places.dtype == np.bool_ else places
        rows = [(int(self._lines.sheet[i]), int(self._lines.row[i])) for i in indexes.tolist()]
        numbers = [(decimal_of(lhs[i]) if lhs is not None else None, decimal_of(rhs[i]) if rhs is not None else None)
                   for i in indexes[:LISTED_PLACES].tolist()]  # fmt: skip
        self._add(rule_id, rows, numbers, lambda n: values(int(indexes[n])))

    def at_rows(self, rule_id: str, rows: Sequence[tuple[int, int]], **values: Any) -> None:
        """Adds a finding for each row of a sheet, or notes that the rule held."""
        self._add(rule_id, rows, [(None, None)] * len(rows), lambda _: values)

    def once(self, rule_id: str, count: int, **values: Any) -> None:
        """Adds one finding about the list as a whole if it concerns any line."""
        if count:
            self.findings.append(finding(rule_id, "", count=count, **values))

    def _add(
        self,
        rule_id: str,
        rows: Sequence[tuple[int, int]],
        numbers: Sequence[tuple[Decimal | None, Decimal | None]],
        values: Callable[[int], Mapping[str, Any]],
    ) -> None:
        if not rows:
            self._held.append(rule_id)
            return
        for n, (sheet, row) in enumerate(rows[:LISTED_PLACES]):
            left, right = numbers[n]
            self.findings.append(finding(rule_id, self.refs(sheet, row), lhs=left, rhs=right, **values(n)))
        rest = rows[LISTED_PLACES:]
        if rest:
            refs = self.ranges(rest)
            self.findings.append(
                finding("LST-090", refs[0], refs=refs[1:], rule=rule_id, count=len(rest), shown=LISTED_PLACES)
            )

    def ranges(self, rows: Sequence[tuple[int, int]]) -> tuple[str, ...]:
        """Places of rows, neighbours joined (`row 12-40`); at most a hundred of them."""
        found: list[list[tuple[int, int]]] = []
        for sheet, row in rows:
            if found and found[-1][-1] == (sheet, row - 1):
                found[-1][1:] = [(sheet, row)]
            elif len(found) == LISTED_PLACES:
                break
            else:
                found.append([(sheet, row)])
        return tuple(join_refs(self.refs, run[0], run[-1]) for run in found)


def join_refs(refs: Callable[[int, int], str], first: tuple[int, int], last: tuple[int, int]) -> str:
    """The place of the rows from one to another of the same sheet: `row 12-40`."""
    return refs(*first) if first == last else f"{refs(*first)}-{last[1] + 1}"


def names_of(categories: Sequence[CategoryName], position: int) -> dict[str, Any]:
    """What findings call the category at a position."""
    return {"category_vi": categories[position].name_vi, "category_en": categories[position].name_en}


def decimal_of(number: float) -> Decimal | None:
    """A number as findings show it; None where there is none."""
    if not np.isfinite(number):
        return None
    return Decimal(int(number)) if number == int(number) else Decimal(f"{number:.10g}")
