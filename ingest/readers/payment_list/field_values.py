"""The cells of a list's lines: numbers, dates, digits and words, each decoded once however often it recurs.

A list repeats itself: twenty categories, a hundred communes, a few hundred amounts. A `Decoder` is a
dictionary that fills itself, so that a column of sixty thousand cells costs sixty thousand look-ups.
No function here raises for what a cell holds, and none puts a cell's text anywhere.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from ingest.core.catalogue_files import FORMS
from ingest.core.text import fold
from ingest.readers.spreadsheet.cells import choose_reading, read_cell
from ingest.readers.spreadsheet.labels import best_match, label_key

VOCABULARY_FILE = FORMS / "list_vocabulary.yml"

NONE, UNKNOWN = -1, -2
UNREADABLE = math.inf
# Typing errors are looked for in so many different wordings; a column of garbage must not cost minutes.
MAX_GUESSES = 200

_SERIAL_ORIGIN = date(1899, 12, 30)
_DAY = re.compile(r"(?P<day>\d{1,2})\s*[/.\- ]\s*(?P<month>\d{1,2})\s*[/.\- ]\s*(?P<year>\d{4})")
_ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[T ].*)?")
_MONTH = re.compile(r"(?:t|thang)?\s*(?P<month>\d{1,2})\s*[/.\-]\s*(?P<year>\d{4})")
_WORDS = re.compile(
    r"(?:sinh |ngay )*(?:(?P<day>\d{1,2}) )?(?:thang (?P<month>\d{1,2}) )?(?:nam |sinh )+(?P<year>\d{4})"
)
_DIGITS = re.compile(r"(?P<day>\d\d)(?P<month>\d\d)(?P<year>(?:18|19|20)\d\d)")
_YEAR = re.compile(r"(?:[x?.\-_]{1,2}\s*/\s*){0,2}(?P<year>(?:18|19|20)\d\d)")
_SEPARATORS = re.compile(r"[\s.\-'’`,:]+")
_NOT_LETTER = re.compile(r"[^a-z]+")
_NOT_PLAIN = re.compile(r"[^0-9A-Z]+")


@dataclass(frozen=True, slots=True)
class OtherKind:
    """A kind of list that is none of those paid in their month, with the words of its titles, folded."""

    name_vi: str
    name_en: str
    words: re.Pattern[str]
    unless: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words and numbers of `vocabulary.yml`, folded."""

    sex: Mapping[str, str]
    payment_methods: Mapping[str, str]
    none_marks: frozenset[str]
    words_behind: Mapping[str, frozenset[str]]
    carried_words: frozenset[str]
    not_paid: re.Pattern[str]
    other_kinds: Mapping[str, OtherKind]
    identity_lengths: tuple[int, ...]
    first_century: int
    last_century: int


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """The words that all lists share, read once per process."""
    raw = yaml.load(VOCABULARY_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    numbers = raw["identity_number"]
    return Vocabulary(
        sex={fold(word): code for code, words in raw["sex"].items() for word in words},
        payment_methods={label_key(word): code for code, words in raw["payment_methods"].items() for word in words},
        none_marks=frozenset(fold(str(mark)) for mark in raw["none_marks"]),
        words_behind={kind: frozenset(map(fold, words)) for kind, words in raw["words_behind"].items()},
        carried_words=frozenset(label_key(word) for word in raw["carried_words"]),
        not_paid=_as_written(raw["not_paid_words"]),
        other_kinds={
            kind: OtherKind(
                one["name_vi"], one["name_en"], _any_of(one["words"]), _any_of(one["unless"]) if one["unless"] else None
            )
            for kind, one in raw["other_kinds"].items()
        },
        identity_lengths=tuple(numbers["lengths"]),
        first_century=numbers["first_century"],
        last_century=numbers["last_century"],
    )


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    """Any of some words, folded, as whole words; the longest first."""
    longest_first = sorted((re.escape(fold(word)) for word in words), key=len, reverse=True)
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(longest_first)})(?![a-z0-9])")


def _as_written(words: Sequence[str]) -> re.Pattern[str]:
    """Any of some words in small letters, with their marks or without any, as whole words."""
    both = {spelling for word in words for spelling in (word.lower(), fold(word))}
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, both), key=len, reverse=True))})(?!\w)")


