"""What happens when a task has failed for good."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import httpx

from runtime.settings import load_settings

logger = logging.getLogger(__name__)
WEBHOOK_SECONDS = 10


def notify_failure(context: Mapping[str, Any]) -> None:
    """Airflow's failure callback: notes the failure and tells `ANSINH_ALERT_WEBHOOK`, where one is set.

    The note goes to `failures.jsonl` in the log folder. It names DAG, task and run and the kind of
    error, not its text, which could quote what a file holds.
    """
    task_instance = context["task_instance"]
    note = {
        "dag_id": task_instance.dag_id,
        "task_id": task_instance.task_id,
        "map_index": task_instance.map_index,
        "run_id": task_instance.run_id,
        "try_number": task_instance.try_number,
        "error": type(context.get("exception")).__name__,
    }
    settings = load_settings()
    settings.logs.mkdir(parents=True, exist_ok=True)
    with (settings.logs / "failures.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(note) + "\n")
    if settings.alert_webhook is not None:
        try:
            _post(settings.alert_webhook.get_secret_value(), note)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The task's own failure is what matters; that nobody could be told is only logged, without the address,
            # which may hold a token.
            status = f" {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else ""
            logger.error("The alert webhook did not take the note: %s%s", type(error).__name__, status)


def _post(webhook: str, note: Mapping[str, Any]) -> None:
    httpx.post(webhook, json=note, timeout=WEBHOOK_SECONDS, follow_redirects=True).raise_for_status()
