"""What an answer says around its findings: headlines, what to do, until when, whom to ask."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import yaml

from ingest.core.catalogue import Catalogue
from ingest.core.catalogue_files import RULES
from ingest.core.model import Finding, ReadFile, ReadSubmission
from ingest.core.period_labels import period_label
from ingest.core.periods import InvalidPeriodError, parse_period
from ingest.forms import load_forms

_ORDER = {"error": 0, "warning": 1, "info": 2}


@lru_cache(maxsize=1)
def answer_texts() -> dict[str, Any]:
    """The texts by name (`catalogue/rules/answer_texts.yml`)."""
    path = RULES / "answer_texts.yml"
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # type: ignore[no-any-return]


def by_severity(findings: Sequence[Finding]) -> list[Finding]:
    """Errors first; of one severity as they were found."""
    return sorted(findings, key=lambda one: _ORDER[one.severity])


def headline(submission: ReadSubmission, catalogue: Catalogue) -> str:
    """What became of a submission, in one line."""
    form = load_forms().get(submission.form_code)
    unit = catalogue.units.get(submission.reporting_unit_id)
    count = {one: sum(f.severity == one for f in submission.findings) for one in _ORDER}
    key = "rejected" if not submission.is_acceptable else "accepted_with_notes" if count["warning"] else "accepted"
    return str(answer_texts()[key]).format(
        form=form.head.name_vi if form else submission.form_code,
        unit=unit.name if unit else submission.reporting_unit_id,
        period=_period_name(submission.period),
        count=len(submission.observations),
        errors=count["error"],
        notes=count["warning"],
    )


def receiver(submission: ReadSubmission, catalogue: Catalogue) -> str:
    """The department whose subject a submission is, in its period; empty where it is not told."""
    form = load_forms().get(submission.form_code)
    agency = catalogue.agency_of(form.head.domain, parse_period(submission.period).last_day) if form else None
    return str(answer_texts()["receiver"]).format(vi=agency.name_vi, en=agency.name_en) if agency else ""


def _period_name(code: str) -> str:
    try:
        return period_label(parse_period(code))
    except InvalidPeriodError:
        return code


def introduction(result: ReadFile, name: str, catalogue: Catalogue, *, is_report: bool = False) -> list[str]:
    """The lines above the findings."""
    texts = answer_texts()
    lines = [texts["file"].format(name=name)]
    lines += [headline(one, catalogue) for one in result.submissions] or [texts["unusable"]]
    lines += dict.fromkeys(filter(None, (receiver(one, catalogue) for one in result.submissions)))
    findings = result.all_findings
    if any(one.severity in ("error", "warning") for one in findings):
        lines.append(texts["what_to_do_report" if is_report else "what_to_do"])
    if any(one.severity == "error" for one in findings):
        lines += [_until(result), texts["ask"]]
    return lines


def _until(result: ReadFile) -> str:
    texts = answer_texts()
    for submission in result.submissions:
        form = load_forms().get(submission.form_code)
        try:
            day = form.due_on(parse_period(submission.period)) if form is not None else None
        except InvalidPeriodError:
            day = None
        if day is not None:
            return str(texts["until"].format(day=f"{day:%d/%m/%Y}"))
    return str(texts["until_unknown"])
