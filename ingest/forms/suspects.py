"""Which cell to mend: the smallest set of cells that explains every contradiction of a submission.

Fellegi and Holt (1976): change as few figures as possible so that all rules hold. A cell that a template's formula
fills is never accused in place of a typed one: it is put together from the typed cells that it stands for. Where
several sets are equally small, a slip of the hand that leads to the figure typed, and how well the mended figure fits
the rows and columns around it, tell which comes first.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, pairwise

from ingest.forms.relations import Figure, Place, Relation, Slot, holds
from ingest.forms.slips import Slip, likely_slip

_ZERO = Decimal(0)
_INFINITY = Decimal("Infinity")
# More broken relations than these come of a form filled in by another one's columns: nobody mends it cell by cell.
_MOST_BROKEN = 400
_MOST_PAIRS = 4_000
_MOST_TOGETHER = 12
_ALTERNATIVES = 6


@dataclass(frozen=True, slots=True)
class Suspect:
    """A cell to mend: its right value where only one fits, and what may have happened."""

    place: Place
    right: Decimal | None = None
    slip: Slip | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: the cells to mend, the first of them first, and every relation that it breaks.

    `pattern` names what happened to all of its cells at once (a key of `slip_texts.yml`), with the rows or columns.
    `others` are cells that would explain it as well.
    """

    suspects: tuple[Suspect, ...]
    broken: tuple[Relation, ...]
    pattern: str = ""
    named: tuple[str, ...] = ()
    others: tuple[Place, ...] = ()


@dataclass
class Network:
    """The relations of a submission, over the cells that were typed.

    `around` tells the tables' shape: for each table its rows and columns of figures, for neighbours and patterns.
    """

    relations: Sequence[Relation]
    figures: Mapping[Place, Figure]
    formulas: frozenset[Place] = frozenset()
    around: Sequence[tuple[Sequence[str], Sequence[str]]] = ()
    values: dict[Place, Decimal] = field(init=False)
    typed: dict[Place, Mapping[Place, Decimal]] = field(init=False)
    touching: dict[Place, list[int]] = field(init=False)
    sums: list[list[Mapping[Place, Decimal]]] = field(init=False)

    def __post_init__(self) -> None:
        self.values = {place: figure.value for place, figure in self.figures.items()}
        defined = {
            one.at: one
            for one in reversed(self.relations)
            if one.at in self.formulas and one.is_defining() and holds(one, self.value_of)
        }
        self.derived = frozenset(
            one.at
            for one in self.relations
            if one.at in self.formulas and one.shape == "ratio" and holds(one, self.value_of)
        )
        self.typed = {}
        for place in defined:
            self._expand(place, defined, ())
        self.sums = [[self._over_typed(slot) for slot in one.slots] for one in self.relations]
        self.touching = defaultdict(list)
        for index, one in enumerate(self.relations):
            if one.shape == "ratio" and one.at in self.derived:
                continue
            for place in {place for slot in self.sums[index] for place, sign in slot.items() if sign}:
                self.touching[place].append(index)

    def value_of(self, place: Place) -> Decimal:
        """A figure as it was read; zero where it was not."""
        return self.values.get(place, _ZERO)

    def _expand(
        self, place: Place, defined: Mapping[Place, Relation], seen: tuple[Place, ...]
    ) -> Mapping[Place, Decimal]:
        if place in self.typed:
            return self.typed[place]
        if place not in defined or place in seen:
            return {place: Decimal(1)}
        found: dict[Place, Decimal] = defaultdict(Decimal)
        for part, sign in defined[place].slots[0]:
            if part != place:
                for typed, factor in self._expand(part, defined, (*seen, place)).items():
                    found[typed] -= sign * factor
        self.typed[place] = dict(found)
        return self.typed[place]

    def _over_typed(self, slot: Slot) -> Mapping[Place, Decimal]:
        if len(slot) == 1 and slot[0][0] not in self.typed:
            return {slot[0][0]: Decimal(slot[0][1])}
        found: dict[Place, Decimal] = defaultdict(Decimal)
        for place, sign in slot:
            for typed, factor in self.typed.get(place, {place: Decimal(1)}).items():
                found[typed] += sign * factor
        return found

    def is_counted(self, place: Place) -> bool:
        """Whether a figure has no fractions."""
        return self.figures[place].unit_of_measure not in ("percent", "percentage_point", "kg")

    def fitting(self, index: int, place: Place) -> tuple[Decimal, Decimal] | None:
        """The bounds between which one cell fits a relation, the others as they are; None where none does."""
        relation, slots = self.relations[index], self.sums[index]
        values = [sum((self.value_of(p) * f for p, f in slot.items()), _ZERO) for slot in slots]
        inside = [position for position, slot in enumerate(slots) if slot.get(place)]
        if len(inside) != 1:
            # Beside itself in a relation a cell can't be solved for simply: it is tried as it is.
            return -_INFINITY, _INFINITY
        position = inside[0]
        bounds = _slot_bounds(relation, values, position)
        if bounds is None:
            return None
        factor, own, at = slots[position][place], self.value_of(place), values[position]
        low, high = bounds if factor > 0 else bounds[::-1]
        return (
            own + (low - at) / factor if low.is_finite() else -_INFINITY,
            own + (high - at) / factor if high.is_finite() else _INFINITY,
        )

    def fits(self, index: int, changed: Mapping[Place, Decimal]) -> bool:
        """Whether a relation holds with some typed cells changed, and the formulas computed anew."""
        slots = self.sums[index]
        relation = self.relations[index]
        sums = iter(sum((changed.get(p, self.value_of(p)) * f for p, f in slot.items()), _ZERO) for slot in slots)
        # The slots of a relation over one made-up cell each, so that `holds` judges it.
        names = [("", str(number)) for number in range(len(slots))]
        made = dict(zip(names, sums, strict=True))
        plain = relation._replace(slots=tuple(((name, 1),) for name in names))
        return holds(plain, lambda place: made[place])


