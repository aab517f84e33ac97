"""Building the warehouse with dbt, in this process, with every node's outcome written to the registry."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runtime.garbage_collection import few_collections
from runtime.process_environment import changed_environment
from runtime.settings import OFFICE_TIMEZONE, PROJECT, load_settings
from runtime.thresholds import load_thresholds
from runtime.warehouse.connect import connect, libpq_environment

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunResult

DBT_PROJECT = PROJECT / "dbt_project"
SEEDS = PROJECT / "catalogue" / "seeds"
FAILED = frozenset({"error", "fail", "runtime error"})
_MESSAGE_LIMIT = 2000
# A build sorts and joins millions of rows on a few connections; a server's defaults are made for many small queries. It
# looks at a quarter of the usual sample of what it has made: autovacuum looks again, afterwards and thoroughly.
_SESSION_OPTIONS = "-c work_mem=128MB -c maintenance_work_mem=256MB -c jit=off -c default_statistics_target=25"
# Where the planner guesses that a subquery gives one row and it gives a million, a nested loop takes hours: what an
# index is to look up is asked for by lists of values instead (macros/slices/in_changed_slices.sql). A merge would sort
# both tables, by text, where a hash reads each once. Several models are built at a time: one worker for each is enough,
# and it is worth its while where it only reads and hands rows over to who writes them.
_BUILD_OPTIONS = (
    f"{_SESSION_OPTIONS} -c enable_nestloop=off -c enable_mergejoin=off"
    " -c max_parallel_workers_per_gather=1 -c parallel_tuple_cost=0.01"
)


@dataclass(frozen=True, slots=True)
class NodeResult:
    """How one model, seed, test or unit test went.

    `node_id` is dbt's unique id, `outcome` its status (success, pass, warn, error, fail, skipped);
    `rows_affected` is rows written by a model or seed, or rows that a test found at fault, if known.
    """

    node_id: str
    resource_type: str
    outcome: str
    seconds: float
    rows_affected: int | None
    message: str

    @property
    def name(self) -> str:
        """The node's name, without its kind, the project and the hash that dbt adds to a test's."""
        parts = self.node_id.split(".")
        return parts[2] if self.resource_type == "test" else ".".join(parts[2:])


class BuildFailedError(Exception):
    """A build in which something failed; the message names each failed node. `results` holds all outcomes."""

    def __init__(self, message: str, results: Sequence[NodeResult] = ()) -> None:
        super().__init__(message)
        self.results = list(results)


def dbt_environment(database_url: str) -> dict[str, str]:
    """The environment variables under which `dbt_project/profiles.yml` leads to a database."""
    return {
        **libpq_environment(database_url),
        "PGOPTIONS": _SESSION_OPTIONS,
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
    }


def project_variables() -> dict[str, Any]:
    """What dbt's models are to know of what is decided elsewhere: thresholds and the office's time zone."""
    return {**load_thresholds().model_dump(mode="json"), "office_timezone": OFFICE_TIMEZONE.key}


def variables_option(variables: Mapping[str, Any] | None = None) -> list[str]:
    """The option `--vars` that every command of dbt over the project needs.

    Args:
        variables: further ones, such as `known_at` for the state of knowledge at an instant.
    """
    return ["--vars", json.dumps({**project_variables(), **(variables or {})})]


def build(
    database_url: str,
    select: str | None = None,
    variables: Mapping[str, Any] | None = None,
    schema_suffix: str = "",
) -> list[NodeResult]:
    """Runs `dbt build`, prints each node as it ends and writes the outcomes to `registry.build_result`.

    Seeds, models and data tests; unit tests show that the rules are right whatever the data, and belong
    to the project's own tests (`run_unit_tests`). Only what the changed submissions touch is built anew,
    unless models, variables or catalogue differ from those of the last build of everything.

    Args:
        database_url: libpq URL of a migrated warehouse whose login is a member of `transform`.
        select: dbt's node selection; None builds everything.
        variables: dbt variables (`--vars`) for this run, such as `known_at` for the state of knowledge
            at an instant.
        schema_suffix: builds into `warehouse<suffix>` and `marts<suffix>`, beside the real ones.

    Raises:
        BuildFailedError: a node failed, or the project does not compile.
        ValueError: `known_at` without a suffix would replace what counts now by what counted then.
    """
    if variables and variables.get("known_at") and not schema_suffix:
        raise ValueError("A build as known at an instant needs schemas of its own: give a schema_suffix")
    arguments = ["build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure"]
    if select:
        arguments += ["--select", *select.split()]
    arguments += variables_option(variables)
    fingerprint = _fingerprint(database_url, {**project_variables(), **(variables or {})})
    environment = {"ANSINH_SCHEMA_SUFFIX": schema_suffix, "PGOPTIONS": _BUILD_OPTIONS}
    if schema_suffix or fingerprint != _built_fingerprint(database_url, schema_suffix):
        arguments.append("--full-refresh")
    else:
        # Seeds, views and what follows from the catalogue alone are as they were.
        arguments += ["--exclude", "tag:static", "--indirect-selection", "cautious"]
    invocation_id, results = _invoke(database_url, arguments, environment)
    _write_results(database_url, invocation_id, results)
    _all_succeeded(results)
    if select is None:
        _note_fingerprint(database_url, schema_suffix, fingerprint)
    return results


def run_unit_tests(database_url: str) -> list[NodeResult]:
    """Runs dbt's unit tests in a warehouse that was built before; nothing is changed in it.

    Raises:
        BuildFailedError: a unit test failed.
    """
    # Unit tests read the columns of tables that a build has made, whatever is in them.
    _, results = _invoke(database_url, ["test", "--select", "test_type:unit", *variables_option()], {})
    return _all_succeeded(results)


def _all_succeeded(results: list[NodeResult]) -> list[NodeResult]:
    failed = [result for result in results if result.outcome in FAILED]
    if failed:
        names = "\n".join(f"- {result.name}: {result.outcome}: {_first_line(result.message)}" for result in failed)
        raise BuildFailedError(f"{len(failed)} of {len(results)} nodes failed:\n{names}", results)
    return results


def _fingerprint(database_url: str, variables: Mapping[str, Any]) -> str:
    """What the incremental models were built with: a change of any of it concerns every row."""
    digest = hashlib.sha256(json.dumps(dict(variables), sort_keys=True, default=str).encode())
    for folder in (DBT_PROJECT / "macros", DBT_PROJECT / "models", SEEDS):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".sql", ".csv"}:
                digest.update(path.relative_to(folder.parent).as_posix().encode())
                digest.update(path.read_bytes())
    digest.update((DBT_PROJECT / "dbt_project.yml").read_bytes())
    with connect("transform", database_url) as connection:
        loaded = connection.execute("select table_name, sha256 from catalogue.source order by table_name").fetchall()
    digest.update(repr(loaded).encode())
    return digest.hexdigest()


def _built_fingerprint(database_url: str, schema_suffix: str) -> str | None:
    with connect("transform", database_url) as connection:
        row = connection.execute(
            "select fingerprint from registry.built_project where schema_suffix = %s", (schema_suffix,)
        ).fetchone()
    return row[0] if row else None


def _note_fingerprint(database_url: str, schema_suffix: str, fingerprint: str) -> None:
    with connect("transform", database_url) as connection:
        connection.execute(
            "insert into registry.built_project (schema_suffix, fingerprint) values (%s, %s)"
            " on conflict (schema_suffix) do update set fingerprint = excluded.fingerprint, built_at = now()",
            (schema_suffix, fingerprint),
        )


def _invoke(database_url: str, arguments: list[str], variables: Mapping[str, str]) -> tuple[str, list[NodeResult]]:
    # dbt takes seconds to import.
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner
    from dbt_common.invocation import get_invocation_id

    folder = load_settings().dbt
    common = [
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
        *("--no-use-colors", "--no-version-check", "--log-level-file", "info"),
    ]
    with changed_environment({**dbt_environment(database_url), **variables}), few_collections():
        outcome = dbtRunner().invoke([*arguments, *common])
    if not isinstance(outcome.result, RunExecutionResult):
        raise BuildFailedError(f"The dbt project cannot be built: {outcome.exception}") from outcome.exception
    return get_invocation_id(), [_node_result(result) for result in outcome.result.results]


def _node_result(result: RunResult) -> NodeResult:
    rows = result.failures if result.failures is not None else (result.adapter_response or {}).get("rows_affected")
    return NodeResult(
        node_id=result.node.unique_id,
        resource_type=str(result.node.resource_type),
        outcome=str(result.status),
        seconds=round(float(result.execution_time), 3),
        rows_affected=int(rows) if rows is not None and int(rows) >= 0 else None,
        message=(result.message or "")[:_MESSAGE_LIMIT],
    )


def _write_results(database_url: str, invocation_id: str, results: Sequence[NodeResult]) -> None:
    built_at = datetime.now(UTC)
    rows = [
        (
            invocation_id,
            result.node_id,
            result.resource_type,
            result.outcome,
            result.seconds,
            result.rows_affected,
            result.message,
            built_at,
        )
        for result in results
    ]
    with connect("transform", database_url) as connection:
        connection.cursor().executemany(
            "insert into registry.build_result (invocation_id, node_id, resource_type, outcome, seconds,"
            " rows_affected, message, built_at) values (%s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[:2])
