"""Numbers, dates and lists as Vietnamese administrative writing has them.

A dot groups thousands, a comma marks decimals: 1.234.567 and 1,68. Halves round away from zero,
as people do on paper. Words (units, phrases) are data and live in `catalogue/reports/provincial`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")


class MoneyScale(NamedTuple):
    """A word for a power of ten of đồng, and the decimals it is written with."""

    name: str
    factor: Decimal
    decimals: int


# Largest first. Two decimals of a tỷ are ten million đồng; what is finer stands in the workbook.
MONEY_SCALES = (
    MoneyScale("tỷ đồng", Decimal(10) ** 9, 2),
    MoneyScale("triệu đồng", Decimal(10) ** 6, 1),
    MoneyScale("đồng", Decimal(1), 0),
)


def round_half_up(value: Decimal, decimals: int) -> Decimal:
    """Rounds as people do: 0,125 to two decimals is 0,13."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def format_number(value: Decimal, decimals: int | None = None, *, trim: bool = False) -> str:
    """Writes a number: `1.234.567`, `-1,68`.

    `decimals` rounds; without it the value keeps its own decimals less trailing zeros. `trim` leaves
    out trailing zeros after rounding (5,20 becomes 5,2). Zero never has a sign.
    """
    rounded = value if decimals is None else round_half_up(value, decimals)
    if decimals is None or trim:
        rounded = _without_trailing_zeros(rounded)
    if rounded == 0:
        rounded = abs(rounded)
    return f"{rounded:,f}".translate(str.maketrans(",.", ".,"))


def _without_trailing_zeros(value: Decimal) -> Decimal:
    normal = value.normalize()
    return normal.quantize(Decimal(1)) if normal.as_tuple().exponent > 0 else normal  # type: ignore[operator]


def format_money(value_vnd: Decimal) -> str:
    """Writes an amount given in đồng with the word that suits its size: `16,73 tỷ đồng`, `820,5 triệu đồng`.

    The word is chosen after rounding, so that 999.960.000 is `1 tỷ đồng` and never `1.000 triệu đồng`.
    """
    for larger, scale in zip(MONEY_SCALES[1:], MONEY_SCALES, strict=False):
        if round_half_up(abs(value_vnd) / larger.factor, larger.decimals) * larger.factor >= scale.factor:
            return f"{format_number(value_vnd / scale.factor, scale.decimals, trim=True)} {scale.name}"
    smallest = MONEY_SCALES[-1]
    return f"{format_number(value_vnd, smallest.decimals)} {smallest.name}"


def format_date(day: date) -> str:
    """Writes a day as `05/01/2024`."""
    return f"{day:%d/%m/%Y}"


def join_words(words: Sequence[str], limit: int, rest: str) -> str:
    """Writes a list: `A, B và C`.

    Of more than `limit` words only the first ones are written; `rest` with `{count}` tells of the others.
    """
    if len(words) > limit:
        return f"{', '.join(words[:limit])} {rest.format(count=format_number(Decimal(len(words) - limit)))}"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} và {words[-1]}"


def inside_sentence(name: str) -> str:
    """A name that begins with a common noun, as it stands inside a sentence: `huyện Đắk Mil`, `quý III năm 2023`."""
    return name[:1].lower() + name[1:]


def sentence_case(text: str) -> str:
    """The text with a capital first letter and the rest as it is."""
    return text[:1].upper() + text[1:]
