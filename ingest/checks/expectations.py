"""Great Expectations over a batch: one suite, one data frame, findings per submission.

The suite is data (`expectations.yml`). Importing Great Expectations costs seconds, so it is
imported when a batch is validated, and a batch is validated as a whole, never file by file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from ingest.catalogue import Catalogue
from ingest.model import Finding, Observation, ReadSubmission, Severity

if TYPE_CHECKING:
    import pandas as pd

EXPECTATIONS_FILE = Path(__file__).parent / "expectations.yml"

# Quantities that are counted one by one; a fraction of one is a misread decimal sign.
_NOT_COUNTED = {"vnd", "percent", "percentage_point", "kg", "year", "month"}
_PLAN_COMPLETION = "_plan_completion"


class ExpectationRule(BaseModel):
    """An expectation and the finding that a failed row becomes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule_id: str = Field(pattern=r"^GX-\d{3}$")
    severity: Severity
    severity_in_prose: Severity | None = None
    expectation: str = Field(pattern=r"^expect_[a-z_]+$")
    kwargs: dict[str, Any]
    what_vi: str
    what_en: str
    mend_vi: str
    mend_en: str


@lru_cache(maxsize=1)
def load_expectation_rules() -> tuple[ExpectationRule, ...]:
    """Reads `expectations.yml`. Raises pydantic's ValidationError for an entry that is malformed."""
    entries = yaml.load(EXPECTATIONS_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return tuple(ExpectationRule.model_validate(entry) for entry in entries)


def validate_batch(
    submissions: Sequence[ReadSubmission], catalogue: Catalogue, *, docs_folder: Path | None = None
) -> None:
    """Validates all recognised observations of a batch and adds findings and passes to each submission.

    Args:
        submissions: changed in place.
        catalogue: gives the allowed codes.
        docs_folder: where Data Docs are written, if at all.
    """
    rows = [
        (number, observation)
        for number, submission in enumerate(submissions)
        for observation in submission.observations
        if observation.indicator_code
    ]
    if not rows:
        return
    rules = load_expectation_rules()
    failed_rows = _run_suite(_frame(rows, submissions, catalogue), rules, catalogue, docs_folder)
    for rule, failed in zip(rules, failed_rows, strict=True):
        failed_submissions = set()
        for row in failed:
            number, observation = rows[row]
            failed_submissions.add(number)
            submissions[number].findings.append(_finding(rule, observation, submissions[number], catalogue))
        for number in {number for number, _ in rows} - failed_submissions:
            submissions[number].checks_passed.append(rule.rule_id)


def _frame(
    rows: Sequence[tuple[int, Observation]], submissions: Sequence[ReadSubmission], catalogue: Catalogue
) -> pd.DataFrame:
    """The observations as columns, with those that only some rules look at (null elsewhere)."""
    import pandas as pd

    records = []
    for number, o in rows:
        value = float(o.value) if o.value.is_finite() else None
        is_count = o.unit_of_measure not in _NOT_COUNTED
        is_share = o.unit_of_measure == "percent" and not o.indicator_code.endswith(_PLAN_COMPLETION)
        is_prose = submissions[number].source_kind == "report"
        key = (number, o.unit_id, o.period, o.accumulation, o.status, o.indicator_code, o.breakdown, o.measure)
        records.append(
            {
                "value": value,
                "indicator_name": getattr(catalogue.indicators.get(o.indicator_code), "name_vi", None),
                "unit_of_measure": o.unit_of_measure,
                "unit_name": getattr(catalogue.units.get(o.unit_id), "name", None),
                "period": o.period,
                "confidence": o.confidence,
                "fraction": float(o.value % 1) if value is not None and is_count else None,
                "level_value": None if o.measure == "change" else value,
                "share": value if is_share and o.measure != "change" else None,
                "form_key": None if is_prose else repr((*key, o.issuer, o.as_of)),
            }
        )
    return pd.DataFrame.from_records(records)


def _run_suite(
    frame: pd.DataFrame, rules: Sequence[ExpectationRule], catalogue: Catalogue, docs_folder: Path | None
) -> list[list[int]]:
    """The failed rows of each rule, by their position in the frame."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.checkpoint.actions import UpdateDataDocsAction
    from great_expectations.expectations.registry import get_expectation_impl

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    asset = context.data_sources.add_pandas("batch").add_dataframe_asset("observations")
    definition = asset.add_batch_definition_whole_dataframe("all")
    code_sets = _code_sets(catalogue)
    suite = context.suites.add(
        gx.ExpectationSuite(
            name="observation",
            expectations=[
                get_expectation_impl(rule.expectation)(
                    **_filled(rule.kwargs, code_sets), meta={"rule_id": rule.rule_id}
                )
                for rule in rules
            ],
        )
    )
    validation = context.validation_definitions.add(
        gx.ValidationDefinition(name="observation", data=definition, suite=suite)
    )
    actions: list[Any] = []
    if docs_folder is not None:
        context.add_data_docs_site(
            "local",
            {
                "class_name": "SiteBuilder",
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": str(docs_folder),
                },
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            },
        )
        actions.append(UpdateDataDocsAction(name="write_data_docs"))
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name="observation",
            validation_definitions=[validation],
            actions=actions,
            result_format={"result_format": "COMPLETE", "partial_unexpected_count": 20},
        )
    )
    outcome = checkpoint.run({"dataframe": frame})
    by_rule: Mapping[str, list[int]] = {
        result.expectation_config.meta["rule_id"]: _failed_positions(result)
        for run in outcome.run_results.values()
        for result in run.results
        if result.expectation_config is not None and result.expectation_config.meta is not None
    }
    return [by_rule[rule.rule_id] for rule in rules]


def _failed_positions(result: Any) -> list[int]:
    """Where an expectation failed. One that could not be evaluated must not look like a pass."""
    if not result.success and "unexpected_index_list" not in result.result:
        raise RuntimeError(f"Great Expectations could not evaluate {result.expectation_config.type}: {result}")
    return [] if result.success else list(result.result["unexpected_index_list"])


def _code_sets(catalogue: Catalogue) -> dict[str, list[str]]:
    return {
        "{catalogue.units_of_measure}": list(catalogue.code_lists["unit"]),
    }


def _filled(kwargs: Mapping[str, Any], code_sets: Mapping[str, list[str]]) -> dict[str, Any]:
    return {key: code_sets.get(value, value) if isinstance(value, str) else value for key, value in kwargs.items()}


def _finding(
    rule: ExpectationRule, observation: Observation, submission: ReadSubmission, catalogue: Catalogue
) -> Finding:
    indicator = catalogue.indicators.get(observation.indicator_code)
    names = (indicator.name_vi, indicator.name_en) if indicator else (observation.indicator_code,) * 2
    is_prose = submission.source_kind == "report"
    texts = {
        "vi": f"{rule.what_vi} {rule.mend_vi}".format(indicator=names[0], value=observation.value),
        "en": f"{rule.what_en} {rule.mend_en}".format(indicator=names[1], value=observation.value),
    }
    return Finding(
        rule_id=rule.rule_id,
        severity=(rule.severity_in_prose if is_prose else None) or rule.severity,
        ref=observation.ref,
        message_vi=texts["vi"],
        message_en=texts["en"],
        lhs=observation.value if observation.value.is_finite() else None,
    )
