"""What a list adds up to: persons and money, of the reporting unit and of each commune, as observations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.model import Observation, Status, breakdown_key
from ingest.core.periods import Period
from ingest.readers.payment_list.line_findings import join_refs
from ingest.readers.payment_list.list_lines import SEXES, Lines
from ingest.readers.payment_list.list_schema import FigureRule, Grouping, ListVersion

# Positions of chosen lines.
Places = NDArray[np.int64]


def add_up(
    lines: Lines,
    layout: ListVersion,
    catalogue: Catalogue,
    *,
    reporting: Unit,
    communes: Sequence[Unit],
    category_codes: Sequence[str],
    methods: Sequence[str],
    period: Period,
    status: Status,
    refs: Callable[[int, int], str],
) -> list[Observation]:
    """The observations of a list.

    A person counts once, however many lines they have: by identity number where there is one, else each
    line is somebody. A grouping that a counted line does not state (a sex, a method) gives no figures, since
    the groups would not add up to the whole.
    """
    sums = _Sums(lines, catalogue, period, status, refs)
    groupings: dict[Grouping, tuple[NDArray[np.int64], Sequence[str], str]] = {
        "category": (lines.category.astype(np.int64), category_codes, layout.category_list),
        "sex": (lines.sex.astype(np.int64), SEXES, "sex"),
        "payment_method": (lines.method.astype(np.int64), methods, "payment_method"),
    }
    counted = np.flatnonzero(np.isfinite(lines.amount) & (lines.amount > 0))
    # (unit, its lines, by what): the reporting unit by everything, a commune by category only.
    scopes: list[tuple[Unit, Places, tuple[Grouping, ...]]] = [
        (reporting, counted, ("whole", "category", "sex", "payment_method"))
    ]
    for position, places in _groups(lines.unit.astype(np.int64), counted):
        if position >= 0 and communes[position] != reporting:
            scopes.append((communes[position], places, ("whole", "category")))

    @cache
    def groups_of(scope: int, grouping: Grouping) -> list[tuple[dict[str, str], Places, list[str]]]:
        """The groups of a scope with the rows that they rest on; none where a line's group is unknown."""
        places = scopes[scope][1]
        if grouping == "whole":
            return [({}, places, sums.rows(places))] if places.size else []
        of_line, codes, list_name = groupings[grouping]
        if grouping not in scopes[scope][2] or not np.all(of_line[places] >= 0):
            return []
        return [({list_name: codes[n]}, group, sums.rows(group)) for n, group in _groups(of_line, places)]

    return [
        observation
        for rule in layout.figures
        for scope, (unit, _, _) in enumerate(scopes)
        for grouping in rule.by
        for breakdown, places, rows in groups_of(scope, grouping)
        for observation in sums.observations(rule, places, rows, unit, breakdown)
    ]


class _Sums:
    """Adds up chosen lines of a list."""

    def __init__(
        self, lines: Lines, catalogue: Catalogue, period: Period, status: Status, refs: Callable[[int, int], str]
    ) -> None:
        self._lines, self._catalogue, self._period, self._status, self._refs = lines, catalogue, period, status, refs
        # Persons who have several lines are numbered from 1; every other line is somebody, without a number.
        codes, inverse, counts = np.unique(lines.identity_code, return_inverse=True, return_counts=True)
        self._repeated = np.where((counts > 1) & (codes != 0), np.arange(1, len(codes) + 1), 0)[inverse]
        arrears = np.where(np.isfinite(lines.arrears), lines.arrears, 0.0)
        self._money = {"regular_amount": lines.amount - arrears, "arrears_amount": arrears}

    def observations(
        self, rule: FigureRule, places: Places, rows: Sequence[str], unit: Unit, breakdown: Mapping[str, str]
    ) -> Iterator[Observation]:
        """What a rule says of chosen lines: one observation, or none where no line has what it adds up."""
        if rule.of == "persons":
            repeated = self._repeated[places]
            repeated = repeated[repeated > 0]
            value = int(places.size) - int(repeated.size) + len(np.unique(repeated))
        else:
            value = round(float(self._money[rule.of][places].sum()))
            if rule.of == "arrears_amount" and value == 0:
                return
        ref, *more = rows
        indicator = self._catalogue.indicators[rule.indicator]
        yield Observation(
            ref=ref,
            refs=tuple(more),
            raw=f"{places.size} dòng",
            value=Decimal(value),
            unit_of_measure=indicator.unit_of_measure,
            indicator_code=indicator.code,
            unit_id=unit.unit_id,
            period=self._period.code,
            breakdown=breakdown_key({**rule.breakdown, **breakdown}),
            accumulation="point" if indicator.measure_type == "stock" else "period",
            status=self._status,
        )

    def rows(self, places: Places) -> list[str]:
        """From the first to the last row that a figure rests on, sheet by sheet."""
        spans = []
        for sheet, on_sheet in _groups(self._lines.sheet.astype(np.int64), places):
            rows = self._lines.row[on_sheet]
            spans.append(join_refs(self._refs, (sheet, int(rows.min())), (sheet, int(rows.max()))))
        return spans


def _groups(keys: NDArray[np.int64], places: Places) -> Iterator[tuple[int, Places]]:
    """The chosen places by their key."""
    if not places.size:
        return
    of_place = keys[places]
    order = np.argsort(of_place, kind="stable")
    values, starts = np.unique(of_place[order], return_index=True)
    yield from zip(values.tolist(), np.split(places[order], starts[1:]), strict=True)
