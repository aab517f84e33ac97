"""What happens when a task has failed for good."""

from __future__ import annotations

import json
import logging
import os
import urllib.request
from collections.abc import Mapping
from typing import Any

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
    folder = load_settings().home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "failures.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(note) + "\n")
    webhook = os.environ.get("ANSINH_ALERT_WEBHOOK")
    if webhook:
        try:
            _post(webhook, note)
        except OSError:
            # The task's own failure is what matters; that nobody could be told is only logged.
            logger.exception("The alert webhook did not take the note")


def _post(webhook: str, note: Mapping[str, Any]) -> None:
    if not webhook.startswith(("https://", "http://")):
        raise OSError("ANSINH_ALERT_WEBHOOK is not an http address")
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        webhook, json.dumps(note).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=WEBHOOK_SECONDS).close()  # noqa: S310
