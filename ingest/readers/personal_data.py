"""What looks like data on persons, whatever the sheet or document that holds it.

Payment lists are told by their headings (`readers/payment_list/open_list.py`). What has other headings or none must not
reach readers that quote what they read: a sheet with a column of names or a single identity number is one of
persons.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from functools import lru_cache

import yaml

from ingest.core.catalogue import Catalogue, unit_name_key
from ingest.core.catalogue_files import LEXICON
from ingest.core.findings import finding
from ingest.core.model import Finding, Observation, ReadFile
from ingest.core.text import fold

SURNAMES_FILE = LEXICON / "surnames.yml"

# Two or three officials sign a form, each in a column of their own.
_LEAST_NAMES = 3
# A document in which so many persons' numbers stand is a list of persons.
_LEAST_NUMBERS = 3

_NAME = re.compile(r"(?:[^\W\d_]{1,10}['’]?\s*){2,6}")
_IDENTITY = re.compile(r"0\d{2}[0-3]\d{8}")
# A form of address, and the words behind it among which a name may stand.
_ADDRESSED = re.compile(
    r"\b(?:ông|bà|anh|chị|em|cháu|cụ|đồng chí|đ/c)\.?\s+((?:[^\W\d_]+['’]?\s*){2,5})", re.IGNORECASE
)
_PLAIN_NUMBER = re.compile(r"(?<![\d.,])(?:0\d{8,}|\d{12,})(?![\d.,]?\d)")


@lru_cache(maxsize=1)
def _surnames() -> frozenset[str]:
    names = yaml.load(SURNAMES_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["surnames"]
    return frozenset(unicodedata.normalize("NFC", name).casefold() for name in names)


@lru_cache(maxsize=8_192)
def is_person_name(text: str) -> bool:
    """Whether a text reads like a person's name: a surname and one to five words, each with a capital."""
    words = unicodedata.normalize("NFC", text[:80]).strip(" .:;,-0123456789").split()
    # The surname first: it settles nearly every text at once.
    if not words or words[0].casefold() not in _surnames():
        return False
    return all(word[0].isupper() for word in words) and _NAME.fullmatch(" ".join(words)) is not None


def is_identity_number(value: object) -> bool:
    """Whether a text is an identity number of twelve digits; money never begins with a zero."""
    return isinstance(value, str) and _IDENTITY.fullmatch(re.sub(r"[\s.'’]", "", value[:40])) is not None


def names_a_person(text: str) -> bool:
    """Whether prose holds an identity, telephone or account number, or somebody's name behind a form of address."""
    if _PLAIN_NUMBER.search(text) is not None:
        return True
    return any(_names_after(match[1]) for match in _ADDRESSED.finditer(text))


def _names_after(words: str) -> bool:
    """Whether words begin with a person's name of two to five words."""
    parts = words.split()
    return any(is_person_name(" ".join(parts[:count])) for count in range(2, min(len(parts), 5) + 1))


def holds_persons(texts: Iterable[tuple[int, int, str]], is_unit: Callable[[str], bool]) -> bool:
    """Whether a sheet has a column of persons' names, or an identity number anywhere.

    `texts` are its cells with row and column. `is_unit` says of a text whether it names an administrative unit:
    many are named after persons.
    """
    names: dict[int, set[str]] = defaultdict(set)
    for _, column, text in texts:
        if not 5 <= len(text) <= 80:
            continue
        if text[0] == "0" and is_identity_number(text):
            return True
        if is_person_name(text):
            names[column].add(text)
    return any(
        len(found) >= _LEAST_NAMES and len({fold(name) for name in found if not is_unit(name)}) >= _LEAST_NAMES
        for found in names.values()
    )


@lru_cache(maxsize=2)
def unit_keys(catalogue: Catalogue) -> frozenset[str]:
    """The names of all administrative units there ever were, with and without their kind, made comparable."""
    return frozenset(key for unit in catalogue.units.values() for key in (fold(unit.name), unit_name_key(unit.name)))


def names_unit(text: str, catalogue: Catalogue) -> bool:
    """Whether a text is nothing but the name of an administrative unit."""
    return fold(text) in unit_keys(catalogue) or unit_name_key(text) in unit_keys(catalogue)


# Sheets' names


def shown_name(name: str, number: int, harmless_words: Collection[str], catalogue: Catalogue) -> str:
    """A sheet's name if it can't be a person's, else its number: `#3`.

    Harmless are numbers of up to four digits, the given words, and names of administrative units.
    """
    words = re.findall(r"[a-z]+|\d+", fold(name))
    while words and words[-1].isdecimal() and len(words[-1]) <= 4:
        del words[-1]
    while words and not names_unit(" ".join(words), catalogue):
        if words[0] not in harmless_words and not (words[0].isdecimal() and len(words[0]) <= 4):
            return f"#{number}"
        del words[0]
    # Harmless words may be somebody's name as well, "Mai Lan" for example.
    is_name = not words and is_person_name(name) and not fold(name).startswith("danh sach")
    return f"#{number}" if is_name else name


# Documents


def without_personal_numbers(read: ReadFile, name: str) -> ReadFile:
    """What was read from prose, less what looks like identity, telephone and account numbers.

    Three such numbers make the document a list of persons, which is refused.
    """
    places: dict[str, str] = {}
    values: set[Decimal] = set()
    for submission in read.submissions:
        kept: list[Observation] = []
        for observation in submission.observations:
            match = _PLAIN_NUMBER.search(observation.raw)
            if match is None:
                kept.append(observation)
            else:
                places.setdefault(match[0], observation.ref)
                values.add(abs(observation.value))
        submission.observations = kept
        submission.findings = [f for f in submission.findings if not _tells(f, places, values)]
    read.findings = [f for f in read.findings if not _tells(f, places, values)]
    if not places:
        return read
    first, *more = list(dict.fromkeys(places.values()))[:100]
    if len(places) >= _LEAST_NUMBERS:
        return ReadFile(findings=[finding("LST-013", first, refs=tuple(more), name=name)])
    read.findings.append(finding("LST-014", first, refs=tuple(more), count=len(places)))
    return read


def _tells(found: Finding, numbers: Collection[str], values: Collection[Decimal]) -> bool:
    """Whether a finding shows one of the numbers."""
    shown = [number for number in (found.lhs, found.rhs, found.difference) if number is not None]
    return any(abs(number) in values for number in shown) or any(
        number in text for number in numbers for text in (found.message_vi, found.message_en)
    )
