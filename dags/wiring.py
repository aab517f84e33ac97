"""What the DAG files share: assets, defaults, and the tasks of a consolidation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Asset, Param, get_current_context, task

from runtime.airflow.alerts import notify_failure
from runtime.settings import OFFICE_TIMEZONE, load_settings

OBSERVATIONS = Asset(name="observations", uri="ansinh://staging/observation")
MARTS = Asset(name="marts", uri="ansinh://marts")
EDITIONS = Asset(name="editions", uri="ansinh://publication/edition")
TIMEZONE = OFFICE_TIMEZONE.key

DEFAULT_ARGS = {
    "owner": "data-engineering",
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
    "execution_timeout": timedelta(hours=1),
    "on_failure_callback": notify_failure,
}


def consolidation_params(period_pattern: str, example: str) -> dict[str, Param]:
    """What a person may give when starting a consolidation by hand."""
    return {
        "period": Param(
            None,
            type=["null", "string"],
            pattern=period_pattern,
            description=f"The period, such as {example}; empty: the last one that ended before the run's date",
        ),
        "province": Param(load_settings().province, type="string", pattern=r"^\d{2}$", description="Its code"),
        "auto_approve": Param(False, type="boolean", description="Publish without waiting for a person"),
    }


def consolidate(report_code: str, period_kind: str) -> None:
    """The tasks of a consolidation: choose the period, list what is due, approve, publish."""

    @task
    def choose_period() -> str:
        from jobs import consolidate

        context = get_current_context()
        return consolidate.choose_period(period_kind, context["params"]["period"], context["dag_run"].run_after)

    @task
    def list_expected(period: str) -> int:
        from jobs import consolidate

        return consolidate.expect_submissions(period, get_current_context()["params"]["province"])

    @task.branch
    def choose_approval() -> str:
        return "publish_edition" if get_current_context()["params"]["auto_approve"] else "approve_edition"

    @task(outlets=[EDITIONS], trigger_rule="none_failed_min_one_success")
    def publish_edition(period: str) -> dict[str, Any]:
        from jobs import consolidate

        context = get_current_context()
        answer = context["ti"].xcom_pull(task_ids="approve_edition") or {}
        approved_by = (answer.get("responded_by_user") or {}).get("name") or "auto_approve"
        return consolidate.publish_edition(report_code, period, context["params"]["province"], approved_by)

    approval = ApprovalOperator(
        task_id="approve_edition",
        subject="Publish the consolidated report? {{ dag.dag_id }}, province {{ params.province }}",
        response_timeout=timedelta(days=30),
    )
    period: Any = choose_period()
    branch, edition = choose_approval(), publish_edition(period)
    list_expected(period) >> branch >> [approval, edition]
    approval >> edition
