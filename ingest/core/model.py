"""The words of the system as plain values.

Everything between a file and the database speaks in these types: readers return a
`ReadFile`, checks add `Finding`s, loading writes `Observation`s. They hold no behaviour
beyond what keeps them well formed, so that each stage can be looked at alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, Protocol

Severity = Literal["error", "warning", "info"]
Accumulation = Literal["point", "period", "since_january"]
Status = Literal["preliminary", "official"]
SourceKind = Literal["form", "list", "report"]


def breakdown_key(categories: Mapping[str, str]) -> str:
    """Writes categories in the one canonical way: `key=value; key=value`, sorted by key."""
    return "; ".join(f"{key}={categories[key]}" for key in sorted(categories))


def parse_breakdown(text: str) -> dict[str, str]:
    """Reads what `breakdown_key` writes. An empty text is the whole: no categories."""
    pairs = (part.split("=", 1) for part in text.split(";") if part.strip())
    return {key.strip(): value.strip() for key, value in pairs}


class Observation(NamedTuple):
    """One value and its place in the file.

    `value` is in the catalogue's unit of measure (money in dong, a percentage as 8.49).
    `unit_id` is whom the value is about; who says it stands on the submission.
    `indicator_code` is empty for a number in prose that was found but not recognised.
    `ref` is the place: `Sheet!C7`, `L53:12-30`, `P12:5-9`, `T2!B3`, `N4:5-9`, `p3L14:5-9`,
    `row 812`; `refs` are further places that state the same value.
    """

    ref: str
    raw: str
    value: Decimal
    unit_of_measure: str
    indicator_code: str
    unit_id: str
    period: str
    breakdown: str = ""
    measure: str = "actual"
    qualifier: str = "exact"
    accumulation: Accumulation = "period"
    status: Status = "official"
    as_of: date | None = None
    issuer: str = ""
    confidence: float = 1.0
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw: what, where, what was expected and how to mend it, in two languages.

    `rule_id` is permanent (see `catalogue/rules/findings.yml` and each form's `rules.yml`).
    `lhs`, `rhs` and `difference` are filled where two numbers were compared. `ref` is the place to mend, `refs` are
    the others that were compared; `also` are further rules that the same mistake breaks, and `right` is the only
    value that would fit, where there is one.
    """

    rule_id: str
    severity: Severity
    ref: str
    message_vi: str
    message_en: str
    refs: tuple[str, ...] = ()
    lhs: Decimal | None = None
    rhs: Decimal | None = None
    difference: Decimal | None = None
    also: tuple[str, ...] = ()
    right: Decimal | None = None


class LineBlocks(Protocol):
    """The lines of a payment list for `staging.payment_line`, under pseudonyms (`payment_list/line_columns.py`)."""

    count: int

    def blocks(self, submission_id: int) -> Iterator[bytes]:
        """The rows of a submission in Postgres' text format, in blocks."""
        ...


@dataclass(slots=True)
class ReadSubmission:
    """What one unit says for one form and period, as read from one file.

    `part` tells several submissions of one file apart (a sheet's name, or "" for the only one).
    `is_nil` marks an explicit nil return: the unit states that it has nothing to report.
    `checks_passed` are the ids of the rules that were applied and held. A payment list has `payment_lines`
    beside the observations that they add up to. `read_with` is what beside the reader's version decided how it
    was read: confirmed wordings and a person's answers.
    """

    form_code: str
    form_version: str
    source_kind: SourceKind
    reporting_unit_id: str
    period: str
    status: Status = "official"
    part: str = ""
    is_nil: bool = False
    observations: list[Observation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    checks_passed: list[str] = field(default_factory=list)
    payment_lines: LineBlocks | None = None
    read_with: str = ""

    @property
    def is_acceptable(self) -> bool:
        """Whether no finding is an error."""
        return not any(finding.severity == "error" for finding in self.findings)


@dataclass(slots=True)
class ReadFile:
    """What a reader made of one file: its submissions, and findings that concern the whole file.

    `unplaced` are values of a file that is no submission because it does not say whose or of when they are: shown
    to whoever asks what is in the file, loaded nowhere.
    """

    submissions: list[ReadSubmission] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unplaced: list[Observation] = field(default_factory=list)

    @property
    def all_findings(self) -> list[Finding]:
        """The file's own findings followed by those of its submissions."""
        return [*self.findings, *(f for s in self.submissions for f in s.findings)]