def _slot_bounds(relation: Relation, values: Sequence[Decimal], position: int) -> tuple[Decimal, Decimal] | None:
    """The bounds of one slot of a relation, the other slots as they are."""
    low = -_INFINITY if relation.low is None else relation.low
    high = _INFINITY if relation.high is None else relation.high
    match relation.shape:
        case "whole_number":
            return -_INFINITY, _INFINITY
        case "ratio":
            return _ratio_bounds(relation.high or _ZERO, values, position)
        case "per":
            return _per_bounds(low, high, relation.slack, values, position)
        case "together":
            other = values[1 - position]
            return (_ZERO, _ZERO) if not other else (Decimal(1), _INFINITY)
        case _:
            return low, high


def _ratio_bounds(tolerance: Decimal, values: Sequence[Decimal], position: int) -> tuple[Decimal, Decimal] | None:
    stated, numerator, denominator = values
    if position == 0:
        computed = 100 * numerator / denominator if denominator else _ZERO
        return computed - tolerance, computed + tolerance
    low, high = stated - tolerance, stated + tolerance
    if position == 1:
        return low * denominator / 100, high * denominator / 100
    if not numerator or high <= 0:
        return None
    return 100 * numerator / high, 100 * numerator / low if low > 0 else _INFINITY


def _per_bounds(
    low: Decimal, high: Decimal, slack: Decimal, values: Sequence[Decimal], position: int
) -> tuple[Decimal, Decimal] | None:
    numerator, denominator = values
    if position == 0:
        least = max(low * (denominator - slack), _ZERO) if low.is_finite() else -_INFINITY
        return least, high * (denominator + slack) if high.is_finite() else _INFINITY
    least = numerator / high - slack if high.is_finite() and high > 0 else -_INFINITY
    most = numerator / low + slack if low.is_finite() and low > 0 else _INFINITY
    return least, most


def mistakes_of(network: Network) -> list[Mistake]:
    """The mistakes that explain every relation that does not hold, each with the cell to mend first."""
    broken = [index for index, one in enumerate(network.relations) if not holds(one, network.value_of)]
    components = _components(network, broken)
    found: list[Mistake] = []
    if 1 < len(components) <= _MOST_TOGETHER:
        components, found = _together(network, components)
    for component in components:
        found += _explained(network, component)
    return found


