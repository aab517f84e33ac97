"""A build that fails says what failed and leaves the old tables standing."""

from __future__ import annotations

import pytest

from runtime.warehouse import dbt
from runtime.warehouse.connect import connect
from tests.dbt.hand_made import DISTRICTS, Stated, Warehouse

pytestmark = pytest.mark.dbt


def test_failed_build_names_the_node_and_keeps_the_old_marts(warehouse: Warehouse) -> None:
    warehouse.submit(DISTRICTS[0], "2023", [Stated("poor_households", 5)])
    warehouse.build()
    warehouse.submit(DISTRICTS[0], "2023", [Stated("poor_households", 6)])
    # A fault of the installation: the login of the builds may not read what came in.
    with connect(None, warehouse.url) as connection:
        connection.execute("revoke select on staging.observation from transform")
        connection.commit()
    with pytest.raises(dbt.BuildFailedError) as caught:
        warehouse.build()
    assert "int_periods__used" in str(caught.value)
    assert {r.name for r in caught.value.results if r.outcome == "error"} >= {"int_periods__used"}
    assert warehouse.unit(DISTRICTS[0], "2023", "poor_households")["value"] == 5
    with connect("publish", warehouse.url) as connection:
        row = connection.execute(
            "select outcome from registry.build_result where node_id = 'model.ansinh.int_periods__used'"
            " order by built_at desc limit 1"
        ).fetchone()
    assert row == ("error",)
