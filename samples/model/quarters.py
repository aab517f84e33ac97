"""A year's way through its quarters."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.core.periods import Period
from samples.model.splitting import apportion, between

_USUAL = (0.19, 0.27, 0.27, 0.27)


def quarter_of(period: Period) -> int:
    """Which quarter of its year a period ends with: 4 for a year."""
    return period.last_day.month // 3


def quarter_shares(*names: object) -> list[float]:
    """How a year's events fall on its quarters: fewer in the first, with Tết."""
    return [share * between(0.85, 1.15, *names, quarter) for quarter, share in enumerate(_USUAL, start=1)]


def reached(by_quarter: Sequence[int], quarter: int) -> int:
    """What was reached from January to the end of a quarter."""
    return sum(by_quarter[:quarter])


def reached_of(total: int, weights: Sequence[float], quarter: int) -> int:
    """What was reached of a year's total when it falls on the quarters by these weights."""
    return reached(apportion(total, weights), quarter)
