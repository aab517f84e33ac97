"""What changed between two editions of a report, figure by figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from publish.model import ReportData

# What of a figure is compared.
Aspect = Literal["value", "prior", "target"]

# A number's place: the unit's id, the indicator, the breakdown and the aspect.
NumberKey = tuple[str, str, str, Aspect]


@dataclass(frozen=True, slots=True)
class Revision:
    """A number that an edition states otherwise than the one before; None means not stated.

    `unit_name` is the province's name for a figure of the whole.
    """

    unit_name: str
    indicator_code: str
    name_vi: str
    unit_of_measure: str
    aspect: Aspect
    old: Decimal | None
    new: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """New less old, where both are stated."""
        return None if self.old is None or self.new is None else self.new - self.old


def changed_figures(old: ReportData, new: ReportData) -> list[Revision]:
    """The numbers that differ, in the new edition's order; what vanished comes last."""
    before, after = dict(_numbers(old)), dict(_numbers(new))
    labels = _labels(old) | _labels(new)
    revisions = []
    for key in [*after, *(key for key in before if key not in after)]:
        if before.get(key) == after.get(key):
            continue
        unit_id, indicator_code, breakdown, aspect = key
        name_vi, unit_of_measure = labels.figures[indicator_code, breakdown]
        revisions.append(
            Revision(
                unit_name=labels.units[unit_id],
                indicator_code=indicator_code,
                name_vi=name_vi,
                unit_of_measure=unit_of_measure,
                aspect=aspect,
                old=before.get(key),
                new=after.get(key),
            )
        )
    return revisions


def _numbers(data: ReportData) -> Iterator[tuple[NumberKey, Decimal]]:
    """Every stated number of a report by unit, indicator, breakdown, aspect and issuer."""
    for figure in data.figures:
        province = (data.province_unit_id, *figure.key)
        yield from _stated(province, figure.total, figure.value_prior)
        if figure.target is not None:
            yield (*province, "target"), figure.target.value
    for unit_figure in data.unit_figures:
        place = (unit_figure.unit_id, *unit_figure.key)
        yield from _stated(place, unit_figure.value, unit_figure.value_prior)


def _stated(
    place: tuple[str, str, str], value: Decimal | None, prior: Decimal | None
) -> Iterator[tuple[NumberKey, Decimal]]:
    if value is not None:
        yield (*place, "value"), value
    if prior is not None:
        yield (*place, "prior"), prior


@dataclass(frozen=True, slots=True)
class _Labels:
    units: dict[str, str]
    figures: dict[tuple[str, str], tuple[str, str]]

    def __or__(self, other: _Labels) -> _Labels:
        return _Labels(self.units | other.units, self.figures | other.figures)


def _labels(data: ReportData) -> _Labels:
    units = {data.province_unit_id: data.province_name} | {unit.unit_id: unit.name for unit in data.units}
    return _Labels(units, {f.key: (f.label_vi, f.unit_of_measure) for f in data.figures})
