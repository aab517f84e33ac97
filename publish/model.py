"""What a report is made of, as plain frozen values.

A `ReportData` is everything that an edition shows: it is loaded from the marts once
(`publish/report_data.py`), frozen (`publish/frozen.py`) and then only read. Percentages are in
percent (1.68), money in đồng, dates of acceptance in UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from ingest.core.periods import Period, parse_period
from runtime.settings import OFFICE_TIMEZONE

# A table names every unit up to this number: every district of a province fits, its communes do not.
ALL_UNITS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Target:
    """A value to be reached, who set it, and how far it was reached (percent; None where it has no meaning)."""

    value: Decimal
    issuer: str = ""
    attainment_pct: Decimal | None = None
    is_met: bool | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity of the whole province.

    `value` is None where the units that reported do not make up the province; `value_partial` is
    then their sum and must never be shown as the total. `basis` is summed, recomputed or stated.
    `is_nested` marks a category that lies inside another category shown for the same indicator.
    """

    domain: str
    indicator_code: str
    indicator_name_vi: str
    indicator_name_en: str
    unit_of_measure: str
    unit_of_measure_name_vi: str
    breakdown: str = ""
    breakdown_name_vi: str = ""
    breakdown_name_en: str = ""
    value: Decimal | None = None
    value_partial: Decimal | None = None
    value_prior: Decimal | None = None
    change: Decimal | None = None
    change_pct: Decimal | None = None
    target: Target | None = None
    units_reported: int = 0
    units_expected: int = 0
    is_complete: bool = True
    units_missing: tuple[str, ...] = ()
    basis: str = "summed"
    is_nested: bool = False
    sort_order: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Indicator and breakdown: what names a figure within a report."""
        return self.indicator_code, self.breakdown

    @property
    def label_vi(self) -> str:
        """The name with its category: `Số hộ nghèo (Kinh)`."""
        if not self.breakdown_name_vi:
            return self.indicator_name_vi
        return f"{self.indicator_name_vi} ({self.breakdown_name_vi})"

    @property
    def is_sum(self) -> bool:
        """Whether the units' values add up to it; a rate of some units says nothing of the whole."""
        return self.basis == "summed"

    @property
    def total(self) -> Decimal | None:
        """The value if it stands for the whole province, else None.

        What the province states itself does not depend on how many units reported.
        """
        return self.value if self.is_complete or self.basis == "stated" else None


@dataclass(frozen=True, slots=True)
class UnitFigure:
    """One quantity of one reporting unit, with the place it was read from."""

    unit_id: str
    indicator_code: str
    breakdown: str
    value: Decimal | None
    value_prior: Decimal | None = None
    change: Decimal | None = None
    submission_id: int | None = None
    observation_id: int | None = None
    source_kind: str = ""
    ref: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Indicator and breakdown, as of the province's figure."""
        return self.indicator_code, self.breakdown


@dataclass(frozen=True, slots=True)
class ReportingUnit:
    """A unit below the province on the period's last day."""

    unit_id: str
    code: str
    name: str
    short_name: str

    @property
    def kind(self) -> str:
        """What stands before the name proper, as inside a sentence: `huyện`, `thành phố`, `xã`."""
        return self.name.removesuffix(self.short_name).strip().lower()


@dataclass(frozen=True, slots=True)
class Source:
    """An accepted submission behind the report; `file_name` has no folder."""

    submission_id: int
    sha256: str
    file_name: str
    form_code: str
    form_name_vi: str
    unit_name: str
    period: str
    status: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """What a check found in an accepted submission: loaded as written, told here.

    `lhs` and `rhs` are the two numbers that disagree, where the finding is of numbers.
    """

    rule_id: str
    severity: str
    submission_id: int
    unit_name: str
    ref: str
    message_vi: str
    lhs: Decimal | None = None
    rhs: Decimal | None = None
    difference: Decimal | None = None

    @property
    def is_contradiction(self) -> bool:
        """Whether two stated numbers disagree, rather than something about the form."""
        return self.lhs is not None and self.rhs is not None


@dataclass(frozen=True, slots=True)
class Due:
    """A return that was due: `received_on` is None while it is missing, `state` as in registry.submission."""

    form_code: str
    form_name_vi: str
    unit_name: str
    period: str
    due_on: date
    state: str = ""
    received_on: date | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether it came and passed its checks."""
        return self.state == "accepted"


@dataclass(frozen=True, slots=True)
class ReportData:
    """One province and period: everything that an edition shows."""

    report_code: str
    province_unit_id: str
    province_code: str
    province_name: str
    period_code: str
    units: tuple[ReportingUnit, ...]
    figures: tuple[Figure, ...]
    unit_figures: tuple[UnitFigure, ...]
    sources: tuple[Source, ...] = ()
    findings: tuple[ReportedFinding, ...] = ()
    dues: tuple[Due, ...] = ()

    @property
    def period(self) -> Period:
        """The period with its first and last day."""
        return parse_period(self.period_code)

    @property
    def province_short_name(self) -> str:
        """The province's name without its kind: `Đắk Nông`, `Huế`."""
        return self.province_name.removeprefix("Tỉnh ").removeprefix("Thành phố ")

    @property
    def province_kind(self) -> str:
        """`tỉnh` or `thành phố`, as it stands inside a sentence."""
        return "thành phố" if self.province_name.startswith("Thành phố ") else "tỉnh"

    @property
    def data_at(self) -> datetime:
        """When the newest submission behind the report was accepted, UTC.

        A report without any source takes the end of its period: the clock never enters an edition.
        """
        fallback = datetime.combine(self.period.last_day, datetime.min.time(), UTC)
        return max((source.accepted_at for source in self.sources), default=fallback)

    @property
    def data_on(self) -> date:
        """The day of `data_at` in Việt Nam."""
        return self.data_at.astimezone(OFFICE_TIMEZONE).date()

    @property
    def unit_kinds(self) -> list[str]:
        """The kinds of units below the province, the most frequent first: `huyện`, `thành phố`."""
        counts = Counter(unit.kind for unit in self.units)
        return sorted(counts, key=lambda kind: (-counts[kind], kind))

    def figure(self, indicator_code: str, breakdown: str = "") -> Figure | None:
        """The province's figure, if the marts hold one."""
        return next((f for f in self.figures if f.key == (indicator_code, breakdown)), None)

    def figures_of(self, domains: tuple[str, ...]) -> Iterator[Figure]:
        """The figures of some domains, in the marts' order."""
        return (figure for figure in self.figures if figure.domain in domains)

    def units_shown(self, values: Iterable[Mapping[str, UnitFigure]]) -> list[ReportingUnit]:
        """The units that a table shows: all of them, or of very many those that have a figure in it."""
        if len(self.units) <= ALL_UNITS_SHOWN:
            return list(self.units)
        with_figures = {unit_id for by_unit in values for unit_id in by_unit}
        return [unit for unit in self.units if unit.unit_id in with_figures]

    def by_unit(self, indicator_code: str, breakdown: str = "") -> dict[str, UnitFigure]:
        """The figure of each unit that has one, by unit_id."""
        return {f.unit_id: f for f in self.unit_figures if f.key == (indicator_code, breakdown)}
