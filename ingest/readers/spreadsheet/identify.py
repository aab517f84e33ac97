"""Whose workbook it is: form, unit and period from the hidden sheet, the titles, the folder it lay in.

In that order; the first source that says something decides, and a later one that says something else is
a finding. A file's own name decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from ingest.core.catalogue import Catalogue, Level, Unit, unit_name_key
from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.core.period_labels import find_periods
from ingest.core.periods import InvalidPeriodError, Period, parse_period
from ingest.core.text import fold
from ingest.forms.schema import Form
from ingest.readers.spreadsheet.announced import up_to
from ingest.readers.spreadsheet.cells import cell_text, folded, load_vocabulary
from ingest.readers.spreadsheet.open_book import Book, Sheet
from runtime.settings import load_settings

HIDDEN_HEADINGS = ("form_code", "form_version", "unit_code", "period", "table", "sheet")

_UNIT_LABEL = re.compile(r"^(?:ten )?(?:don vi|dia phuong|dia ban)(?: bao cao| gui)?\s*(?::\s*(?P<name>.*)|$)")
_PERIOD_LABEL = re.compile(r"^ky(?: bao cao| so lieu)?\s*(?::|$)")
_KIND = re.compile(
    r"\b(?P<kind>tinh|huyen|thi xa|thanh pho|tp\.?|quan|xa|phuong|thi tran|tt\.|dac khu)"
    r"\s*[:\s]\s*(?P<name>[a-z][a-z' -]*)"
)
_LEVELS: Mapping[str, tuple[Level, ...]] = {
    "tinh": ("province",), "huyen": ("district",), "thi xa": ("district",), "quan": ("district",),
    "thanh pho": ("district", "province"), "tp": ("district", "province"),
    "xa": ("commune",), "phuong": ("commune",), "thi tran": ("commune",), "tt": ("commune",), "dac khu": ("commune",),
}  # fmt: skip
_LONGEST_NAME = 5


@dataclass(frozen=True, slots=True)
class HiddenEntry:
    """A line of the hidden sheet that a template carries."""

    form_code: str
    form_version: str
    unit_code: str
    period: str
    table: str
    sheet: str


@dataclass
class Stated:
    """What one source says about unit and period; free text may name several of each.

    Names of units wait as texts until the period is known: names and codes change hands. `texts` are all texts
    that were looked at, each after its place.
    """

    periods: list[Period] = field(default_factory=list)
    labelled_periods: list[Period] = field(default_factory=list)
    unit_texts: list[str] = field(default_factory=list)
    labelled_unit_texts: list[str] = field(default_factory=list)
    unit_codes: list[str] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    ref: str = ""

    def units(self, day: date, catalogue: Catalogue) -> list[Unit]:
        """The units named in passing, or by code, on a day."""
        named = [unit for text in self.unit_texts for unit in units_in(text, day, catalogue)]
        coded = [unit for code in self.unit_codes if (unit := catalogue.unit_by_code(code, day)) is not None]
        return list(dict.fromkeys((*named, *coded)))

    def labelled_units(self, day: date, catalogue: Catalogue) -> list[Unit]:
        """The units named after a label such as "Đơn vị báo cáo:" on a day."""
        found: list[Unit] = []
        for text in self.labelled_unit_texts:
            # "Huyện Đắk Mil" is no commune of that name: only a name without its kind may be any unit's.
            of_any_kind = () if _KIND.search(text) else tuple(catalogue.units_named(text, day))
            found += units_in(text, day, catalogue) or of_any_kind
        return list(dict.fromkeys(found))

    def add(self, other: Stated) -> None:
        """Takes in what another place of the same book says."""
        self.periods += [period for period in other.periods if period not in self.periods]
        self.labelled_periods += [p for p in other.labelled_periods if p not in self.labelled_periods]
        self.unit_texts += other.unit_texts
        self.labelled_unit_texts += other.labelled_unit_texts
        self.texts += [text for text in other.texts if text not in self.texts]


def read_hidden(book: Book) -> tuple[list[HiddenEntry], Sheet | None]:
    """The entries of the hidden sheet and the sheet itself, known by its headings whatever its name."""
    for sheet in book.sheets:
        first = tuple(cell_text(value) for value in sheet.rows[0][: len(HIDDEN_HEADINGS)]) if sheet.rows else ()
        if first == HIDDEN_HEADINGS:
            entries = []
            for row in sheet.rows[1:200]:
                texts = [cell_text(value) for value in row[: len(HIDDEN_HEADINGS)]]
                if len(texts) == len(HIDDEN_HEADINGS) and texts[0]:
                    entries.append(HiddenEntry(*texts))
            return entries, sheet
    return [], None


def read_titles(sheet: Sheet, first_row: int, last_row: int) -> Stated:
    """What the texts between two rows say, labelled lines apart from names in passing."""
    stated = Stated()
    for row, column, text in _texts_between(sheet, first_row, last_row):
        if not 3 <= len(text) <= 400:
            continue
        title = _read_title(text)
        stated.texts.append((sheet.ref(row, column), text))
        # A label may stand in a cell of its own, before what it is the label of.
        following = ""
        if title.unit_label is not None or title.is_period_label:
            following = next((beside for other in sheet.rows[row][column + 1 :] if (beside := cell_text(other))), "")
        found = title.periods or (find_periods(following) if title.is_period_label else ())
        target = stated.labelled_periods if title.is_period_label else stated.periods
        target += [period for period in found if period not in target]
        if title.unit_label is not None:
            stated.labelled_unit_texts.append(title.unit_label or folded(following))
        elif title.names_kind:
            stated.unit_texts.append(title.plain)
        stated.ref = stated.ref or sheet.ref(row, column)
    return stated


def read_notes(sheet: Sheet, first_row: int, last_row: int) -> list[tuple[str, str]]:
    """The texts between two rows that may say up to which day figures count, each after its place."""
    texts = _texts_between(sheet, first_row, last_row)
    return [(sheet.ref(row, column), text) for row, column, text in texts if up_to(text) is not None]


def _texts_between(sheet: Sheet, first_row: int, last_row: int) -> Iterator[tuple[int, int, str]]:
    """The texts of some rows with row and column; `last_row` is not among them."""
    for cell in sheet.texts():
        if cell[0] >= last_row:
            return
        if cell[0] >= first_row:
            yield cell


class _Title(NamedTuple):
    """What a text above a table says by itself; `unit_label` is the name behind "Đơn vị báo cáo:", may be empty."""

    plain: str
    is_period_label: bool
    periods: Sequence[Period]
    unit_label: str | None
    names_kind: bool


@lru_cache(maxsize=8_192)
def _read_title(text: str) -> _Title:
    plain = folded(text)
    label = _UNIT_LABEL.match(plain)
    return _Title(
        plain,
        _PERIOD_LABEL.match(plain) is not None,
        find_periods(plain),
        (label["name"] or "") if label is not None else None,
        _KIND.search(plain) is not None,
    )


@lru_cache(maxsize=16_384)
def units_in(plain: str, day: date, catalogue: Catalogue) -> tuple[Unit, ...]:
    """The units whose kind and name stand in a folded text, the longest name that there is."""
    found: list[Unit] = []
    for match in _KIND.finditer(plain):
        words = match["name"].replace("-", " - ").split()
        for count in range(min(len(words), _LONGEST_NAME), 0, -1):
            name = " ".join(words[:count])
            # "Thành phố Huế" was a district and is a province: all that bear the name are candidates.
            levels = _LEVELS[match["kind"].rstrip(".")]
            units = [unit for level in levels for unit in catalogue.units_named(name, day, level)]
            if units:
                found += units
                break
    return tuple(found)


def units_gone(texts: Iterable[str], day: date, catalogue: Catalogue) -> list[tuple[str, Unit]]:
    """The units that folded texts name with their kind and that are no more on a day, each as it is written.

    Not those that are said to be former ones ("huyện Đắk Mil cũ").
    """
    return [gone for text in texts for gone in _units_gone_in(text, day, catalogue)]


@lru_cache(maxsize=4_096)
def _units_gone_in(text: str, day: date, catalogue: Catalogue) -> tuple[tuple[str, Unit], ...]:
    found: list[tuple[str, Unit]] = []
    if not _SAID_TO_BE_FORMER.search(text):
        for match in _KIND.finditer(text):
            words = match["name"].replace("-", " - ").split()
            levels = _LEVELS[match["kind"].rstrip(".")]
            for count in range(min(len(words), _LONGEST_NAME), 0, -1):
                name = " ".join(words[:count])
                bearers = [unit for unit in _all_named(unit_name_key(name), catalogue) if unit.level in levels]
                if not bearers:
                    continue
                is_former = words[count : count + 1] == ["cu"] or any(unit.is_valid_on(day) for unit in bearers)
                # A name with an alias of a present unit is that unit's.
                if not is_former and not any(catalogue.units_named(name, day, level) for level in levels):
                    found.append((f"{match['kind']} {name}", bearers[-1]))
                break
    return tuple(found)


# Who writes: an office, or nothing but a unit. "Biểu do xã thiết kế" names no commune.
_LETTERHEAD = re.compile(
    r"(?:uy ban nhan dan|ubnd|hdnd|phong|so|ban|trung tam|huyen|quan|thi xa|thanh pho|tp|xa|phuong)\b"
)
_SAID_TO_BE_FORMER = re.compile(r"\b(?:truoc day|nguyen la|sap nhap|hop nhat|sau khi sap xep)\b")


@lru_cache(maxsize=4_096)
def _all_named(key: str, catalogue: Catalogue) -> tuple[Unit, ...]:
    return _units_by_key(catalogue).get(key, ())


@lru_cache(maxsize=2)
def _units_by_key(catalogue: Catalogue) -> Mapping[str, tuple[Unit, ...]]:
    found: dict[str, tuple[Unit, ...]] = {}
    for unit in catalogue.units.values():
        key = unit_name_key(unit.name)
        found[key] = (*found.get(key, ()), unit)
    return found


@lru_cache(maxsize=64)
def home_provinces(day: date, catalogue: Catalogue) -> frozenset[str]:
    """The codes on a day of the province that this installation serves, and of those that became part of it."""
    code = load_settings().province
    today = [unit for unit in catalogue.units.values() if unit.level == "province" and unit.code == code]
    last = max((unit.valid_from for unit in today), default=day)
    found = {code}
    for unit in catalogue.units.values():
        is_earlier = unit.level == "province" and unit.is_valid_on(day) and day < last
        if is_earlier and any(heir.code == code for heir in catalogue.successors_of(unit, last)):
            found.add(unit.code)
    return frozenset(found)


def read_path(path_hint: str) -> Stated:
    """Codes of units and periods that are names of folders of a path; a file's own name is not looked at."""
    return _read_folders(path_hint.replace("\\", "/").rpartition("/")[0])


