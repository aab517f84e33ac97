"""Numbers drawn from names, and wholes split into whole parts.

There is no generator with a state: a draw depends on nothing but the names it is asked for, so a
figure stays what it is when others are added, and every machine and Python makes the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def draw(*names: object) -> float:
    """A number from 0 to below 1 that belongs to these names."""
    digest = sha256("|".join(map(str, names)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def between(low: float, high: float, *names: object) -> float:
    """A number from `low` to below `high` that belongs to these names."""
    return low + (high - low) * draw(*names)


def apportion(total: int, weights: Sequence[float], caps: Sequence[int] | None = None) -> list[int]:
    """Whole parts of a total, in proportion to the weights as nearly as the caps let them be.

    Largest remainders decide who gets what is left over; the earlier one where they are equal. Parts
    whose weight is zero get something only when the others are full.

    Raises:
        ValueError: the caps together are less than the total.
    """
    limits = list(caps) if caps is not None else [total] * len(weights)
    if sum(limits) < total:
        raise ValueError(f"{total} does not fit into {sum(limits)}")
    parts = [0] * len(weights)
    while left := total - sum(parts):
        room = [limit - part for part, limit in zip(parts, limits, strict=True)]
        shares = [float(weight) if free else 0.0 for weight, free in zip(weights, room, strict=True)]
        if not any(shares):
            shares = [float(bool(free)) for free in room]
        whole = sum(shares)
        wanted = [left * share / whole for share in shares]
        taken = [min(int(want), free) for want, free in zip(wanted, room, strict=True)]
        # Where some are full, what they could not take is shared anew among the others.
        if all(want <= free for want, free in zip(wanted, room, strict=True)):
            by_remainder = sorted(range(len(wanted)), key=lambda i: (int(wanted[i]) - wanted[i], i))
            with_room = [i for i in by_remainder if taken[i] < room[i]]
            for index in with_room[: left - sum(taken)]:
                taken[index] += 1
        parts = [part + more for part, more in zip(parts, taken, strict=True)]
    return parts


def spread(rows: Sequence[int], columns: Sequence[int]) -> list[list[int]]:
    """A table of whole numbers with these sums of rows and of columns, each column in the rows' proportions.

    Raises:
        ValueError: the two sums differ.
    """
    if sum(rows) != sum(columns):
        raise ValueError(f"rows make {sum(rows)}, columns {sum(columns)}")
    left = list(rows)
    table: list[list[int]] = [[] for _ in rows]
    for column in columns:
        parts = apportion(column, left, left)
        for cells, part in zip(table, parts, strict=True):
            cells.append(part)
        left = [rest - part for rest, part in zip(left, parts, strict=True)]
    return table
