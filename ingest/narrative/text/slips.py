"""Numbers as they are written: how exact they are, and whether one is another with a slip of the pen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

_NUMBER = re.compile(r"\d{1,3}(?:\s?\.\s?\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?")


_SCALES = frozenset(Decimal(10) ** power for power in (0, 3, 4, 6, 8, 9, 12))


def decimals(raw: str) -> int:
    """How many decimals a number shows: 2 for `8,49%`."""
    match = _NUMBER.search(raw)
    return len(match[0].split(",")[1]) if match is not None and "," in match[0] else 0


def resolution(raw: str, value: Decimal) -> Decimal:
    """What the last digit of a number as written is worth: 0.01 for `8,49%`, 10^8 for `7,6 tỷ`, 0 for a count.

    A plain integer is taken to be exact.
    """
    match = _NUMBER.search(raw)
    if match is None:
        return Decimal(0)
    digits = decimals(raw)
    shown = Decimal(re.sub(r"[\s.]", "", match[0]).replace(",", "."))
    factor = value / shown if shown else Decimal(1)
    # `1 tỷ 678 triệu` is no power of ten times its first number: it is exact to its last word.
    if factor not in _SCALES or (factor == 1 and not digits):
        return Decimal(0)
    return Decimal(1).scaleb(-digits) * factor


def slack(figures: Iterable[tuple[str, Decimal]]) -> Decimal:
    """By how much rounded figures may miss each other: half of the last digit of each."""
    return sum((resolution(raw, value) / 2 for raw, value in figures), Decimal(0))


def written(value: Decimal) -> str:
    """A number as Vietnamese write it: 2.439 and 8,49."""
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))


def is_slip(said: Decimal, meant: Decimal) -> bool:
    """Whether a number may be another with a slip: two digits changed places, one is wrong, missing or too many.

    Both are compared as many decimals as the first shows.
    """
    if said <= 0 or meant <= 0:
        return False
    shown = -min(int(said.as_tuple().exponent), 0)
    first, second = _digits(said, shown), _digits(round(meant, shown), shown)
    if first == second:
        return True
    if len(first) == len(second):
        wrong = sum(a != b for a, b in zip(first, second, strict=True))
        return (wrong == 1 and len(first) >= 3) or _are_swapped(first, second)
    shorter, longer = sorted((first, second), key=len)
    if len(longer) != len(shorter) + 1 or len(shorter) < 3:
        return False
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


def is_swap(said: Decimal, meant: Decimal) -> bool:
    """Whether a number is another with two neighbouring digits that changed places."""
    return said > 0 and meant > 0 and _are_swapped(f"{said:f}", f"{meant:f}")


def _are_swapped(first: str, second: str) -> bool:
    wrong = [at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b]
    if len(first) != len(second) or len(wrong) != 2 or wrong[1] != wrong[0] + 1:
        return False
    return first[wrong[0]] == second[wrong[1]] and first[wrong[1]] == second[wrong[0]]


def _digits(value: Decimal, shown: int) -> str:
    return f"{value.scaleb(shown).to_integral_value():f}".lstrip("0") or "0"
