"""From the inbox to staging: the tasks of the DAG `ingest_submissions`.

Everything heavier than the standard library is imported where it is used, so that a DAG file that names these functions
stays light.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from jobs.connection import connected
from runtime.errors import SetupError
from runtime.settings import load_settings


class Registered(TypedDict):
    """What waits to be read, in batches of SHA-256, and what could not be registered for a fault of ours."""

    batches: list[list[str]]
    faults: list[str]


def register_deliveries() -> Registered:
    """Registers what arrived in the inbox.

    A fault of ours keeps nobody else waiting: it is handed on to `report_failures`.
    """
    from jobs import pipeline

    settings = load_settings()
    with connected("ingest") as connection:
        try:
            arrivals = pipeline.register_inbox(connection, settings, settings.inbox)
        except OSError as problem:
            faults = [f"the inbox cannot be looked through ({problem.strerror or problem})"]
        else:
            faults = [f"{path}: {why}" for path, why in arrivals.faults.items()]
        return {"batches": pipeline.plan_batches(connection), "faults": faults}


def load_batch(digests: Sequence[str], batch_name: str) -> dict[str, Any]:
    """Reads, checks and loads one batch; returns counts.

    Raises:
        SetupError: some of its files wait; all others went through.
    """
    from jobs import pipeline

    with connected("ingest") as connection:
        outcome = pipeline.process_batch(connection, load_settings(), digests, batch_name=batch_name)
    return outcome.as_dict()


def report_failures(batches: Sequence[Sequence[str]] | None, faults: Sequence[str], outcomes: Sequence[object]) -> None:
    """Fails where something of a run did not go through, after everything else did.

    Args:
        batches: those that `register_deliveries` returned; None where it failed.
        faults: what could not be registered.
        outcomes: what `load_batch` returned for the batches that went through.

    Raises:
        SetupError: says what did not.
    """
    if batches is None:
        raise SetupError("Nothing could be registered; see the log of register_deliveries.")
    failed = len(batches) - len(outcomes)
    said = [f"{failed} of {len(batches)} batches did not go through"] if failed else []
    said += [f"{len(faults)} not registered: {faults[0]}"] if faults else []
    if said:
        raise SetupError("; ".join(said) + ". What waits is tried again by the next run.")


def has_unbuilt_changes() -> bool:
    """Whether what counts has changed since the last successful build."""
    from ingest.store import registry

    with connected("ingest") as connection:
        return registry.has_unbuilt_changes(connection)