@lru_cache(maxsize=256)
def _read_folders(path: str) -> Stated:
    stated = Stated()
    for folder in PurePosixPath(path).parts:
        for token in re.split(r"[\s_]+", folder):
            # Two digits below a year are a month of it, no province.
            if re.fullmatch(r"\d{5}|\d{3}", token) or (re.fullmatch(r"\d{2}", token) and not stated.periods):
                stated.unit_codes.append(token)
            try:
                period = parse_period(token.upper())
            except InvalidPeriodError:
                continue
            if period not in stated.periods:
                stated.periods.append(period)
    return stated


def path_contradictions(period: Period, unit: Unit, path: Stated, where: str, catalogue: Catalogue) -> list[Finding]:
    """Where the folders that a file lay in name another unit or period than the form itself.

    A folder of a unit above the reporting one, or of a longer or shorter period, contradicts nothing.
    """
    findings = []
    periods = [p for p in path.periods if p.contains(period) or period.contains(p)]
    if path.periods and not periods:
        named = ", ".join(p.code for p in path.periods)
        findings.append(finding("FORM-011", where, what="period", what_vi="kỳ báo cáo", path=named, title=period.code))
    units = path.units(period.last_day, catalogue)
    above = _and_above(unit, period.last_day, catalogue)
    # The deepest folder counts: a commune's folder lies in its district's.
    if units and units[-1] not in above:
        findings.append(finding("FORM-011", where, what="unit", what_vi="đơn vị", path=units[-1].name, title=unit.name))
    return findings