def _together(network: Network, components: list[list[int]]) -> tuple[list[list[int]], list[Mistake]]:
    """What one slip broke at several places, such as two figures changed over: what is left, and the mistakes."""
    whole = _pattern(network, [index for one in components for index in one])
    if whole is not None:
        return [], [whole]
    left, found = list(components), []
    for first, second in combinations(components, 2):
        if first in left and second in left:
            pattern = _pattern(network, [*first, *second], only_cells=True)
            if pattern is not None:
                left = [one for one in left if one is not first and one is not second]
                found.append(pattern)
    return left, found


def _components(network: Network, broken: Sequence[int]) -> list[list[int]]:
    """Broken relations that share a cell, together."""
    parent = {index: index for index in broken}

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[Place, int] = {}
    for index in broken:
        for slot in network.sums[index]:
            for place, factor in slot.items():
                if factor:
                    parent[root(index)] = root(first.setdefault(place, index))
    groups: dict[int, list[int]] = defaultdict(list)
    for index in broken:
        groups[root(index)].append(index)
    return list(groups.values())


def _explained(network: Network, broken: list[int]) -> list[Mistake]:
    candidates = _single_cells(network, broken)
    relations = tuple(network.relations[index] for index in broken)
    if candidates:
        best = candidates[0]
        others = tuple(one.suspect.place for one in candidates[1:] if one.score > best.score - 1)
        return [Mistake((best.suspect,), relations, others=others[:_ALTERNATIVES])]
    pattern = _pattern(network, broken)
    if pattern is not None:
        return [pattern]
    return _several(network, broken)


# One cell


@dataclass(frozen=True, slots=True)
class _Candidate:
    suspect: Suspect
    score: float


def _single_cells(network: Network, broken: Sequence[int]) -> list[_Candidate]:
    """The cells each of which alone explains what is broken, the likeliest first."""
    shared: set[Place] | None = None
    for index in broken:
        places = {place for slot in network.sums[index] for place, factor in slot.items() if factor}
        shared = places if shared is None else shared & places
    found = []
    for place in sorted(shared or ()):
        candidate = _candidate(network, place, broken)
        if candidate is not None:
            found.append(candidate)
    return sorted(found, key=lambda one: -one.score)


def _candidate(network: Network, place: Place, broken: Sequence[int]) -> _Candidate | None:
    low, high = -_INFINITY, _INFINITY
    touching = network.touching.get(place, ())
    for index in touching:
        bounds = network.fitting(index, place)
        if bounds is None:
            return None
        low, high = max(low, bounds[0]), min(high, bounds[1])
    if network.is_counted(place):
        low, high = _whole(low, math.ceil), _whole(high, math.floor)
    if low > high or (low <= network.value_of(place) <= high and not _is_fraction(network, place, broken)):
        return None
    nearest = _nearest(network.value_of(place), low, high, network.is_counted(place))
    if not all(network.fits(index, {place: nearest}) for index in touching):
        return None
    return _scored(network, place, low, high, nearest, broken)


def _is_fraction(network: Network, place: Place, broken: Sequence[int]) -> bool:
    return any(network.relations[i].shape == "whole_number" and network.relations[i].at == place for i in broken)


def _whole(bound: Decimal, rounded: Callable[[Decimal], int]) -> Decimal:
    return Decimal(rounded(bound)) if bound.is_finite() else bound


def _nearest(value: Decimal, low: Decimal, high: Decimal, is_counted: bool) -> Decimal:
    nearest = min(max(value, low), high)
    return Decimal(round(nearest)) if is_counted else nearest


