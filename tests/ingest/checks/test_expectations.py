"""The suite of Great Expectations that every batch passes: what fails, where, and how it is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.checks.expectations import load_expectation_rules, validate_batch
from ingest.checks.plain import check_observations
from ingest.core.catalogue import load_catalogue
from ingest.core.model import Finding, Observation, ReadSubmission, SourceKind


def observation(value: str, ref: str = "Biểu!C7", **changes) -> Observation:
    values = {
        "ref": ref,
        "raw": value,
        "value": Decimal(value),
        "unit_of_measure": "household",
        "indicator_code": "poor_households",
        "unit_id": "663@base",
        "period": "2023",
    }
    return Observation(**{**values, **changes})


def submission(*observations: Observation, kind: SourceKind = "form") -> ReadSubmission:
    return ReadSubmission("poverty_review", "v01", kind, "663@base", "2023", observations=list(observations))


SHARE = {"unit_of_measure": "percent", "indicator_code": "poor_household_rate"}
BAD = {
    "GX-001": observation("NaN"),
    "GX-002": observation("1", indicator_code="no_such_indicator"),
    "GX-003": observation("1", unit_of_measure="bushel"),
    "GX-004": observation("1", unit_id="99999@base"),
    "GX-005": observation("-3"),
    "GX-006": observation("470.5"),
    "GX-007": observation("168", **SHARE),
    "GX-008": observation("1", period="năm 2023"),
    "GX-009": observation("1", confidence=1.5),
}


def made_batch() -> dict[str, ReadSubmission]:
    batch = {rule_id: submission(bad, kind="list") for rule_id, bad in BAD.items()}
    batch["form"] = submission(observation("-3"), observation("470.5", ref="Biểu!C8"))
    batch["spoken of"] = submission(BAD["GX-007"])
    batch["spoken of"].findings.append(Finding("POV-001", "error", "Biểu!C7", "sai", "wrong"))
    batch["good"] = submission(
        observation("470"),
        observation("1.68", **SHARE),
        # A fall written as a change may be a rise; a plan may be overfulfilled.
        observation("-131", measure="change"),
        observation("120", unit_of_measure="percent", indicator_code="trainees_plan_completion"),
        kind="list",
    )
    batch["prose"] = submission(observation("168", **SHARE), observation("470"), observation("470"), kind="report")
    return batch


@pytest.fixture(scope="module")
def validated():
    """All bad observations in one batch with a good submission, since each run of the suite costs time."""
    batch = made_batch()
    validate_batch(list(batch.values()), load_catalogue())
    return batch


@pytest.mark.parametrize("rule_id", BAD)
def test_a_bad_figure_fails_its_rule_and_no_other(validated, rule_id):
    assert {f.rule_id for f in validated[rule_id].findings} == {rule_id}
    assert rule_id not in validated[rule_id].checks_passed


def test_findings_say_where_in_two_languages(validated):
    (found,) = validated["GX-005"].findings
    assert (found.ref, found.severity, found.lhs) == ("Biểu!C7", "error", Decimal(-3))
    assert "Số hộ nghèo" in found.message_vi
    assert "Poor households" in found.message_en


def test_what_a_forms_own_rules_say_is_not_said_again(validated):
    assert validated["form"].findings == []
    assert [f.rule_id for f in validated["spoken of"].findings] == ["POV-001"]


def test_without_great_expectations_the_same_is_said(validated):
    plain = made_batch()
    check_observations(list(plain.values()), load_catalogue())
    for name, one in plain.items():
        assert one.findings == validated[name].findings, name
        assert one.checks_passed == validated[name].checks_passed, name


def test_a_good_submission_passes_every_rule(validated):
    assert validated["good"].findings == []
    assert validated["good"].checks_passed == [rule.rule_id for rule in load_expectation_rules()]


def test_prose_is_flagged_but_not_rejected(validated):
    assert [(f.rule_id, f.severity) for f in validated["prose"].findings] == [("GX-007", "warning")]
    assert validated["prose"].is_acceptable


def test_data_docs_are_written(tmp_path):
    write_docs = validate_batch([submission(observation("470"))], load_catalogue())
    assert write_docs is not None
    write_docs(tmp_path / "docs")
    assert "observation" in (tmp_path / "docs" / "index.html").read_text(encoding="utf-8")


def test_an_empty_batch_is_no_trouble():
    validate_batch([], load_catalogue())
    unread = submission()
    validate_batch([unread], load_catalogue())
    assert unread.checks_passed == []
