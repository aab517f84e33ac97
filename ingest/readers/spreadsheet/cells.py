"""Single cells: what figure was written, in whatever way it was written.

Nothing is guessed in silence. A cell is a number, a blank (nothing stated), an error of the
spreadsheet, or text that is no number; one separator before three digits (`1.234`) has two readings,
and both are kept until the column around it decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

import yaml

from ingest.core.catalogue_files import FORMS
from ingest.core.text import fold, squeeze
from ingest.forms.schema import MONEY_FACTORS

Style = Literal["vietnamese", "english"]
Kind = Literal["number", "blank", "text", "date", "boolean"]

VOCABULARY_FILE = FORMS / "vocabulary.yml"

# Excel keeps 15 significant digits; what a binary fraction adds behind them was never typed.
_SIGNIFICANT_DIGITS = 15

_NUMBER = re.compile(
    r"(?P<qualifier>[<>≤≥~≈]|khoang|uoc|gan|hon|tren|duoi)?\s*"
    r"(?P<open>\()?(?P<sign>[-+−–])?\s*(?P<digits>\d[\d.,'\s]*)(?P<close>\))?"
    r"\s*(?P<word>[^\d].*)?"
)
# Two numbers in two lines, or far apart: a person sees two, and one of them may be the old one.
_SEVERAL_NUMBERS = re.compile(
    r"\d[.,]?[ \u00a0\u202f]*(?:[\n\r\t\v\f\u2028\u2029]|[ \u00a0\u202f\u2009]{2})\s*[-+(]?\d"
)
_BLANK_RUN = re.compile(r"[-–—_.…/\s]+")
_QUALIFIERS = {
    "<": "under", "≤": "under", "duoi": "under", ">": "over", "≥": "over", "hon": "over", "tren": "over",
    "~": "about", "≈": "about", "khoang": "about", "uoc": "about", "gan": "almost",
}  # fmt: skip


@lru_cache(maxsize=32_768)
def folded(text: str) -> str:
    """`fold`, remembered: the same labels stand in every workbook of a period."""
    return fold(text)


@lru_cache(maxsize=32_768)
def _squeezed(text: str) -> str:
    return squeeze(text)


@dataclass(frozen=True)
class Vocabulary:
    """The words that every form's tables share (`catalogue/forms/vocabulary.yml`), folded."""

    total_labels: frozenset[str]
    subtotal_labels: frozenset[str]
    places_within: tuple[str, ...]
    places_within_words: tuple[str, ...]
    unit_headings: frozenset[str]
    number_headings: frozenset[str]
    among_labels: frozenset[str]
    blank_marks: frozenset[str]
    zero_words: frozenset[str]
    nil_labels: frozenset[str]
    status_labels: Mapping[str, str]
    money_factors: Mapping[str, int]
    unit_words: Mapping[str, frozenset[str]]


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """The shared words, read once per process."""
    raw = yaml.load(VOCABULARY_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    unit_words: dict[str, set[str]] = {}
    for unit, words in raw["units_of_measure"].items():
        for word in words:
            unit_words.setdefault(fold(str(word)), set()).add(unit)
    return Vocabulary(
        total_labels=_folded(raw["total_labels"]),
        subtotal_labels=_folded(raw["subtotal_labels"]),
        places_within=tuple(f"{fold(word)} " for word in raw["places_within"]),
        places_within_words=tuple(raw["places_within"]),
        unit_headings=_folded(raw["unit_headings"]),
        number_headings=_folded(raw["number_headings"]),
        among_labels=_folded(raw["among_labels"]),
        blank_marks=_folded(raw["blank_marks"]),
        zero_words=_folded(raw["zero_words"]),
        nil_labels=_folded(raw["nil_labels"]),
        status_labels={fold(word): status for status, words in raw["status_labels"].items() for word in words},
        money_factors={
            fold(str(word)): MONEY_FACTORS[scale] for scale, words in raw["money_scales"].items() for word in words
        },
        unit_words={word: frozenset(units) for word, units in unit_words.items()},
    )


def is_total_label(plain: str) -> bool:
    """Whether a folded label is nothing but a total's, its dots aside: "T.C", "Cộng:"."""
    return plain.replace(".", "").strip(" :") in _dotless_totals()


@lru_cache(maxsize=1)
def _dotless_totals() -> frozenset[str]:
    return frozenset(label.replace(".", "") for label in load_vocabulary().total_labels)


def _folded(words: Iterable[object]) -> frozenset[str]:
    return frozenset(fold(str(word)) for word in words)


class Cell(NamedTuple):
    """What one cell says.

    `value` is the figure as written, without scale. Where `other` is given the text has two readings:
    `value` groups thousands, `other` takes the separator as the decimal mark. `style` is what the text
    proves about its writer, `word` what stands after the number.
    """

    kind: Kind
    raw: str
    value: Decimal | None = None
    other: Decimal | None = None
    style: Style | None = None
    separator: str = ""
    word: str = ""
    qualifier: str = "exact"


_BLANK = Cell("blank", "")


def read_cell(value: object) -> Cell:
    """Reads a cell's value as the spreadsheet holds it."""
    if value is None or value == "":
        return _BLANK
    if isinstance(value, bool):
        return Cell("boolean", str(value))
    if isinstance(value, int | float):
        return read_number(value)
    if isinstance(value, datetime | date | time | timedelta):
        return Cell("date", str(value))
    return read_text(str(value))


@lru_cache(maxsize=4_096)
def read_number(value: int | float) -> Cell:
    """Reads a number as the spreadsheet holds it; most are small and whole, and stand in many cells."""
    if not math.isfinite(value):
        return Cell("text", str(value))
    number = _from_float(value)
    return Cell("number", _plain(number), number)


def read_text(text: str) -> Cell:
    """Reads a number written as text, in Vietnamese or English style."""
    raw = text if len(text) <= 200 else text[:200]
    if _SEVERAL_NUMBERS.search(raw):
        return Cell("text", raw)
    plain = fold(raw.replace("\u00a0", " ").replace("\u202f", " ")).strip("'\"` ")
    vocabulary = load_vocabulary()
    if not plain or plain in vocabulary.blank_marks or _BLANK_RUN.fullmatch(plain):
        return Cell("blank", raw)
    if plain in vocabulary.zero_words:
        return Cell("number", raw, Decimal(0))
    match = _NUMBER.fullmatch(plain)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return Cell("text", raw)
    digits = match["digits"].strip().rstrip(".,'")
    readings = _readings(digits)
    if readings is None:
        return Cell("text", raw)
    value, other, style, separator = readings
    if match["open"] or (match["sign"] and match["sign"] != "+"):
        value, other = -value, -other if other is not None else None
    word = (match["word"] or "").strip(" .:;")
    return Cell("number", raw, value, other, style, separator, word, _QUALIFIERS.get(match["qualifier"] or "", "exact"))


def _readings(digits: str) -> tuple[Decimal, Decimal | None, Style | None, str] | None:
    """A number's value, its second reading, the style it proves and its only separator."""
    # Blanks and apostrophes only ever group; a group that is not of three digits is a slip.
    if re.search(r"[\s']", digits):
        whole = re.split(r"[.,]", digits, maxsplit=1)[0]
        if not re.fullmatch(r"\d{1,3}(?:[\s']\d{3})+", whole):
            return None
        digits = re.sub(r"[\s']", "", digits)
    dots, commas = digits.count("."), digits.count(",")
    if not dots and not commas:
        return Decimal(digits), None, None, ""
    if dots and commas:
        decimal_mark = max(".,", key=digits.rfind)
        group_mark = "," if decimal_mark == "." else "."
        whole, fraction = digits.rsplit(decimal_mark, 1)
        if decimal_mark in whole or not _is_grouped(whole, group_mark) or not fraction:
            return None
        style: Style = "vietnamese" if decimal_mark == "," else "english"
        return Decimal(f"{whole.replace(group_mark, '')}.{fraction}"), None, style, ""
    mark = "." if dots else ","
    if dots + commas > 1:
        if not _is_grouped(digits, mark):
            return None
        return Decimal(digits.replace(mark, "")), None, "vietnamese" if mark == "." else "english", ""
    whole, fraction = digits.split(mark)
    as_decimal = Decimal(f"{whole}.{fraction}")
    if len(fraction) == 3 and 1 <= len(whole) <= 3 and whole.strip("0"):
        return Decimal(whole + fraction), as_decimal, None, mark
    return as_decimal, None, "vietnamese" if mark == "," else "english", ""


def _is_grouped(text: str, mark: str) -> bool:
    first, *rest = text.split(mark)
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in rest)


def choose_reading(cell: Cell, style: Style | None) -> Decimal | None:
    """The value of a number, its two readings decided by the style of those around it.

    Without a known style a separator before three digits groups thousands, as Vietnamese offices write.
    """
    if cell.other is None or style is None:
        return cell.value
    decimal_mark = "," if style == "vietnamese" else "."
    return cell.other if cell.separator == decimal_mark else cell.value


def _from_float(value: int | float) -> Decimal:
    # Most figures are whole: they need no rounding.
    if isinstance(value, int) or (-1e15 < value < 1e15 and value.is_integer()):
        return Decimal(int(value))
    return Decimal(f"{value:.{_SIGNIFICANT_DIGITS}g}")


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def cell_text(value: object) -> str:
    """A cell's text with white space squeezed; a whole number without its `.0`."""
    if isinstance(value, str):
        return _squeezed(value)
    if value is None:
        return ""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _plain(_from_float(value))
    return str(value)