def _scored(
    network: Network, place: Place, low: Decimal, high: Decimal, nearest: Decimal, broken: Sequence[int]
) -> _Candidate:
    figure, value = network.figures[place], network.value_of(place)
    is_exact = low == high
    finite_low, finite_high = (None if not bound.is_finite() else bound for bound in (low, high))
    slip = likely_slip(value, finite_low, finite_high, figure.unit_of_measure, _neighbours(network, place))
    score = 0.0
    if slip is not None:
        # Many numbers fit between bounds; that one of them is a slip away tells less.
        score += slip.telling(value) if is_exact else slip.telling(value) / 2
    mended = slip.right if slip is not None else nearest
    score += _fits_around(network, place, value, mended)
    if place in network.formulas:
        # A formula whose own rule is broken is itself what is wrong; any other is never named before a typed cell.
        is_own = any(network.relations[i].at == place and network.relations[i].is_defining() for i in broken)
        score += 2.0 if is_own else -50.0
    elif any(network.relations[i].at == place and network.relations[i].rule.kind not in _EVEN for i in broken):
        score += 0.5
    if place not in network.formulas and any(_is_typed_over(network, network.relations[i], place) for i in broken):
        score += 2.0
    if slip is None or slip.kind == "one_digit":
        # The smaller a change is beside its figure, the less it shows to whoever typed it.
        change = abs(mended - value) or Decimal(1)
        score += 0.4 * min(4.0, max(0.0, math.log10(max(float(abs(value) / change), 1.0))))
    if any(place == named for i in broken for slot in network.relations[i].slots for named, _ in slot):
        # A formula puts many cells together: each of them is less likely than one that stands there itself.
        score += 0.75
    if any(_is_lawful(network, i, place) for i in network.touching.get(place, ()) if i not in broken):
        score -= _AS_THE_LAW_SAYS
    right = nearest if is_exact else (slip.right if slip is not None and slip.weight > 2 else None)
    return _Candidate(Suspect(place, right, slip), score)


# Rules that name no whole and no part: their first place is no likelier than the others.
_EVEN = frozenset({"equal", "same"})


def _is_typed_over(network: Network, relation: Relation, place: Place) -> bool:
    """Whether a number stands where the same rule has formulas at other places."""
    if relation.at != place or not relation.is_defining():
        return False
    others = [one.at for one in network.relations if one.rule is relation.rule and one.at != place]
    return bool(others) and sum(one in network.formulas for one in others) * 2 > len(others)


# Money that is to the dong what the law pays for so many turns is right, and so are the turns.
_AS_THE_LAW_SAYS = 3.0


def _is_lawful(network: Network, index: int, place: Place) -> bool:
    relation = network.relations[index]
    if relation.rule.kind != "rate" or relation.low is None or relation.rule.tolerance_pct >= 100:
        return False
    paid, cases = ((slot[0][0], network.value_of(slot[0][0])) for slot in relation.slots)
    each = relation.low / (1 - relation.rule.tolerance_pct / 100)
    return place in (paid[0], cases[0]) and bool(cases[1]) and abs(paid[1] - cases[1] * each) <= 1


def _neighbours(network: Network, place: Place) -> list[Decimal]:
    """The numbers in the cells left, right, above and below."""
    row, column = place
    found = []
    for rows, columns in network.around:
        if row in rows and column in columns:
            r, c = rows.index(row), columns.index(column)
            beside = [(row, columns[i]) for i in (c - 1, c + 1) if 0 <= i < len(columns)]
            beside += [(rows[i], column) for i in (r - 1, r + 1) if 0 <= i < len(rows)]
            found += [network.values[one] for one in beside if one in network.values]
    return found


_MOST_COMPARED = 8
_LEAST_SPREAD = 0.02
_MOST_TELLING = 3.0


def _fits_around(network: Network, place: Place, value: Decimal, mended: Decimal) -> float:
    """How much better the mended figure fits the proportions of the rows and columns around than the typed one."""
    gains = []
    for column_of, across in _proportions(network, place):
        others = [
            math.log(float(network.values[one]) / float(network.values[base]))
            for one, base in across
            if network.values.get(one, _ZERO) > 0 and network.values.get(base, _ZERO) > 0
        ]
        base = network.values.get(column_of, _ZERO)
        if len(others) < 3 or base <= 0:
            continue
        middle = _median(others)
        spread = max(_median([abs(one - middle) for one in others]) * 1.5, _LEAST_SPREAD)
        was, now = (abs(math.log(max(float(one), 0.5) / float(base)) - middle) / spread for one in (value, mended))
        gains.append(math.log1p(was) - math.log1p(now))
    gain = _median(gains) if gains else 0.0
    return max(-_MOST_TELLING, min(_MOST_TELLING, gain + _fits_column(network, place, value, mended)))


