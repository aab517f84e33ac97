"""Slips of the hand: by which one a right number becomes the one that was typed.

A slip is a hint, not a proof. It helps to choose between cells that would all mend a contradiction, and tells the
sender what to look for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

import yaml

from ingest.core.catalogue_files import RULES

TEXTS_FILE = RULES / "slip_texts.yml"

SlipKind = Literal[
    "sign",
    "swapped_digits",
    "thousands_lost",
    "unit_of_money",
    "decimal_mark",
    "digit_more",
    "digit_less",
    "one_digit",
    "neighbour",
]

# How telling a slip is: how much more likely it is that a number came about by it than by chance.
_WEIGHTS: Mapping[SlipKind, float] = {
    "sign": 4.0,
    "thousands_lost": 4.0,
    "unit_of_money": 4.0,
    "swapped_digits": 3.5,
    "decimal_mark": 3.0,
    "digit_more": 3.0,
    "digit_less": 2.5,
    "neighbour": 2.5,
    "one_digit": 1.0,
}
_MANY_DIGITS = 18
# So many numbers to one slip, as a logarithm, make it telling.
_TELLING = 3.5


class Slip(NamedTuple):
    """What may have happened, and what was meant."""

    kind: SlipKind
    right: Decimal

    @property
    def weight(self) -> float:
        """How telling the slip is."""
        return _WEIGHTS[self.kind]

    def telling(self, typed: Decimal) -> float:
        """How telling it is for a number: of a short one nearly every other number is a slip away."""
        digits = len(str(int(abs(typed))))
        ways = {"one_digit": 9 * digits, "digit_less": 10 * (digits + 1), "digit_more": digits}.get(self.kind, 1)
        numbers = 10 ** (digits + (self.kind == "digit_less"))
        return self.weight * min(1.0, math.log(numbers / ways) / _TELLING)


@lru_cache(maxsize=1)
def slip_texts() -> Mapping[SlipKind, Mapping[str, str]]:
    """What is said of each kind of slip, in `vi` and `en`."""
    return yaml.load(TEXTS_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # type: ignore[no-any-return]


def slips_of(typed: Decimal, unit_of_measure: str) -> Iterator[Slip]:
    """What may have been meant where a number was typed, the most telling slips first; each number once."""
    seen = {typed}
    for slip in _slips(typed, unit_of_measure):
        if slip.right not in seen:
            seen.add(slip.right)
            yield slip


def likely_slip(
    typed: Decimal, low: Decimal | None, high: Decimal | None, unit_of_measure: str, neighbours: Sequence[Decimal] = ()
) -> Slip | None:
    """The most telling slip whose right number lies between two bounds.

    `neighbours` are the numbers of the cells around: one of them may have been typed again.
    """
    if typed in neighbours and typed:
        exact = low if low is not None and low == high else None
        if exact is not None:
            copied: Slip | None = Slip("neighbour", exact)
        else:
            copied = None
    else:
        copied = None
    for slip in slips_of(typed, unit_of_measure):
        if (low is None or slip.right >= low) and (high is None or slip.right <= high):
            return slip if copied is None or slip.weight > copied.weight else copied
    return copied


def _slips(typed: Decimal, unit_of_measure: str) -> Iterator[Slip]:
    if typed:
        yield Slip("sign", -typed)
    money = unit_of_measure == "vnd"
    for factor in (10**3, 10**6, 10**9) if money else (10**3,):
        kind: SlipKind = "unit_of_money" if money else "thousands_lost"
        yield Slip(kind, typed * factor)
        yield Slip(kind, typed / factor)
    sign = -1 if typed < 0 else 1
    whole, _, fraction = f"{abs(typed):f}".partition(".")
    fraction = fraction.rstrip("0")
    if len(whole) + len(fraction) > _MANY_DIGITS:
        return
    digits = whole + fraction

    def number(text: str) -> Decimal:
        return sign * Decimal(text or "0").scaleb(-len(fraction))

    for i in range(len(digits) - 1):
        if digits[i] != digits[i + 1]:
            yield Slip("swapped_digits", number(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]))
    for power in (10, 100):
        if fraction or unit_of_measure in ("percent", "percentage_point"):
            yield Slip("decimal_mark", typed * power)
            yield Slip("decimal_mark", typed / power)
    yield Slip("digit_more", (typed / 10) if fraction else number(digits[:-1]))
    yield Slip("digit_less", typed * 10)
    if typed % 10 == 0:
        yield Slip("digit_more", typed / 10)
    for i in range(len(digits)):
        yield Slip("digit_more", number(digits[:i] + digits[i + 1 :]))
    for i in range(len(digits) + 1):
        for digit in "0123456789":
            yield Slip("digit_less", number(digits[:i] + digit + digits[i:]))
    for i, own in enumerate(digits):
        for digit in "0123456789":
            if digit != own:
                yield Slip("one_digit", number(digits[:i] + digit + digits[i + 1 :]))
