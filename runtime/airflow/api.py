"""Airflow's REST interface, as far as the project needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

FINISHED = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task of a run and how it stands; `map_index` is -1 for a task that is not mapped."""

    task_id: str
    map_index: int
    state: str | None
    try_number: int

    @property
    def is_finished(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in FINISHED

    @property
    def name(self) -> str:
        """The task as people write it: `load_batch[3]`."""
        return self.task_id if self.map_index < 0 else f"{self.task_id}[{self.map_index}]"


class AirflowApi:
    """A session with a running api-server. Methods raise httpx.HTTPError where a call fails."""

    def __init__(self, url: str, user: str, password: str) -> None:
        # trust_env=False: a call to this machine goes through no proxy.
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._credentials = {"username": user, "password": password}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def health(self) -> dict[str, str | None]:
        """The status of each component: `{"scheduler": "healthy", ...}`; needs no login."""
        # The half that tasks speak to loads when it is first asked, for seconds in which a task would time out.
        self._client.get("/execution/health").raise_for_status()
        parts = self._client.get("/api/v2/monitor/health").raise_for_status().json()
        return {name: part and part["status"] for name, part in parts.items()}

    def log_in(self) -> None:
        """Gets a token; every method below needs it."""
        token = self._client.post("/auth/token", json=self._credentials).raise_for_status().json()["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def dags(self) -> list[dict[str, Any]]:
        """All DAGs that the dag-processor has read."""
        return list(self._get("/dags", limit=1000)["dags"])

    def import_errors(self) -> dict[str, str]:
        """File name -> error, for each DAG file that could not be read."""
        return {error["filename"]: error["stack_trace"] for error in self._get("/importErrors")["import_errors"]}

    def unpause(self, dag_id: str) -> None:
        """Lets a DAG run."""
        self._send("PATCH", f"/dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str, conf: Mapping[str, Any]) -> str:
        """Starts a run; gives its id."""
        answer = self._send("POST", f"/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": dict(conf)})
        return str(answer["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """queued, running, success or failed."""
        return str(self._get(f"/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def unfinished_runs(self, dag_id: str) -> list[str]:
        """The ids of a DAG's runs that wait or run."""
        runs = self._get(f"/dags/{dag_id}/dagRuns", state=["queued", "running"], limit=1000)["dag_runs"]
        return [run["dag_run_id"] for run in runs]

    def fail_run(self, dag_id: str, run_id: str, note: str) -> None:
        """Ends a run as failed, its tasks too."""
        self._send("PATCH", f"/dags/{dag_id}/dagRuns/{run_id}", {"state": "failed", "note": note})

    def task_states(self, dag_id: str, run_id: str) -> list[TaskState]:
        """Every task of a run, in the order in which they started."""
        instances = self._get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", limit=1000)["task_instances"]
        instances.sort(key=lambda each: (each["start_date"] or "~", each["task_id"], each["map_index"]))
        return [TaskState(i["task_id"], i["map_index"], i["state"], i["try_number"]) for i in instances]

    def asset_updates(self, dag_id: str, run_id: str) -> list[list[tuple[str, str]]]:
        """For each asset that a run updated, the runs (DAG, id) that this has started so far."""
        events = self._get("/assets/events", source_dag_id=dag_id, source_run_id=run_id)["asset_events"]
        return [[(run["dag_id"], run["run_id"]) for run in event["created_dagruns"]] for event in events]

    def returned_value(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What a task returned."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        return self._get(path, deserialize=True)["value"]

    def log_lines(self, dag_id: str, run_id: str, task: TaskState) -> list[str]:
        """The log of a task's last try."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}/logs/{task.try_number}"
        content = self._get(path, map_index=task.map_index, full_content=True)["content"]
        return list(_lines(content))

    def _get(self, path: str, **query: Any) -> Any:
        return self._client.get(f"/api/v2{path}", params=query).raise_for_status().json()

    def _send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        return self._client.request(method, f"/api/v2{path}", json=body).raise_for_status().json()


def _lines(content: Iterable[Any]) -> Iterable[str]:
    """A structured log as lines, the lines of an error below its event."""
    for entry in content:
        if isinstance(entry, str):
            yield entry
            continue
        yield str(entry.get("event", ""))
        for error in entry.get("error_detail") or ():
            yield f"{error['exc_type']}: {error['exc_value']}"
