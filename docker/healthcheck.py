"""Says whether a component of Airflow works: exit status 0, or 1 with the reason in one line.

`python docker/healthcheck.py api-server|scheduler|dag-processor|triggerer|worker`, in that component's container.

Airflow's own `airflow jobs check` costs seconds of a processor in each container at each check; this
costs a tenth of one. Heartbeats are asked for at the API server, which knows them all; a worker
is asked through the queue, the way that its tasks come.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import urllib.request
from collections.abc import Mapping
from typing import Any

API_SERVER = "http://api-server:8080/api/v2/monitor/health"
SECONDS = 8
# The component's name in compose -> in the API server's answer.
COMPONENTS = {
    "api-server": "metadatabase",
    "scheduler": "scheduler",
    "dag-processor": "dag_processor",
    "triggerer": "triggerer",
}


def main(arguments: list[str]) -> int:
    """Checks the one component that is named."""
    [component] = arguments
    problem = find_worker_problem() if component == "worker" else find_problem(component, fetch_health())
    if problem:
        print(f"{component}: {problem}")
    return 1 if problem else 0


def fetch_health() -> Mapping[str, Any]:
    """The API server's answer: for each component its `status`; empty where the server does not answer."""
    try:
        with urllib.request.urlopen(API_SERVER, timeout=SECONDS) as answer:
            health = json.load(answer)
    except (OSError, ValueError):
        return {}
    return health if isinstance(health, dict) else {}


def find_problem(component: str, health: Mapping[str, Any]) -> str | None:
    """What is wrong with a component, by the API server's answer; None when it is healthy."""
    if not health:
        return "the API server does not answer"
    status = health.get(COMPONENTS[component], {}).get("status")
    return None if status == "healthy" else f"no recent heartbeat (status {status})"


def find_worker_problem() -> str | None:
    """What is wrong with this container's Celery worker; None when it answers a ping."""
    from celery import Celery  # type: ignore[import-untyped]

    name = f"celery@{socket.gethostname()}"
    app = Celery(broker=os.environ["AIRFLOW__CELERY__BROKER_URL"])
    try:
        answers = app.control.ping(destination=[name], timeout=SECONDS)
    except OSError as error:
        return f"the queue cannot be reached ({error})"
    return None if answers else f"{name} does not answer through the queue"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
