"""The smallest sets of cells that have to change so that all relations hold, by integer programming.

Each typed cell may move by a bounded amount; a cell that moves costs its weight; the cheapest change is asked for,
then the next cheapest of the same cost. Fellegi and Holt (1976), as a mixed integer programme (HiGHS in scipy).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ingest.forms.relations import Place

if TYPE_CHECKING:
    from ingest.forms.suspects import Network

_ZERO = Decimal(0)
_WEIGHT_OF_FORMULA = 50.0
_MOST_CELLS = 600
_SECONDS = 5.0
# A cell may move by this many times what the relations of its unit of measure are off.
_REACH = 30.0


def smallest_sets(network: Network, broken: Sequence[int], limit: int) -> list[dict[Place, Decimal]]:
    """Up to `limit` smallest sets of cells, each with the values that make all relations hold.

    Empty where no change does, or there are too many cells to look at.
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    cells = sorted({place for index in broken for slot in network.sums[index] for place in slot})
    if len(cells) > _MOST_CELLS:
        return []
    position = {place: number for number, place in enumerate(cells)}
    reach = _reach(network, broken, cells)
    rows, lows, highs = [], [], []
    count = len(cells)
    for index in sorted({index for place in cells for index in network.touching.get(place, ())}):
        for terms, low, high in _linear(network, index):
            row = np.zeros(2 * count)
            for place, factor in terms.items():
                if place in position:
                    row[position[place]] = float(factor) * reach[place]
            if not row.any():
                continue
            scale = float(np.abs(row).max())
            rows.append(row / scale)
            lows.append(low / scale)
            highs.append(high / scale)
    for number in range(count):
        for sign in (1.0, -1.0):
            row = np.zeros(2 * count)
            row[number], row[count + number] = sign, -1.0
            rows.append(row)
            lows.append(-np.inf)
            highs.append(0.0)
    weights = np.array([_WEIGHT_OF_FORMULA if place in network.formulas else 1.0 for place in cells])
    cost = np.concatenate([np.zeros(count), weights])
    whole = np.concatenate([np.zeros(count), np.ones(count)])
    bounds = Bounds(np.concatenate([-np.ones(count), np.zeros(count)]), np.ones(2 * count))
    found: list[dict[Place, Decimal]] = []
    cheapest = None
    while len(found) < limit:
        matrix = np.array(rows)
        result = milp(
            cost,
            constraints=LinearConstraint(matrix, np.array(lows), np.array(highs)),
            integrality=whole,
            bounds=bounds,
            options={"time_limit": _SECONDS},
        )
        if result.x is None or (cheapest is not None and result.fun > cheapest + 0.5):
            break
        cheapest = result.fun if cheapest is None else cheapest
        chosen = [number for number in range(count) if result.x[count + number] > 0.5]
        found.append({cells[n]: _moved(network, cells[n], float(result.x[n]) * reach[cells[n]]) for n in chosen})
        # Not this set again.
        row = np.zeros(2 * count)
        row[[count + number for number in chosen]] = 1.0
        rows.append(row)
        lows.append(-np.inf)
        highs.append(len(chosen) - 1.0)
    return found


def _moved(network: Network, place: Place, by: float) -> Decimal:
    value = network.value_of(place) + Decimal(repr(by))
    return Decimal(round(value)) if network.is_counted(place) else round(value, 4)


def _reach(network: Network, broken: Sequence[int], cells: Sequence[Place]) -> Mapping[Place, float]:
    """How far each cell may move: far enough to mend what is broken, near enough for exact arithmetic."""
    off: dict[str, float] = {}
    for index in broken:
        for terms, low, high in _linear(network, index):
            amount = max(low if low > 0 else 0.0, -high if high < 0 else 0.0)
            for place, factor in terms.items():
                unit = network.figures[place].unit_of_measure
                off[unit] = max(off.get(unit, 1.0), amount / abs(float(factor)) if factor else 0.0)
    return {place: _REACH * off.get(network.figures[place].unit_of_measure, 1.0) for place in cells}


def _linear(network: Network, index: int) -> list[tuple[Mapping[Place, Decimal], float, float]]:
    """A relation as bounds on what its cells move by: terms, least and most of their sum."""
    relation, slots = network.relations[index], network.sums[index]
    values = [sum((network.value_of(p) * f for p, f in slot.items()), _ZERO) for slot in slots]
    infinity = float("inf")
    low = -infinity if relation.low is None else float(relation.low)
    high = infinity if relation.high is None else float(relation.high)
    match relation.shape:
        case "sum" | "value":
            at = float(values[0])
            return [(slots[0], low - at, high - at)]
        case "per":
            found: list[tuple[Mapping[Place, Decimal], float, float]] = []
            if relation.low is not None:
                terms = _combined(slots[0], Decimal(1), slots[1], -relation.low)
                at = float(values[0] - relation.low * (values[1] - relation.slack))
                found.append((terms, -at, infinity))
            if relation.high is not None:
                terms = _combined(slots[0], Decimal(1), slots[1], -relation.high)
                at = float(values[0] - relation.high * (values[1] + relation.slack))
                found.append((terms, -infinity, -at))
            return found
        case "ratio":
            # The stated rate moves the product by about the denominator for each point.
            stated, numerator, denominator = values
            terms = _combined(slots[1], Decimal(100), slots[2], -stated)
            terms = _combined(terms, Decimal(1), slots[0], -denominator)
            at = float(100 * numerator - stated * denominator)
            tolerance = float((relation.high or _ZERO) * denominator)
            return [(terms, -tolerance - at, tolerance - at)]
        case _:
            return []


def _combined(
    first: Mapping[Place, Decimal], times: Decimal, second: Mapping[Place, Decimal], other_times: Decimal
) -> dict[Place, Decimal]:
    terms = {place: factor * times for place, factor in first.items()}
    for place, factor in second.items():
        terms[place] = terms.get(place, _ZERO) + factor * other_times
    return terms
