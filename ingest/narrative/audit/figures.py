"""The figures of a report: found by what they say and by where they stand."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ingest.core.catalogue import Catalogue
from ingest.core.model import parse_breakdown
from ingest.narrative.meaning.reading import Reading
from ingest.narrative.text.quantities import Quantity
from ingest.narrative.text.slips import slack

# How sure a reading must be: where the text holds figures together, and where only their meaning does.
SURE = 0.4
PLAIN = 0.5


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure as it is stated: what it says, where, and the reading behind it."""

    ref: str
    raw: str
    value: Decimal
    indicator: str
    unit_id: str
    period: str
    measure: str
    breakdown: Mapping[str, str]
    qualifier: str
    status: str
    issuer: str
    confidence: float
    reading: Reading

    @property
    def is_exact(self) -> bool:
        """Whether the number is given without `hơn`, `gần`, `khoảng`."""
        return self.qualifier == "exact"

    @property
    def quantity(self) -> Quantity:
        """The number as it stands in its passage."""
        return self.reading.quantity

    def key(self, *without: str) -> tuple[object, ...]:
        """What must be equal for two figures to be compared, but for the fields named."""
        fields: dict[str, object] = {
            "indicator": self.indicator,
            "unit_id": self.unit_id,
            "period": self.period,
            "measure": self.measure,
            "status": self.status,
            "breakdown": tuple(sorted(self.breakdown.items())),
        }
        return tuple(value for name, value in fields.items() if name not in without)

    def words_before(self, letters: int = 40) -> str:
        """What stands right before the number in its sentence."""
        start = max(self.reading.window.sentence_start, self.quantity.start - letters)
        return self.reading.page.text(start, self.quantity.start)

    def words_after(self, letters: int = 30) -> str:
        """What stands right after the number in its sentence."""
        end = min(self.reading.window.sentence_end, self.quantity.end + letters)
        return self.reading.page.text(self.quantity.end, end)

    def stands_before(self, other: Statement) -> bool:
        """Whether both stand in one passage, this one first."""
        return self.reading.passage is other.reading.passage and self.quantity.start < other.quantity.start


class Figures:
    """The figures of a report, found by what they say and by where they stand."""

    def __init__(self, found: Sequence[Statement]) -> None:
        self.all = list(found)
        self.by_key: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
        for statement in found:
            self.by_key[statement.key()].append(statement)
        self._values = {key: {s.value for s in same} for key, same in self.by_key.items()}
        self._in_order = sorted(found, key=lambda s: s.reading.index)
        self._series_heads = {id(s.reading.link) for s in found if s.reading.link_kind == "series"}

    def __iter__(self) -> Iterator[Statement]:
        return iter(self.all)

    def same(self, statement: Statement) -> Sequence[Statement]:
        """Every statement of the figure, itself included."""
        return self.by_key.get(statement.key(), ())

    def values(self, statement: Statement) -> AbstractSet[Decimal]:
        """The values with which the figure is stated."""
        return self._values.get(statement.key(), frozenset())

    def like(self, statement: Statement, indicator: str, breakdown: tuple[tuple[str, str], ...]) -> Sequence[Statement]:
        """The statements of another indicator and breakdown about the same unit, period, measure and status."""
        key = dataclasses.replace(statement, indicator=indicator, breakdown=dict(breakdown)).key()
        return self.by_key.get(key, ())

    def near(self, statement: Statement, distance: int) -> Iterator[Statement]:
        """The statements of a passage with at most so many numbers between, in reading order."""
        index = statement.reading.index
        at = bisect_left(self._in_order, index - distance, key=lambda s: s.reading.index)
        for place in range(at, len(self._in_order)):
            other = self._in_order[place]
            if other.reading.index > index + distance:
                return
            if other.reading.passage is statement.reading.passage:
                yield other

    def heads_series(self, statement: Statement) -> bool:
        """Whether an enumeration hangs on it: `hộ Tày 214 hộ, Dao 131 hộ`."""
        return id(statement.reading) in self._series_heads


def statements(quantities: Iterable[Any], readings: Iterable[Reading], *, every: bool = False) -> list[Statement]:
    """The recognised figures of an extraction (`Extraction.quantities` and `.readings`), or every number of it."""
    return [
        Statement(
            ref=q.ref,
            raw=q.raw,
            value=q.value,
            indicator=q.indicator_code,
            unit_id=q.unit.unit_id if q.unit else "",
            period=q.period,
            measure=q.measure,
            breakdown=parse_breakdown(q.breakdown),
            qualifier=q.qualifier,
            status=q.status,
            issuer=q.issuer,
            confidence=q.confidence,
            reading=reading,
        )
        for q, reading in zip(quantities, readings, strict=True)
        if every or (q.indicator_code and reading.role != "denominator")
    ]


def is_stock(statement: Statement, catalogue: Catalogue) -> bool:
    """Whether a figure counts what there is, so that any two statements of it are of the same things."""
    return catalogue.indicators[statement.indicator].measure_type == "stock"


def is_plain(statement: Statement, found: Figures) -> bool:
    """Whether a report states a figure surely, with one value, and not as an item among parts.

    An item whose category was not understood looks like the whole: `karaoke 30, massage 12, loại khác 5`.
    """
    reading = statement.reading
    is_item = bool(reading.wholes) or reading.link_kind in ("series", "part", "item", "footnote", "bracket")
    return not is_item and not found.heads_series(statement) and is_single(statement, found)


def is_single(statement: Statement, found: Figures) -> bool:
    """Whether a report states a figure surely and with one value."""
    if statement.confidence < PLAIN or not statement.is_exact:
        return False
    return len(found.values(statement)) == 1


# Figures of one kind beyond so many are a list, not statements to be compared each with each.
COMPARED = 60


# How many numbers may stand between a rate and what it is made of.
NEIGHBOURS = 3


def by_key(found: Iterable[Statement], *without: str) -> Mapping[tuple[object, ...], list[Statement]]:
    """The figures that agree in everything but the fields named."""
    groups: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
    for statement in found:
        groups[statement.key(*without)].append(statement)
    return groups


def rounding(figures: Sequence[Statement]) -> Decimal:
    """By how much rounded figures may miss each other."""
    return slack((figure.raw, figure.value) for figure in figures)
