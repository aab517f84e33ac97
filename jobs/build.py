"""From staging to marts: the task of the DAG `build_marts`."""

from __future__ import annotations

import logging

from jobs.connection import connected

_LOG = logging.getLogger(__name__)


def build_models(select: str | None = None) -> dict[str, int]:
    """Copies the catalogue's large tables where they changed, writes down what is due and builds the dbt project.

    One build at a time: a second one waits until the first has ended, and then builds what that one did not see.

    Returns counts by outcome.

    Raises:
        runtime.warehouse.dbt.BuildFailedError: a model or test failed; the message names each.
    """
    from collections import Counter

    from ingest.core.catalogue import load_catalogue
    from ingest.store import registry
    from ingest.store.catalogue_load import load_catalogue_tables
    from ingest.submitters.calendar import complete_calendar
    from runtime.warehouse import dbt
    from runtime.warehouse.connect import warehouse_url

    # The lock goes with this connection, also when the process is killed.
    with connected("transform") as build_connection:
        if not registry.lock_builds(build_connection):
            _LOG.warning("Another build of this warehouse is running: this one waits until it has ended")
            registry.await_builds(build_connection)
        with connected("ingest") as connection:
            load_catalogue_tables(connection)
            with connection.transaction():
                complete_calendar(connection, load_catalogue())
        with build_connection.transaction():
            build_id = registry.begin_build(build_connection)
        is_success = False
        try:
            results = dbt.build(warehouse_url(), select=select)
            # Only a build of everything has dealt with all that changed.
            is_success = select is None
        finally:
            with build_connection.transaction():
                registry.end_build(build_connection, build_id, is_success=is_success)
    return dict(Counter(result.outcome for result in results))