class Decoder(dict[Any, Any]):
    """A dictionary that decodes what it does not hold yet."""

    def __init__(self, decode: Callable[[Any], Any]) -> None:
        super().__init__()
        self._decode = decode

    def __missing__(self, key: Any) -> Any:
        value = self[key] = self._decode(key)
        return value

    def decode(self, values: Sequence[object], kind: type[np.generic]) -> NDArray[Any]:
        """A column decoded."""
        return np.fromiter(map(self.__getitem__, values), kind, len(values))


# Numbers


def decode_number(value: object, kinds: Sequence[str] = ("count", "money")) -> float:
    """A cell that is no float as a number: NaN where it is blank, infinite where it is no number.

    What stands behind a number or is said of it must be a unit: "540.000 x 2" and "khoảng 540.000" are none.
    """
    if value is None or value == "":
        return math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str) or len(value) > 60:
        return UNREADABLE
    cell = read_cell(value)
    if cell.kind == "blank":
        return math.nan
    if cell.kind != "number" or cell.qualifier != "exact":
        return UNREADABLE
    behind = load_vocabulary().words_behind
    if (cell.word and not any(cell.word in behind[kind] for kind in kinds)) or value.lstrip(" '").startswith("+"):
        return UNREADABLE
    number = choose_reading(cell, None)
    return float(number) if number is not None else UNREADABLE


_SCALED = re.compile(r"\d\s*(?:nghin|ngan|k|trieu|tr|ty|ti)\b")


def decode_money(value: object) -> float:
    """A cell of money that is no float: one that states a scale of its own, against its column, is no number."""
    if isinstance(value, str) and not value.isdecimal() and _SCALED.search(fold(value[:60])):
        return UNREADABLE
    return decode_number(value, ("money",))


def numbers(values: Sequence[object], decoder: Decoder) -> NDArray[np.float64]:
    """A column of numbers: NaN for blanks, infinite for what is no number."""
    if set(map(type, values)) == {float}:
        return np.array(values, dtype=np.float64)
    return np.array([v if v.__class__ is float else decoder[v] for v in values], dtype=np.float64)


# A number no payment has: one of a document, telephone or account in the wrong column. It is kept nowhere.
HIDDEN = -math.inf
_MOST_VND = 1e9
_SUSPICIOUS_VND = 1e7
# Money comes in hundreds of dong; of the numbers of documents one in a hundred does.
_HUNDRED = 100
_MOST_COUNTED = 10_000
_SHIFTED_SHARE = 0.2


