"""From staging to marts: the task of the DAG `build_marts`."""

from __future__ import annotations

from jobs.connection import connected


def build_models(select: str | None = None) -> dict[str, int]:
    """Copies the catalogue's large tables where they changed, writes down what is due and builds the dbt project.

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

    with connected("ingest") as connection:
        load_catalogue_tables(connection)
        with connection.transaction():
            complete_calendar(connection, load_catalogue())
    with connected("transform") as connection:
        with connection.transaction():
            build_id = registry.begin_build(connection)
        is_success = False
        try:
            results = dbt.build(warehouse_url(), select=select)
            # Only a build of everything has dealt with all that changed.
            is_success = select is None
        finally:
            with connection.transaction():
                registry.end_build(connection, build_id, is_success=is_success)
    return dict(Counter(result.outcome for result in results))
