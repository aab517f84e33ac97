"""What a report contains and how it speaks: YAML in `catalogue/reports`, checked against these schemas.

`<report_code>.yml` names indicators, sentences, tables and charts; `wording.yml` holds the phrases
and units that all reports share. Which department answers for what, by date, is said by the catalogue.
Sentences are templates with `{slots}`; a slot that does not exist is refused when the file is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingest.core.catalogue import Agency as Department
from ingest.core.catalogue import Catalogue, load_catalogue
from ingest.core.catalogue_files import REPORTS
from ingest.core.model import parse_breakdown
from ingest.core.periods import PeriodKind

# Who answers for this subject puts those of all departments into one report.
_CONSOLIDATING = "administration"

# What any sentence may name besides its own clauses.
COMMON_SLOTS = frozenset({"period", "compared_with", "province", "province_kind", "units_word"})
FIGURE_SLOTS = COMMON_SLOTS | {"name", "value", "change", "target"}


# What a spreadsheet takes as a sheet's name.
SheetName = Annotated[str, Field(min_length=1, max_length=31, pattern=r"^[^\[\]:*?/\\']+$")]


class DefinitionError(ValueError):
    """A definition file is wrong; the message names the file, the place and what is expected."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FigureRef(_Strict):
    """An indicator, whole or for one category (`channel=labour_export`)."""

    indicator: str
    breakdown: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Indicator and breakdown, as `publish.model.Figure.key`."""
        return self.indicator, self.breakdown


class Clause(FigureRef):
    """A part of a sentence that rests on a second figure and disappears where that is absent."""

    text: str
    noun: str = ""

    @model_validator(mode="after")
    def _slots_exist(self) -> Clause:
        _require_slots(self.text, FIGURE_SLOTS)
        return self


class Sentence(FigureRef):
    """A sentence about one figure.

    `text` may name the figure's own slots and those of `clauses`. `noun` replaces the unit's word
    ("lao động" for "người"). `parts` names a code list: the sentence then enumerates the figures of
    its categories in the slot `{parts}`, and nothing else.
    """

    text: str
    noun: str = ""
    parts: str = ""
    clauses: dict[str, Clause] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _slots_exist(self) -> Sentence:
        _require_slots(self.text, COMMON_SLOTS | {"parts"} if self.parts else FIGURE_SLOTS | self.clauses.keys())
        if self.parts and (self.breakdown or self.clauses):
            raise ValueError(f"{self.indicator}: a sentence with parts has neither breakdown nor clauses")
        return self


class Column(FigureRef):
    """A column of a table by unit. `show` is this period's value, that of the year before, or the change."""

    title: str = ""
    show: Literal["value", "prior", "change"] = "value"


class Table(_Strict):
    """A table with a row for each unit and the province at the bottom."""

    title: str
    columns: list[Column] = Field(min_length=1, max_length=8)

    @model_validator(mode="after")
    def _slots_exist(self) -> Table:
        _require_slots(self.title, COMMON_SLOTS)
        return self


class Chart(FigureRef):
    """Bars: `by: unit` compares the units, otherwise `by` names the code list whose categories are drawn."""

    title: str
    by: str = "unit"
    is_with_prior: bool = True

    @model_validator(mode="after")
    def _slots_exist(self) -> Chart:
        _require_slots(self.title, COMMON_SLOTS)
        return self


class HeadlineFigure(FigureRef):
    """A row at the report's head; `title` replaces the catalogue's name."""

    title: str = ""


class Section(_Strict):
    """A field of work; `sheet_name` is its sheet in the workbook.

    With `is_rest_told` every indicator of its domains that no sentence names gets a plain sentence,
    so that an indicator that is new in the marts appears in the report by itself; those in
    `workbook_only` do not.
    """

    title: str
    sheet_name: SheetName
    domains: tuple[str, ...] = Field(min_length=1)
    sentences: list[Sentence] = Field(default_factory=list)
    tables: list[Table] = Field(default_factory=list)
    charts: list[Chart] = Field(default_factory=list)
    is_rest_told: bool = True
    workbook_only: tuple[str, ...] = ()


class Agency(_Strict):
    """A department, in the half-open interval from `valid_from` to `valid_to`.

    `is_consolidating` marks who owes this report, `letterhead` are the lines of its name at the head of a letter. An
    edition keeps it as it was, whatever the catalogue says later.
    """

    name: str
    symbol: str
    letterhead: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    is_consolidating: bool = False
    valid_from: date = date.min
    valid_to: date = date.max


class UnitWords(_Strict):
    """How values of a unit of measure are written: in prose with `noun`, in tables under `column`."""

    kind: Literal["count", "money", "rate", "points"] = "count"
    noun: str
    column: str


class PartName(_Strict):
    """A category's name inside an enumeration, where the catalogue's is too long for a sentence."""

    list: str
    code: str
    name: str


class Sheets(_Strict):
    """The names of the workbook's sheets besides those of the sections."""

    summary: SheetName
    figures: SheetName
    completeness: SheetName
    findings: SheetName
    sources: SheetName
    revisions: SheetName