# How far figures of one column usually lie apart, as a logarithm: beyond that size itself tells something.
_USUAL_SPREAD = 1.5


def _fits_column(network: Network, place: Place, value: Decimal, mended: Decimal) -> float:
    """How much better the mended figure is of the size of its column."""
    row, column = place
    if not value:
        # Nobody of a kind is a figure like others.
        return 0.0
    for rows, columns in network.around:
        if row in rows and column in columns:
            sizes = [
                math.log(float(network.values[r, column]))
                for r in rows
                if r != row and network.values.get((r, column), _ZERO) > 0
            ]
            if len(sizes) >= 3:
                middle = _median(sizes)
                was, now = (
                    max(0.0, abs(math.log(max(float(one), 0.5)) - middle) - _USUAL_SPREAD) for one in (value, mended)
                )
                return 0.5 * (was - now)
    return 0.0


def _proportions(network: Network, place: Place) -> Iterator[tuple[Place, list[tuple[Place, Place]]]]:
    """Other columns of the row, each with the pairs of both columns in the other rows."""
    row, column = place
    for rows, columns in network.around:
        if row not in rows or column not in columns:
            continue
        for other in [one for one in columns if one != column][:_MOST_COMPARED]:
            if (row, other) in network.values:
                yield (row, other), [((r, column), (r, other)) for r in rows if r != row]


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


# Several cells at once by one slip


def _pattern(network: Network, broken: Sequence[int], *, only_cells: bool = False) -> Mistake | None:
    """One slip that moved or scaled several cells, if one explains everything that is broken here."""
    relations = tuple(network.relations[index] for index in broken)
    involved = {place for index in broken for slot in network.sums[index] for place in slot}
    patterns = _swapped_cells(network, involved) if only_cells else _patterns(network, involved)
    for name, named, changed in patterns:
        touched = {index for place in changed for index in network.touching.get(place, ())}
        if set(broken) <= touched and all(network.fits(index, changed) for index in touched):
            suspects = tuple(
                Suspect(place, right) for place, right in changed.items() if right != network.values[place]
            )
            return Mistake(suspects, relations, name, named)
    return None


_Pattern = tuple[str, tuple[str, ...], dict[Place, Decimal]]


def _patterns(network: Network, involved: set[Place]) -> Iterator[_Pattern]:
    yield from _swapped_cells(network, involved)
    for rows, columns in network.around:
        if not any((row, column) in involved for row in rows for column in columns):
            continue
        yield from _swapped_lines(network, rows, columns)
        yield from _shifted_lines(network, rows, columns)
        yield from _scaled_columns(network, rows, columns)


def _typed(network: Network, place: Place) -> bool:
    return place in network.values and place not in network.typed and place not in network.derived


def _swapped_cells(network: Network, involved: set[Place]) -> Iterator[_Pattern]:
    cells = sorted(place for place in involved if _typed(network, place))
    pairs = (pair for pair in combinations(cells, 2) if pair[0][0] == pair[1][0] or pair[0][1] == pair[1][1])
    for number, (first, second) in enumerate(pairs):
        if number > _MOST_PAIRS:
            return
        one, other = network.values[first], network.values[second]
        is_alike = network.figures[first].unit_of_measure == network.figures[second].unit_of_measure
        if one != other and is_alike:
            named = (first[0], second[0]) if first[1] == second[1] else (first[1], second[1])
            yield "cells_changed_over", named, {first: other, second: one}