def _and_above(unit: Unit, day: date, catalogue: Catalogue) -> list[Unit]:
    found: list[Unit] = []
    current: Unit | None = unit
    while current is not None:
        found.append(current)
        current = catalogue.parent_of(current, day)
    return found


def choose_period(
    form: Form, hidden: Period | None, titles: Sequence[Stated], path: Stated, where: str
) -> tuple[Period | None, list[Finding]]:
    """The period of a form's submission, and a finding when there is none or sources contradict.

    `titles` are what stands above the table itself and then what stands above others of the form; the
    first that names a period counts, a labelled line before names in passing.
    """
    named_periods = [periods for one in titles for periods in (one.labelled_periods, one.periods)]
    said = next((fitting for periods in named_periods if (fitting := _fitting(form, periods))), [])
    if hidden is not None:
        if said and hidden not in said:
            other = ", ".join(period.code for period in said)
            return hidden, [
                finding("FORM-004", where, what="period", what_vi="kỳ báo cáo", hidden=hidden.code, title=other)
            ]
        return hidden, []
    candidates = said or _fitting(form, path.periods)
    if len(candidates) == 1:
        return candidates[0], []
    others = [period for one in titles for period in (*one.labelled_periods, *one.periods)]
    # A quarter named beside its year: the year is only part of the wording.
    inner = [p for p in candidates if not any(other is not p and p.contains(other) for other in candidates)]
    if len(inner) == 1:
        return inner[0], []
    if not candidates and len(set(others)) > 1:
        # "Quý I, II, III" in a form of years: several periods, none of which is asked for.
        candidates = list(dict.fromkeys(others))
    named = ", ".join(period.code for period in candidates)
    rule = "FORM-009" if candidates else "FORM-003"
    return None, [finding(rule, where, form=form.head.name_vi, named=named)]