class Wording(_Strict):
    """The phrases that all reports share."""

    compared_with: dict[PeriodKind, str] = Field(min_length=5)
    units: dict[str, UnitWords]
    part_names: list[PartName]
    phrases: dict[str, str]
    frame: dict[str, str]
    sheets: Sheets
    labels: dict[str, str]
    states: dict[str, str]
    statuses: dict[str, str]
    severities: dict[str, str]
    aspects: dict[str, str]

    @model_validator(mode="after")
    def _phrases_are_known(self) -> Wording:
        missing = PHRASES.keys() - self.phrases.keys()
        unknown = self.phrases.keys() - PHRASES.keys()
        if missing or unknown:
            raise ValueError(f"phrases missing: {sorted(missing)}; unknown: {sorted(unknown)}")
        for name, text in self.phrases.items():
            _require_slots(text, PHRASES[name])
        if self.frame.keys() != FRAME.keys():
            raise ValueError(f"frame has {sorted(self.frame)}; expected {sorted(FRAME)}")
        for name, text in self.frame.items():
            _require_slots(text, FRAME[name])
        for text in self.labels.values():
            _require_slots(text, COMMON_SLOTS)
        for text in self.compared_with.values():
            _require_slots(text, {"prior_year"})
        return self


# The phrases a report needs, each with the slots it may name.
PHRASES: dict[str, frozenset[str]] = {
    "rise": frozenset({"amount", "share", "compared_with"}),
    "fall": frozenset({"amount", "share", "compared_with"}),
    "same": frozenset({"compared_with"}),
    "hardly_changed": frozenset({"compared_with"}),
    "share": frozenset({"pct"}),
    "target_met": frozenset({"target", "issuer"}),
    "target_exceeded": frozenset({"target", "issuer"}),
    "target_exceeded_by": frozenset({"target", "issuer", "pct"}),
    "target_missed": frozenset({"target", "issuer"}),
    "target_missed_by": frozenset({"target", "issuer", "pct"}),
    "target_unjudged": frozenset({"target", "issuer"}),
    "target_issuer": frozenset({"issuer"}),
    "judged_met": frozenset(),
    "judged_exceeded": frozenset(),
    "judged_missed": frozenset(),
    "zero": COMMON_SLOTS | {"name"},
    "plain": FIGURE_SLOTS,
    "part": frozenset({"name", "value"}),
    "parts_only": frozenset({"name", "parts"}),
    "parts_only_item": frozenset({"name", "value"}),
    "parts_only_incomplete": frozenset({"name"}),
    "part_incomplete": frozenset({"name"}),
    "incomplete": COMMON_SLOTS | {"names", "reported", "expected", "missing", "partial"},
    "incomplete_missing": frozenset({"missing"}),
    "incomplete_partial": frozenset({"partials"}),
    "incomplete_partial_item": frozenset({"name", "value"}),
    "not_computable": COMMON_SLOTS | {"names"},
    "untotalled": COMMON_SLOTS | {"items"},
    "untotalled_item": frozenset({"name", "reported", "expected"}),
    "incomplete_cell": frozenset({"reported", "expected"}),
    "absent": COMMON_SLOTS | {"names"},
    "absent_cell": frozenset(),
    "others": frozenset({"count"}),
    "dues": COMMON_SLOTS | {"accepted", "expected"},
    "dues_missing": frozenset({"forms", "units"}),
    "dues_none": frozenset({"forms"}),
    "dues_all": frozenset(),
    "contradictions": frozenset({"count", "annex"}),
    "contradictions_none": frozenset(),
    "contradictions_rest": frozenset({"count"}),
    "findings_rest": frozenset({"count"}),
    "revisions_rest": frozenset({"count"}),
    "revised": frozenset({"edition", "count", "annex"}),
    "edition": frozenset({"edition", "data_on"}),
    "basis_note": frozenset(),
}


# The texts of the document's frame, each with the slots it may name.
FRAME: dict[str, frozenset[str]] = {
    "country": frozenset(),
    "motto": frozenset(),
    "parent_agency": COMMON_SLOTS,
    "number": frozenset({"symbol"}),
    "place_and_day": COMMON_SLOTS,
    "heading_figures": frozenset(),
    "heading_sections": frozenset(),
    "heading_quality": frozenset(),
    "headline_sentence": COMMON_SLOTS | {"table"},
    "headline_table": COMMON_SLOTS,
    "target_issuers": frozenset({"issuers"}),
    "table": frozenset({"number"}),
    "chart": frozenset({"number"}),
    "domain_owner": frozenset({"agency"}),
    "annex": frozenset({"number"}),
    "annex_note": frozenset({"symbol", "agency"}),
    "recipients": frozenset(),
    "archive": frozenset(),
}