def _swapped_lines(network: Network, rows: Sequence[str], columns: Sequence[str]) -> Iterator[_Pattern]:
    values = network.values
    for first, second in combinations(columns, 2):
        changed: dict[Place, Decimal] = {}
        for row in rows:
            one, other = (row, first), (row, second)
            if one in values and other in values and _typed(network, one) and _typed(network, other):
                changed |= {one: values[other], other: values[one]}
        if len(changed) > 2:
            yield "columns_changed_over", (first, second), changed
    for first, second in combinations(rows, 2):
        changed = {}
        for column in columns:
            one, other = (first, column), (second, column)
            if one in values and other in values and _typed(network, one) and _typed(network, other):
                changed |= {one: values[other], other: values[one]}
        if len(changed) > 2:
            yield "rows_changed_over", (first, second), changed


def _shifted_lines(network: Network, rows: Sequence[str], columns: Sequence[str]) -> Iterator[_Pattern]:
    """A row's or a column's numbers a cell too far: the last of them is lost, so it is solved for."""
    lines = [("row_shifted", row, [(row, column) for column in columns]) for row in rows]
    lines += [("column_shifted", column, [(row, column) for row in rows]) for column in columns]
    for name, key, line in lines:
        cells = [place for place in line if _typed(network, place)]
        for order in (cells, cells[::-1]):
            for begin in range(max(len(order) - 2, 0)):
                moved = order[begin:]
                changed = {one: network.values[after] for one, after in pairwise(moved)}
                last = moved[-1]
                solved = _solved(network, last, changed)
                if solved is not None and any(network.values[one] != value for one, value in changed.items()):
                    yield name, (key,), {**changed, last: solved}


def _solved(network: Network, place: Place, changed: Mapping[Place, Decimal]) -> Decimal | None:
    """What a cell has to be by the first equation that it stands in, others changed."""
    for index in network.touching.get(place, ()):
        relation = network.relations[index]
        if relation.shape == "sum" and relation.high is not None and relation.low is not None:
            slot = network.sums[index][0]
            rest = sum((changed.get(p, network.value_of(p)) * f for p, f in slot.items() if p != place), _ZERO)
            return -rest / slot[place]
    return None


def _scaled_columns(network: Network, rows: Sequence[str], columns: Sequence[str]) -> Iterator[_Pattern]:
    for column in columns:
        cells = [(row, column) for row in rows if _typed(network, (row, column))]
        for factor in (1_000, 1_000_000):
            for by in (Decimal(factor), 1 / Decimal(factor)):
                changed = {place: network.values[place] * by for place in cells if network.values[place]}
                if len(changed) > 1:
                    yield "column_scaled", (column, str(factor)), changed


# Several cells


def _several(network: Network, broken: list[int]) -> list[Mistake]:
    from ingest.forms.smallest_set import smallest_sets

    if len(broken) > _MOST_BROKEN:
        return [_unexplained(network, [index]) for index in broken[:_MOST_BROKEN]]
    sets = smallest_sets(network, broken, _ALTERNATIVES)
    if not sets:
        return [_unexplained(network, [index]) for index in broken]
    scored = []
    for chosen in sets:
        judged = [_suspect_among(network, place, chosen, broken) for place in chosen]
        scored.append((sum(score for _, score in judged), [one for one, _ in judged]))
    return _split(network, broken, max(scored, key=lambda one: one[0])[1])


def _suspect_among(
    network: Network, place: Place, chosen: Mapping[Place, Decimal], broken: Sequence[int]
) -> tuple[Suspect, float]:
    right = chosen[place]
    scored = _scored(network, place, right, right, right, broken)
    return scored.suspect, scored.score


def _split(network: Network, broken: Sequence[int], suspects: Sequence[Suspect]) -> list[Mistake]:
    """A mistake for each cell to mend, with the relations that it stands in; each relation goes to one."""
    left = list(broken)
    found = []
    by_reach = sorted(suspects, key=lambda one: -len(set(network.touching.get(one.place, ())) & set(broken)))
    for suspect in by_reach:
        own = [index for index in left if index in network.touching.get(suspect.place, ())]
        if own:
            left = [index for index in left if index not in own]
            found.append(Mistake((suspect,), tuple(network.relations[index] for index in own)))
    return found + [_unexplained(network, [index]) for index in left]


def _unexplained(network: Network, broken: Iterable[int]) -> Mistake:
    relations = tuple(network.relations[index] for index in broken)
    return Mistake((Suspect(relations[0].at),), relations)