def _fitting(form: Form, periods: Iterable[Period]) -> list[Period]:
    return [period for period in periods if period.kind in form.head.frequency]


def choose_unit(
    form: Form, day: date, hidden: Unit | None, titles: Sequence[Stated], path: Stated, where: str, catalogue: Catalogue
) -> tuple[Unit | None, list[Finding]]:
    """The unit that reports, and a finding when there is none or sources contradict."""
    level = form.reporter_on(day)

    def named_units() -> Iterator[list[Unit]]:
        for one in titles:
            yield one.labelled_units(day, catalogue)
            yield one.units(day, catalogue)

    def fitting(units: Sequence[Unit]) -> list[Unit]:
        able = [unit for unit in units if unit.is_valid_on(day) and form.may_come_from(unit.level, day)]
        # A district's title names its province too: whoever owes the form comes first.
        found = [unit for unit in able if unit.level == level] or able
        if len(found) > 1:
            # Of several that bear the name, those that lie in a unit which is named as well.
            mentioned = [unit for units in named_units() for unit in units] + path.units(day, catalogue)
            above = {unit.code for unit in mentioned}
            inside = [unit for unit in found if _lies_in(unit, above, day, catalogue)]
            in_folder = [unit for unit in found if unit in path.units(day, catalogue)]
            # Else those of the province that this installation serves.
            home = home_provinces(day, catalogue)
            at_home = [unit for unit in found if _province_code(unit, day, catalogue) in home]
            found = in_folder or inside or at_home or found
        return found

    said = next((found for units in named_units() if (found := fitting(units))), [])
    gone = _gone(titles, said, day, catalogue, where)
    if hidden is not None:
        if gone:
            return hidden, gone
        if said and hidden not in said:
            other = ", ".join(unit.name for unit in said)
            return hidden, [
                finding("FORM-004", where, what="unit", what_vi="đơn vị báo cáo", hidden=hidden.name, title=other)
            ]
        return hidden, []
    if gone and gone[0].severity == "error":
        return None, gone
    candidates = said or fitting(path.units(day, catalogue))
    if len(candidates) == 1:
        return candidates[0], gone
    named = ", ".join(unit.name for unit in candidates)
    return None, [finding("FORM-002" if not candidates else "FORM-010", where, form=form.head.name_vi, named=named)]


def _gone(titles: Sequence[Stated], said: Sequence[Unit], day: date, catalogue: Catalogue, where: str) -> list[Finding]:
    """Says that a title names a unit that is no more: whose paper it is, or only in passing beside the right one."""
    labelled = next((texts for one in titles if (texts := one.labelled_unit_texts)), [])
    passing = next((texts for one in titles if (texts := one.unit_texts)), [])
    gone = units_gone(labelled, day, catalogue)
    rule = "FORM-033"
    if not gone:
        gone = units_gone((text for text in passing if _LETTERHEAD.match(text)), day, catalogue)
        rule = "FORM-036" if said else "FORM-033"
    if not gone:
        return []
    _, unit = gone[0]
    heirs = ", ".join(heir.name for heir in catalogue.successors_of(unit, day)[:4]) or "-"
    return [finding(rule, where, label=unit.name, period=str(day.year), nearest=heirs)]


def _province_code(unit: Unit, day: date, catalogue: Catalogue) -> str:
    province = catalogue.province_of(unit, day)
    return province.code if province is not None else ""


def _lies_in(unit: Unit, codes: set[str], day: date, catalogue: Catalogue) -> bool:
    current: Unit | None = unit
    while current is not None:
        if current.parent_code in codes:
            return True
        current = catalogue.parent_of(current, day)
    return False


def read_status(sheet: Sheet, first_row: int, last_row: int) -> str | None:
    """`official` or `preliminary` where a cell beside its label, or the title, says so."""
    for _, _, text in _texts_between(sheet, first_row, last_row):
        if status := _status_of(text):
            return status
    return None


@lru_cache(maxsize=8_192)
def _status_of(text: str) -> str:
    plain = fold(text[:100]).removeprefix("tinh trang so lieu").strip(" :")
    return load_vocabulary().status_labels.get(plain, "")


def states_nil(sheet: Sheet, first_row: int, last_row: int) -> bool:
    """Whether a cell says that there is nothing to report."""
    return any(_is_nil(text) for _, _, text in _texts_between(sheet, first_row, last_row))


@lru_cache(maxsize=8_192)
def _is_nil(text: str) -> bool:
    plain = fold(text[:100]).removeprefix("phat sinh trong ky").strip(" :.")
    return plain in load_vocabulary().nil_labels
