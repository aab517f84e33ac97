"""The DAG files are wiring: importable, short, light, named and documented alike."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.airflow.alerts import notify_failure

pytestmark = pytest.mark.airflow

DAGS = Path(__file__).resolve().parents[2] / "dags"
FILES = sorted(DAGS.glob("*.py"))
BANNED = {"pandas", "psycopg", "sqlalchemy", "numpy", "openpyxl", "great_expectations", "dbt", "publish", "ingest"}
EXPECTED = {
    "ingest_submissions",
    "build_marts",
    "consolidate_year",
    "consolidate_quarter",
    "remind_missing",
    "maintain_warehouse",
}


@pytest.fixture(scope="module")
def dag_bag():
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(DAGS), bundle_path=DAGS)
    assert bag.import_errors == {}
    return bag


def test_every_dag_is_there(dag_bag):
    assert set(dag_bag.dags) == EXPECTED


def test_ids_are_a_verb_and_an_object(dag_bag):
    for dag in dag_bag.dags.values():
        for name in (dag.dag_id, *dag.task_ids):
            assert re.fullmatch(r"[a-z]+(_[a-z]+)+", name), name


def test_dags_say_how_to_run_them(dag_bag):
    for dag in dag_bag.dags.values():
        assert {tag.split(":")[0] for tag in dag.tags} == {"tier", "layer"}
        for part in ("**Time:**", "**Safe to run again:**", "**When `"):
            assert part in dag.doc_md, f"{dag.dag_id} lacks {part}"
        assert dag.catchup is False


def test_writers_of_the_warehouse_do_not_run_beside_themselves(dag_bag):
    for dag_id in ("ingest_submissions", "build_marts"):
        assert dag_bag.dags[dag_id].max_active_runs == 1


def test_a_consolidation_that_waits_for_approval_keeps_no_other_waiting(dag_bag):
    for dag_id in ("consolidate_year", "consolidate_quarter"):
        assert dag_bag.dags[dag_id].max_active_runs > 1


def test_tasks_retry_and_tell_of_failure(dag_bag):
    for dag in dag_bag.dags.values():
        for task in dag.tasks:
            assert task.retries >= 1, task.task_id
            callbacks = task.partial_kwargs.get("on_failure_callback") if task.is_mapped else task.on_failure_callback
            assert callbacks in (notify_failure, [notify_failure]), task.task_id


def test_builds_follow_ingestion_by_asset(dag_bag):
    announce = dag_bag.dags["ingest_submissions"].get_task("announce_changes")
    produced = {asset.uri for asset in announce.outlets}
    consumed = {asset.uri for asset in dag_bag.dags["build_marts"].timetable.asset_condition.objects}
    assert produced == consumed == {"ansinh://staging/observation"}


def test_consolidation_waits_for_approval_before_publishing(dag_bag):
    for name in ("consolidate_year", "consolidate_quarter"):
        dag = dag_bag.dags[name]
        assert dag.get_task("publish_edition").upstream_task_ids >= {"approve_edition", "choose_approval"}
        assert dag.get_task("approve_edition").operator_name == "ApprovalOperator"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_short_wiring(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 80
    tree = ast.parse(source)
    top_level = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not top_level & BANNED
    assert not re.search(r"\b(select|insert|update|delete)\b .*\b(from|into|set)\b", source, re.IGNORECASE)


def test_files_import_nothing_heavy():
    """Whatever a DAG file imports beyond Airflow costs every parse of every dag-processor."""
    code = (
        "import sys, airflow.sdk, airflow.providers.standard.operators.hitl\n"
        "before = set(sys.modules)\n"
        f"sys.path.insert(0, {str(DAGS)!r})\n"
        f"import {', '.join(sorted(EXPECTED))}\n"
        "print(sorted({m.split('.')[0] for m in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=DAGS.parent)
    assert done.returncode == 0, done.stderr
    loaded = set(ast.literal_eval(done.stdout.strip().splitlines()[-1]))
    assert not loaded & {"pandas", "great_expectations", "dbt", "psycopg", "openpyxl", "docx", "matplotlib"}, loaded