class ReportDefinition(_Strict):
    """One report: a mart's grain, a title, what stands at its head, and its sections."""

    report_code: str
    grain: Literal["year", "quarter"]
    title: str
    subject: str
    introduction: str
    headline: list[HeadlineFigure] = Field(min_length=1)
    sections: list[Section] = Field(min_length=1)
    recipients: list[str]
    signatory: str
    annex_max_rows: int = Field(default=60, gt=0)
    wording: Wording
    agencies: list[Agency]

    @model_validator(mode="after")
    def _is_whole(self) -> ReportDefinition:
        for text in (self.title, self.subject, self.introduction):
            _require_slots(text, COMMON_SLOTS)
        domains = [domain for section in self.sections for domain in section.domains]
        if len(domains) != len(set(domains)):
            raise ValueError("a domain stands in two sections")
        names = [section.sheet_name.casefold() for section in self.sections]
        names += [name.casefold() for name in self.wording.sheets.model_dump().values()]
        if len(names) != len(set(names)):
            raise ValueError("two sheets have the same name")
        return self

    def consolidating_agency(self, day: date) -> Agency:
        """The department that owes the province this report on a day.

        Raises:
            DefinitionError: the catalogue names none for that day.
        """
        for agency in self.agencies:
            if agency.is_consolidating and agency.valid_from <= day < agency.valid_to:
                return agency
        raise DefinitionError(f"responsibilities.csv names no department for {_CONSOLIDATING!r} on {day}")

    def responsible_agency(self, domain: str, day: date) -> Agency | None:
        """The department that answers for a domain on a day, if the catalogue names one."""
        return next(
            (a for a in self.agencies if domain in a.domains and a.valid_from <= day < a.valid_to),
            None,
        )


def load_definition(report_code: str, folder: Path = REPORTS, catalogue: Catalogue | None = None) -> ReportDefinition:
    """Reads a report's definition with the wording, and the departments of the catalogue, against which it is checked.

    Raises:
        DefinitionError: there is no such report, a field is missing or unknown, a template names a
            slot that does not exist, or an indicator, code or domain is not in the catalogue.
    """
    path = folder / f"{report_code}.yml"
    if path.parent != folder or not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("provincial_*.yml")))
        raise DefinitionError(f"there is no report {report_code!r}; there are: {known}")
    catalogue = catalogue or load_catalogue()
    parts = {**_read(path), "wording": _read(folder / "wording.yml"), "agencies": _agencies(catalogue)}
    try:
        definition = ReportDefinition.model_validate(parts)
    except ValidationError as error:
        raise DefinitionError(f"{path.name}: {error}") from error
    problems = list(_unknown_to(catalogue, definition))
    if problems:
        raise DefinitionError(f"{path.name}: " + "; ".join(problems))
    return definition


def _agencies(catalogue: Catalogue) -> list[Agency]:
    """The departments that answer for whole subjects, each interval of theirs for itself."""
    domains: dict[tuple[Department, date, date], list[str]] = {}
    for one in catalogue.responsibilities:
        if not one.indicator_prefix:
            domains.setdefault((one.agency, one.valid_from, one.valid_to), []).append(one.domain)
    return [
        Agency(
            name=agency.name_vi,
            symbol=agency.symbol,
            letterhead=agency.letterhead,
            domains=tuple(of),
            is_consolidating=_CONSOLIDATING in of,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        for (agency, valid_from, valid_to), of in domains.items()
    ]


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise DefinitionError(f"{path.name} is not YAML: {error}") from error


def _unknown_to(catalogue: Catalogue, definition: ReportDefinition) -> Iterable[str]:
    """What the definition names and the catalogue does not hold, one text each."""
    refs: list[FigureRef] = list(definition.headline)
    lists: list[str] = []
    for section in definition.sections:
        yield from (f"no domain {d!r}" for d in section.domains if d not in catalogue.code_lists["domain"])
        for sentence in section.sentences:
            refs += [sentence, *sentence.clauses.values()]
            lists += [sentence.parts] if sentence.parts else []
        refs += [column for table in section.tables for column in table.columns]
        refs += section.charts
        refs += [FigureRef(indicator=code) for code in section.workbook_only]
        lists += [chart.by for chart in section.charts if chart.by != "unit"]
    yield from (f"no code list {name!r}" for name in lists if name not in catalogue.code_lists)
    for ref in refs:
        if ref.indicator not in catalogue.indicators:
            yield f"no indicator {ref.indicator!r}"
        for name, code in parse_breakdown(ref.breakdown).items():
            if code not in catalogue.code_lists.get(name, {}):
                yield f"{ref.indicator}: no category {name}={code}"
    for part in definition.wording.part_names:
        if part.code not in catalogue.code_lists.get(part.list, {}):
            yield f"wording.yml: no category {part.list}={part.code}"
    for unit in definition.wording.units:
        if unit not in catalogue.code_lists["unit"]:
            yield f"wording.yml: no unit of measure {unit!r}"


def _require_slots(text: str, allowed: Iterable[str]) -> None:
    """Refuses a template with a slot that nothing fills.

    Raises:
        ValueError: names the slot and what there is.
    """
    allowed = frozenset(allowed)
    try:
        named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from error
    if unknown := named - allowed:
        raise ValueError(f"{text!r} names {sorted(unknown)}; there is {sorted(allowed)}")
