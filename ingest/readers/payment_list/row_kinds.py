"""What a row below a list's headings is, by its words: a sum, a sum carried forward, a row of column numbers.

What makes a person is what a person has (`person_rows.py`); the words here only tell which rows are looked at
closely, and what the others are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from ingest.core.period_labels import find_periods
from ingest.core.text import fold
from ingest.readers.payment_list.field_values import identity_digits, is_mark, load_vocabulary, tells_birth
from ingest.readers.personal_data import is_person_name
from ingest.readers.spreadsheet.cells import cell_text, is_total_label
from ingest.readers.spreadsheet.cells import load_vocabulary as load_form_vocabulary
from ingest.readers.spreadsheet.labels import label_key

BIRTHS = ("birth", "birth_male", "birth_female", "birth_year")
# What only lines of persons have, beside an identity number and a birth.
PROPERTIES = ("sex", "account", "category", "start", "payment_method", "coefficient", "injury_pct")

_COLUMN_NUMBER = re.compile(r"[(\[]?(?:[a-z]|\d{1,2})[)\]]?(?:\s*=\s*[\d\s()+*x/.-]+)?")
LEAST_IDENTITY_DIGITS = 8


@lru_cache(maxsize=1)
def _words() -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...], frozenset[str]]:
    """The wordings of sums, how longer ones begin, places within communes with diacritics, first words of all."""
    forms = load_form_vocabulary()
    totals = forms.total_labels | load_vocabulary().carried_words
    longer = tuple(f"{total} " for total in totals if " " in total)
    places = tuple(unicodedata.normalize("NFC", word).casefold() for word in forms.places_within_words)
    units = ("xa", "phuong", "thi", "tt", "huyen", "quan", "dac")
    first = {text.split()[0] for text in (*totals, *map(fold, places), *forms.subtotal_labels)} | set(units)
    return totals, longer, places, frozenset(first)


def may_be_nobody(name: str) -> bool:
    """Whether a name (as `name_key` makes it) begins like the label of a sum or of a place."""
    return name.partition(" ")[0] in _words()[3]


def is_total(texts: Sequence[str], *, may_be_name: bool = True) -> bool:
    """Whether a text says that its row is a sum; `may_be_name` where "Tống ..." may be a surname."""
    totals, longer, _, _ = _words()
    if not may_be_name:
        longer = tuple(f"{total} " for total in totals)
    return any(
        (key := label_key(text)) in totals or key.startswith(longer) or is_total_label(fold(text[:100]))
        for text in texts
    )


def is_place(text: str) -> bool:
    """Whether a text names a place within a commune ("Thôn 5", "Tổ dân phố 3"), by its letters with their marks."""
    plain = re.sub(r"^(?:[ivxlc]+|\d+|[a-z])\s*[.):/-]\s*", "", unicodedata.normalize("NFC", text).casefold().strip())
    plain = re.sub(r"^(?:cộng|tổng|tổng cộng|tổng số)\s+", "", plain)
    return any(plain == place or plain.startswith(f"{place} ") for place in _words()[2])


def is_somebody(cells: Mapping[str, object]) -> bool:
    """Whether a row has what only one person has: digits of an identity number, or a birth."""
    if len(identity_digits(cells.get("identity"))) >= LEAST_IDENTITY_DIGITS:
        return True
    return any(key in cells and tells_birth(cells[key]) for key in BIRTHS)


def has_property(cells: Mapping[str, object], name: object) -> bool:
    """Whether a row without number and birth is somebody's all the same: a person's name, a sex, an account."""
    if isinstance(name, str) and is_person_name(name) and not is_place(name):
        return True
    marks = load_vocabulary().none_marks
    for key in PROPERTIES:
        text = fold(cell_text(cells.get(key)))
        if not text or text in marks:
            continue
        # A sum of men, of amounts or of accounts is a number.
        digits = len(re.sub(r"\D", "", text))
        if digits >= LEAST_IDENTITY_DIGITS if key == "account" else not re.fullmatch(r"[\d.,\s]+", text):
            return True
    return any(is_mark(cells[key]) and cells[key] != 1 for key in ("birth_male", "birth_female") if key in cells)


# "Tháng 8 năm 2023", "Kỳ chi trả: tháng 8/2023" on a line of its own, or any title of a list.
_MONTH_ALONE = re.compile(
    r"\(?(?:ky(?: bao cao| chi tra)?\s*:?\s*)?\(?(?:tu )?thang\b[^a-z]*(?:nam\s*)?20\d\d\s*\)?\.?"
)
_LIST_TITLES = ("danh sach", "bang ke")


def months_named(texts: Sequence[str]) -> set[str]:
    """The months that a row names as those of a list: its title, or the period below a title."""
    found: set[str] = set()
    for text in texts:
        plain = fold(text[:300])
        if "20" in plain and (_MONTH_ALONE.fullmatch(plain) or plain.startswith(_LIST_TITLES)):
            found |= {period.code for period in find_periods(plain) if period.kind == "month"}
    return found


def is_numbering(cells: Mapping[str, object]) -> bool:
    """The row of column numbers below a heading: `1 2 3`, `(1) (2) (3)`, `A B 1 2`, `7=5x6`."""
    values = [text.lower() for value in cells.values() if (text := cell_text(value))]
    if len(values) < 3 or not all(_COLUMN_NUMBER.fullmatch(value) for value in values):
        return False
    starts = [re.match(r"\d+", value.strip("()[] ")) for value in values]
    counted = [int(start[0]) for start in starts if start is not None]
    return len(counted) == len(set(counted)) and max(counted, default=99) <= len(cells) + 10