def hide_personal_money(values: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """A column of money as written, brought to dong, with what looks like a personal number hidden.

    Where that is so in a fifth of the column, columns were shifted: then all large numbers are hidden.
    """
    dong = values * factor
    is_large = np.isfinite(values) & (np.abs(values) >= _SUSPICIOUS_VND)
    is_huge = np.isfinite(dong) & (np.abs(dong) >= _MOST_VND)
    if not (is_large.any() or is_huge.any()):
        return dong
    is_odd = np.zeros(len(values), dtype=bool)
    is_odd[is_large] = values[is_large] % _HUNDRED != 0
    hidden = is_odd | is_huge
    if np.count_nonzero(hidden) > _SHIFTED_SHARE * len(values):
        hidden |= is_large
    return np.where(hidden, HIDDEN, dong)


def hide_personal_counts(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A column of months, coefficients or shares, with what is far too large for one hidden."""
    is_huge = np.isfinite(values) & (np.abs(values) >= _MOST_COUNTED)
    return np.where(is_huge, HIDDEN, values) if is_huge.any() else values


def without_late(arrays: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The amounts without the money of earlier months that was not drawn then, and that money.

    Where a month's rate tells that the amount does not hold it, it is left as it is.
    """
    amount, late = arrays["amount"], np.where(np.isfinite(arrays["late"]), arrays["late"], 0.0)
    if not late.any():
        return amount, np.where(np.isfinite(late), 0.0, 0.0)
    months = np.where(np.isfinite(arrays["months"]), arrays["months"], 1.0)
    arrears, recovery = (np.where(np.isfinite(arrays[key]), arrays[key], 0.0) for key in ("arrears", "recovery"))
    own = arrays["monthly"] * months + arrears - recovery
    held = np.where(np.abs(own - amount) <= _HALF, 0.0, late)
    return np.where(np.isfinite(amount), amount - held, amount), np.where(np.isfinite(amount), held, 0.0)


_HALF = 0.5


def tells_unpaid(value: object) -> bool:
    """Whether a remark says that a line's money was not taken, or was given back."""
    if not isinstance(value, str) or len(value) <= 2:
        return False
    # Remarks are many and differ: their letters are compared as they are, with marks or without, and not folded.
    return load_vocabulary().not_paid.search(unicodedata.normalize("NFC", value[:200]).lower()) is not None


# Dates

# A date becomes year * 16 + month (0 where only the year is stated), so that a column is an array; a date
# that does not exist in the calendar keeps its year and is negative.
NO_DATE, UNREADABLE_DATE = 0, -1


def decode_date(value: object) -> int:
    """A date, a month or a year in any usual writing as `year * 16 + month`."""
    if not isinstance(value, str):
        return _date_of_cell(value)
    if len(value) == 10 and value[2] == value[5] == "/" and (value[:2] + value[3:5] + value[6:]).isdecimal():
        return _calendar_day(int(value[6:]), int(value[3:5]), int(value[:2]))
    text = value[:60].strip(" '`’").rstrip(".")
    for pattern in (_DAY, _ISO_DAY):
        match = pattern.fullmatch(text)
        if match is not None:
            return _calendar_day(int(match["year"]), int(match["month"]), int(match["day"]))
    plain = fold(text)
    if not plain or plain in load_vocabulary().none_marks:
        return NO_DATE
    match = _MONTH.fullmatch(plain)
    if match is not None:
        return _calendar_day(int(match["year"]), int(match["month"]), 0)
    match = _YEAR.fullmatch(plain)
    if match is not None:
        return int(match["year"]) * 16
    match = _WORDS.fullmatch(plain) or _DIGITS.fullmatch(plain)
    if match is not None:
        return _calendar_day(int(match["year"]), int(match["month"] or 0), int(match["day"] or 0))
    return _date_of_number(float(plain)) if plain.isdecimal() and len(plain) <= 6 else UNREADABLE_DATE


def _date_of_cell(value: object) -> int:
    if isinstance(value, date):  # datetime is one too
        return value.year * 16 + value.month
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _date_of_number(value)
    return NO_DATE if value is None else UNREADABLE_DATE


def _date_of_number(value: float) -> int:
    """A year, or a day as spreadsheets count them (a date whose cell lost its format)."""
    if not math.isfinite(value) or value != int(value):
        return UNREADABLE_DATE
    if 1850 <= value <= 2100:
        return int(value) * 16
    if 2100 < value < 80_000:
        day = _SERIAL_ORIGIN + timedelta(days=int(value))
        return day.year * 16 + day.month
    return UNREADABLE_DATE if value else NO_DATE


def _calendar_day(year: int, month: int, day: int) -> int:
    """Zero for day or month means unknown, as old papers have it."""
    if not 1850 <= year <= 2100:
        return UNREADABLE_DATE
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return -year * 16
    return year * 16 + month


_SLASH, _ZERO = ord("/"), ord("0")
_DAY_LENGTH = 10


def decode_dates(values: Sequence[object], decoder: Decoder) -> NDArray[np.int32]:
    """A column of dates; those written dd/mm/yyyy, nearly all of most lists, at once."""
    plain = [n for n, value in enumerate(values) if value.__class__ is str and len(value) == _DAY_LENGTH]  # type: ignore[arg-type]
    texts = values if len(plain) == len(values) else [values[n] for n in plain]
    text = "".join(texts)  # type: ignore[arg-type]
    if not plain or not text.isascii():
        return decoder.decode(values, np.int32)
    letters = np.frombuffer(text.encode(), dtype=np.uint8).reshape(-1, _DAY_LENGTH)
    # What is no digit becomes far more than nine.
    digits = letters[:, (0, 1, 3, 4, 6, 7, 8, 9)] - np.uint8(_ZERO)
    d1, d2, m1, m2, y1, y2, y3, y4 = digits.astype(np.int32).T
    day, month, year = d1 * 10 + d2, m1 * 10 + m2, ((y1 * 10 + y2) * 10 + y3) * 10 + y4
    is_day = (letters[:, 2] == _SLASH) & (letters[:, 5] == _SLASH) & (digits <= 9).all(axis=1)
    # The last days of a month, and whatever else is unusual, go the long way.
    is_day &= (year >= 1850) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 28)
    decoded = np.zeros(len(values), dtype=np.int32)
    places = np.array(plain)
    decoded[places[is_day]] = (year * 16 + month)[is_day]
    is_left = np.ones(len(values), dtype=bool)
    is_left[places[is_day]] = False
    left = np.flatnonzero(is_left)
    decoded[left] = [decoder[values[n]] for n in left.tolist()]
    return decoded


def decode_day(parts: tuple[object, object, object]) -> int:
    """A date whose day, month and year stand in three cells; without a year there is none."""
    day, month, year = (decode_number(part) for part in parts)
    if math.isnan(year):
        return NO_DATE
    if not math.isfinite(year) or math.isinf(day) or math.isinf(month) or year != int(year):
        return UNREADABLE_DATE
    return _calendar_day(int(year), *(0 if math.isnan(part) else int(part) for part in (month, day)))


def years(dates: NDArray[np.int32]) -> NDArray[np.int32]:
    """The years of decoded dates; 0 where there is none or it can't be read."""
    return np.where(np.abs(dates) >= 16, np.abs(dates) // 16, 0).astype(np.int32)


def tells_birth(value: object) -> bool:
    """Whether a cell holds a birth: at least a year in which somebody may have been born."""
    decoded = decode_date(value)
    return decoded >= _FIRST_BIRTH or decoded < UNREADABLE_DATE


_FIRST_BIRTH = 1850 * 16


# Names, identity numbers, accounts


def _fold_word(word: str) -> str:
    return _NOT_LETTER.sub("", fold(word))


_words = Decoder(_fold_word)


def name_key(value: object) -> str:
    """A person's name without case, diacritics and punctuation; empty where a cell holds no letters."""
    if value.__class__ is not str:
        return ""
    # The few thousand words that names are made of are folded once.
    key = " ".join(map(_words.__getitem__, value[:120].split()))  # type: ignore[index]
    return " ".join(key.split()) if "  " in key or key[:1] == " " or key[-1:] == " " else key


# What an identity number's cell holds. `RESTORED` are digits that had lost their leading zeros as a number.
ABSENT, TWELVE, NINE, TWELVE_RESTORED, NINE_RESTORED, DIGITS_LOST, MALFORMED = range(7)


_FEWEST_DIGITS = 7


def identity_digits(value: object) -> str:
    """The digits of an identity number's cell, whatever else stands there."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return str(int(value)) if math.isfinite(value) else ""
    return re.sub(r"\D", "", value[:60]) if isinstance(value, str) else ""


# A number that ends with so many zeros was rounded: one of ten thousand does so by chance.
_ROUNDED = "0000"
_ROUNDED_TWELVE = "000000"


def identity_number(value: object, *, may_restore: bool) -> tuple[str, int]:
    """An identity number's digits and what is to be said about them.

    `may_restore` says that the file keeps no leading zeros of any number, as a text file written by a
    spreadsheet: then missing ones are restored in texts too, else only where the cell is a number.
    """
    if value is None or value == "":
        return "", ABSENT
    if isinstance(value, float | int) and not isinstance(value, bool):
        if value == 0:
            return "", ABSENT
        if not math.isfinite(value) or value != int(value) or value < 0 or value >= 1e12:
            return "", DIGITS_LOST
        if str(int(value)).endswith(_ROUNDED):
            return "", DIGITS_LOST
        return _restored(str(int(value)))
    if not isinstance(value, str):
        return "", MALFORMED
    text = _SEPARATORS.sub("", value[:60])
    if text.isascii() and text.isdecimal():
        if len(text) in (9, 12) and text.endswith(_ROUNDED_TWELVE):
            return "", DIGITS_LOST
        if len(text) == 12:
            return text, TWELVE
        if len(text) == 9:
            return text, NINE
        return _restored(text) if may_restore else _malformed(text)
    if fold(value[:60]).strip() in load_vocabulary().none_marks or not text:
        return "", ABSENT
    if re.fullmatch(r"\d+E\+?\d+", text, re.IGNORECASE):
        return "", DIGITS_LOST
    return _malformed(_NOT_PLAIN.sub("", text.upper()))


def _malformed(text: str) -> tuple[str, int]:
    """Words or a few digits instead of a number tell nothing about who somebody is."""
    return (text, MALFORMED) if sum(map(str.isdigit, text)) >= _FEWEST_DIGITS else ("", MALFORMED)


def _restored(digits: str) -> tuple[str, int]:
    """Every province's number begins with one or two zeros, so ten digits or eleven were twelve once."""
    if len(digits) == 12:
        return digits, TWELVE
    if len(digits) == 9:
        return digits, NINE
    if len(digits) in (10, 11):
        return digits.zfill(12), TWELVE_RESTORED
    if len(digits) == 8:
        return digits.zfill(9), NINE_RESTORED
    return _malformed(digits)


def identity_numbers(values: Sequence[object], *, may_restore: bool) -> tuple[list[str], NDArray[np.int8]]:
    """A column of identity numbers: their digits, and a code for each of what is to be said."""
    texts, kinds = [], []
    for value in values:
        is_plain = value.__class__ is str and len(value) == 12 and value.isdecimal() and value.isascii()  # type: ignore[arg-type, attr-defined]
        if is_plain and value[6:] != _ROUNDED_TWELVE:  # type: ignore[index]
            texts.append(value)
            kinds.append(TWELVE)
        else:
            text, kind = identity_number(value, may_restore=may_restore)
            texts.append(text)
            kinds.append(kind)
    return texts, np.array(kinds, dtype=np.int8)  # type: ignore[return-value]


_SHORTEST_ACCOUNT = 5


# An account's digits were lost where a spreadsheet shows or keeps them as a large number.
_SCIENTIFIC = re.compile(r"\s*\d+(?:[.,]\d+)?\s*E\s*\+?\s*\d{1,2}\s*", re.IGNORECASE)
_EXACT = 1e15


def has_lost_digits(value: object) -> bool:
    """Whether an account's cell holds a rounded number instead of its digits."""
    if isinstance(value, str):
        return len(value) < 20 and "E" in value.upper() and _SCIENTIFIC.fullmatch(value) is not None
    return isinstance(value, float) and (value >= _EXACT or (value >= 1e9 and value % 1e5 == 0))


def account_numbers(values: Sequence[object]) -> list[str]:
    """A column of accounts, see `account_number`."""
    texts = []
    for value in values:
        if value.__class__ is str and len(value) >= _SHORTEST_ACCOUNT and value.isdecimal() and value.isascii():  # type: ignore[arg-type, attr-defined]
            texts.append(value)
        else:
            texts.append(account_number(value) if value != "" else "")
    return texts  # type: ignore[return-value]


def account_number(value: object) -> str:
    """An account's letters and digits; empty where there is none, or where digits were lost."""
    if has_lost_digits(value):
        return ""
    if value.__class__ is str:
        text: str = value  # type: ignore[assignment]
        if text.isdecimal() and text.isascii():
            return text if len(text) >= _SHORTEST_ACCOUNT else ""
        text = _NOT_PLAIN.sub("", text[:60].upper())
    elif isinstance(value, float | int) and not isinstance(value, bool) and math.isfinite(value):
        text = str(int(value))
    else:
        return ""
    return text if sum(map(str.isdigit, text)) >= _SHORTEST_ACCOUNT else ""


# Marks

_MARKS = frozenset(("x", "v", "+", "*", "1", "√", "✓", "✔", "☑", "co", "nam", "nu"))


def is_mark(value: object) -> bool:
    """Whether a cell is ticked."""
    if isinstance(value, float | int):
        return value == 1
    return isinstance(value, str) and fold(value[:10]).strip(" .") in _MARKS


# Words


class Words:
    """Decodes words of a column to the position of what they mean, typing errors included.

    `unknown` maps a wording that means nothing to the positions nearest to it.
    """

    def __init__(self, meanings: Mapping[str, int], key: Callable[[str], str] = label_key) -> None:
        self._meanings, self._key = meanings, key
        self._guesses = 0
        self.positions = Decoder(self._position)

    def _position(self, value: object) -> int:
        if value is None or value == "":
            return NONE
        if not isinstance(value, str):
            value = f"{value:g}" if isinstance(value, float) else str(value)
        key = self._key(value[:300])
        if not key:
            return NONE
        found = self._meanings.get(key)
        if found is None and len(key) > 4 and self._guesses < MAX_GUESSES:
            self._guesses += 1
            meant = best_match(key, self._meanings)
            found = self._meanings[meant] if meant is not None else None
        return UNKNOWN if found is None else found

    def exactly(self, text: str) -> int:
        """The position of exactly that wording; `UNKNOWN` for any other."""
        return self._meanings.get(self._key(text), UNKNOWN)

    def decode(self, values: Sequence[object]) -> NDArray[np.int32]:
        """A column's positions: `NONE` where a cell is blank, `UNKNOWN` where it means nothing known."""
        return self.positions.decode(values, np.int32)
