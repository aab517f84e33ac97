"""What the words around a table announce about its figures: a plan, an estimate, a part, a day up to which they count.

The words are data (`catalogue/forms/vocabulary.yml`). A form that is about plans says so in its own title; then
the words announce nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

import yaml

from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.core.periods import Period
from ingest.core.text import fold
from ingest.forms.schema import Form
from ingest.readers.spreadsheet.cells import VOCABULARY_FILE, folded

Kind = Literal["plan", "estimate", "supplement"]

# A day so much before a period's end leaves out so large a part of it that the figures are not the period's.
_MOST_LEFT_OUT = 0.25
_LONGEST_TEXT = 400
_SHORTEST_DAY = 6
_DIGIT = re.compile(r"\d")

# Acts that a title rests on: what they are about says nothing of the figures.
_ACTS = re.compile(r"\(?\s*(?:kem theo|can cu|thuc hien|ban hanh kem|theo)\b[^()]*\)?")
_UP_TO = re.compile(
    r"(?:(?:so lieu|ket qua|thoi diem|cap nhat|chot|tinh|luy ke|co)\b[^.;()]{0,30}?\b(?:den|tai)"
    r"|tai(?= thoi diem)|\(?den)"
    r"(?: het)?(?: thoi diem)?(?: cuoi)?(?: ngay)?\s*"
    r"(?:(?P<day>\d{1,2})\s*(?:[/.-]|thang)\s*(?P<month>\d{1,2})|(?:thang|t)\s*(?P<whole>\d{1,2}))"
    r"(?:\s*(?:[/.-]|nam)\s*(?P<year>20\d\d))?"
)


@dataclass(frozen=True)
class _Words:
    words: re.Pattern[str]
    unless: re.Pattern[str] | None


@lru_cache(maxsize=1)
def _announced() -> Mapping[Kind, _Words]:
    raw = yaml.load(VOCABULARY_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["announced"]
    return {
        kind: _Words(_any_of(said["words"]), _any_of(said["unless"]) if said["unless"] else None)
        for kind, said in raw.items()
    }


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted((re.escape(fold(word)) for word in words), key=len, reverse=True)
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(longest_first)})(?![a-z0-9])")


@lru_cache(maxsize=8_192)
def announced_by(text: str) -> frozenset[Kind]:
    """What a text announces about the figures that it stands over."""
    if len(text) > _LONGEST_TEXT:
        return frozenset()
    plain = folded(text)
    found: set[Kind] = set()
    for kind, said in _announced().items():
        if said.words.search(plain) is None:
            continue
        rest = said.unless.sub(" ", plain) if said.unless is not None else plain
        if said.words.search(_ACTS.sub(" ", rest) if kind == "plan" else rest):
            found.add(kind)
    return frozenset(found)


@lru_cache(maxsize=256)
def own_words(form: Form) -> frozenset[Kind]:
    """What a form's own titles say: announced of every submission, it is no news."""
    titles = [form.head.name_vi]
    for version in form.versions:
        for table in (*version.tables, *version.derived_tables):
            titles += [table.title_vi, *table.title_variants]
    return frozenset(kind for title in titles for kind, said in _announced().items() if said.words.search(fold(title)))


@lru_cache(maxsize=8_192)
def up_to(text: str) -> tuple[int | None, int, int] | None:
    """The year (None where it is not said), month and day up to which figures count ("số liệu tính đến 30/6")."""
    if not _SHORTEST_DAY < len(text) <= _LONGEST_TEXT or _DIGIT.search(text) is None:
        return None
    match = _UP_TO.search(folded(text))
    if match is None:
        return None
    month, day = int(match["month"] or match["whole"]), int(match["day"] or 31)
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    return (int(match["year"]) if match["year"] else None), month, day


def announcements(
    texts: Iterable[tuple[str, str]], notes: Iterable[tuple[str, str]], form: Form, period: Period
) -> tuple[set[Kind], list[Finding]]:
    """What the texts above a table announce, and findings where that is not what the form asks for.

    Args:
        texts: the texts above the table, each with its place.
        notes: the texts below it, which may say up to which day the figures count.
        form: the table's form.
        period: the period of the submission.
    """
    found: dict[Kind, str] = {}
    days: dict[tuple[int, int, int], str] = {}
    for is_above, (ref, text) in [*((True, one) for one in texts), *((False, one) for one in notes)]:
        for kind in announced_by(text) if is_above else ():
            found.setdefault(kind, ref)
        if (day := up_to(text)) is not None:
            days.setdefault((day[0] or period.last_day.year, day[1], day[2]), ref)
    said = {kind: ref for kind, ref in found.items() if kind not in own_words(form)}
    findings = [finding(_RULES[kind], ref, form=form.head.name_vi) for kind, ref in said.items()]
    for (year, month, last), ref in days.items():
        findings += _too_early(date(year, month, min(last, 28)), f"{last:02d}/{month:02d}/{year}", ref, period)
    return set(said), findings


_RULES: Mapping[Kind, str] = {"plan": "FORM-030", "estimate": "FORM-034", "supplement": "FORM-031"}


def _too_early(day: date, shown: str, ref: str, period: Period) -> list[Finding]:
    length = (period.last_day - period.first_day).days
    left_out = (period.last_day - day).days
    if left_out <= 3 or day.year > period.last_day.year:
        return []
    rule = "FORM-032" if left_out > _MOST_LEFT_OUT * length else "FORM-037"
    return [finding(rule, ref, day=shown, period=period.code)]
