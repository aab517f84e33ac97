"""From the inbox to staging: the tasks of the DAG `ingest_submissions`.

Everything heavier than the standard library is imported where it is used, so that a DAG file that names these functions
stays light.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jobs.connection import connected
from runtime.settings import load_settings


def register_deliveries() -> list[list[str]]:
    """Registers what arrived in the inbox; returns the batches (SHA-256 each) that wait to be read."""
    from jobs import pipeline

    settings = load_settings()
    with connected("ingest") as connection:
        pipeline.register_inbox(connection, settings, settings.inbox)
        return pipeline.plan_batches(connection)


def load_batch(digests: Sequence[str], batch_name: str) -> dict[str, Any]:
    """Reads, checks and loads one batch; returns counts."""
    from jobs import pipeline

    with connected("ingest") as connection:
        outcome = pipeline.process_batch(connection, load_settings(), digests, batch_name=batch_name)
    return outcome.as_dict()


def has_unbuilt_changes() -> bool:
    """Whether what counts has changed since the last successful build."""
    from ingest.store import registry

    with connected("ingest") as connection:
        return registry.has_unbuilt_changes(connection)
