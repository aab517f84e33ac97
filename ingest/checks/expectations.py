"""Great Expectations over a batch: one suite, one data frame, findings per submission.

The suite is data (`expectations.yml`). Importing Great Expectations costs seconds, so it is
imported when a batch is validated, and a batch is validated as a whole, never file by file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from ingest.core.catalogue import Catalogue
from ingest.core.catalogue_files import RULES
from ingest.core.model import Finding, Observation, ReadSubmission, Severity, SourceKind
from runtime.process_environment import set_variable

if TYPE_CHECKING:
    import pandas as pd

EXPECTATIONS_FILE = RULES / "expectations.yml"

# Quantities that are counted one by one; a fraction of one is a misread decimal sign.
_NOT_COUNTED = {"vnd", "percent", "percentage_point", "kg", "year", "month"}
_PLAN_COMPLETION = "_plan_completion"

# Writes the outcome of a validation as Data Docs into a folder.
DocsWriter = Callable[[Path], None]


class ExpectationRule(BaseModel):
    """An expectation and the finding that a failed row becomes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule_id: str = Field(pattern=r"^GX-\d{3}$")
    severity: Severity
    severity_in_prose: Severity | None = None
    source_kinds: tuple[SourceKind, ...] = ()
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


def validate_batch(submissions: Sequence[ReadSubmission], catalogue: Catalogue) -> DocsWriter | None:
    """Validates all recognised observations of a batch and adds findings and passes to each submission.

    Args:
        submissions: changed in place.
        catalogue: gives the allowed codes.

    Returns:
        What writes the outcome as Data Docs into a folder; None where there was nothing to validate.
    """
    import pandas as pd

    rows = rows_of(submissions)
    if not rows:
        return None
    rules = load_expectation_rules()
    frame = pd.DataFrame(columns_of(rows, catalogue))
    failed_rows, write_docs = _run_suite(frame, rules, catalogue)
    note_outcome(rules, failed_rows, rows, submissions, catalogue)
    return write_docs


Row = tuple[int, Observation]


def rows_of(submissions: Sequence[ReadSubmission]) -> list[Row]:
    """Every recognised observation, with the number of its submission."""
    return [
        (number, observation)
        for number, submission in enumerate(submissions)
        for observation in submission.observations
        if observation.indicator_code
    ]


def note_outcome(
    rules: Sequence[ExpectationRule],
    failed_rows: Sequence[Sequence[int]],
    rows: Sequence[Row],
    submissions: Sequence[ReadSubmission],
    catalogue: Catalogue,
) -> None:
    """Adds the findings and the passes of each rule to the submissions.

    A place of which another rule spoke already is not accused again: one mistake is one finding.
    """
    validated = dict.fromkeys(number for number, _ in rows)
    spoken_of = {
        number: {f.ref for f in submissions[number].findings if f.severity != "info"} - {""} for number in validated
    }
    for rule, failed in zip(rules, failed_rows, strict=True):
        failed_submissions = set()
        for row in failed:
            number, observation = rows[row]
            if rule.source_kinds and submissions[number].source_kind not in rule.source_kinds:
                continue
            failed_submissions.add(number)
            if observation.ref not in spoken_of[number]:
                submissions[number].findings.append(_finding(rule, observation, submissions[number], catalogue))
        for number in validated:
            is_for = not rule.source_kinds or submissions[number].source_kind in rule.source_kinds
            if is_for and number not in failed_submissions:
                submissions[number].checks_passed.append(rule.rule_id)


def columns_of(rows: Sequence[Row], catalogue: Catalogue) -> dict[str, Sequence[object]]:
    """The observations as columns, with those that only some rules look at (None elsewhere)."""
    observations = [observation for _, observation in rows]
    told = dict(zip(Observation._fields, zip(*observations, strict=True), strict=True))
    numbers = [value if value.is_finite() else None for value in told["value"]]
    values = [float(number) if number is not None else None for number in numbers]
    codes, units, measures = told["indicator_code"], told["unit_of_measure"], told["measure"]
    named_indicators = {code: getattr(catalogue.indicators.get(code), "name_vi", None) for code in set(codes)}
    named_units = {unit: getattr(catalogue.units.get(unit), "name", None) for unit in set(told["unit_id"])}
    shares = {code for code in named_indicators if not code.endswith(_PLAN_COMPLETION)}
    levels = [None if measure == "change" else value for value, measure in zip(values, measures, strict=True)]
    return {
        "value": values,
        "indicator_name": [named_indicators[code] for code in codes],
        "unit_of_measure": units,
        "unit_name": [named_units[unit] for unit in told["unit_id"]],
        "period": told["period"],
        "confidence": told["confidence"],
        "fraction": [
            float(number % 1) if number is not None and unit not in _NOT_COUNTED else None
            for number, unit in zip(numbers, units, strict=True)
        ],
        "level_value": levels,
        "share": [
            level if unit == "percent" and code in shares else None
            for level, unit, code in zip(levels, units, codes, strict=True)
        ],
    }


def _run_suite(
    frame: pd.DataFrame, rules: Sequence[ExpectationRule], catalogue: Catalogue
) -> tuple[list[list[int]], DocsWriter]:
    """The failed rows of each rule by their position in the frame, and what writes the outcome as Data Docs."""
    set_variable("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.expectations.registry import get_expectation_impl

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    asset = context.data_sources.add_pandas("batch").add_dataframe_asset("observations")
    definition = asset.add_batch_definition_whole_dataframe("all")
    sets = code_sets(catalogue)
    suite = context.suites.add(
        gx.ExpectationSuite(
            name="observation",
            expectations=[
                get_expectation_impl(rule.expectation)(**filled_in(rule.kwargs, sets), meta={"rule_id": rule.rule_id})
                for rule in rules
            ],
        )
    )
    validation = context.validation_definitions.add(
        gx.ValidationDefinition(name="observation", data=definition, suite=suite)
    )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name="observation",
            validation_definitions=[validation],
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

    def write_docs(folder: Path) -> None:
        from great_expectations.checkpoint.actions import ActionContext, UpdateDataDocsAction

        context.add_data_docs_site(
            "local",
            {
                "class_name": "SiteBuilder",
                "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            },
        )
        UpdateDataDocsAction(name="write_data_docs").run(outcome, ActionContext())

    return [by_rule[rule.rule_id] for rule in rules], write_docs


def _failed_positions(result: Any) -> list[int]:
    """Where an expectation failed. One that could not be evaluated must not look like a pass."""
    if not result.success and "unexpected_index_list" not in result.result:
        raise RuntimeError(f"Great Expectations could not evaluate {result.expectation_config.type}: {result}")
    return [] if result.success else list(result.result["unexpected_index_list"])


def code_sets(catalogue: Catalogue) -> dict[str, list[str]]:
    """The codes that the catalogue holds, by how rules name them."""
    return {
        "{catalogue.units_of_measure}": list(catalogue.code_lists["unit"]),
    }


def filled_in(kwargs: Mapping[str, Any], sets: Mapping[str, list[str]]) -> dict[str, Any]:
    """An expectation's arguments with the catalogue's codes filled in."""
    return {key: sets.get(value, value) if isinstance(value, str) else value for key, value in kwargs.items()}


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
