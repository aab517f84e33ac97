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
    with connect("ingest", warehouse.url) as connection:
        connection.execute(
            "insert into staging.observation (submission_id, unit_id, period, accumulation, status, indicator_code,"
            " measure, value, unit_of_measure, qualifier, confidence, ref, raw)"
            " select max(submission_id), '99999@base', '2023', 'point', 'official', 'poor_households', 'actual', 1,"
            " 'household', 'exact', 1, 'A1', '1' from registry.submission"
        )
    with pytest.raises(dbt.BuildFailedError) as caught:
        warehouse.build()
    assert "assert_new_observations_fit_the_catalogue" in str(caught.value)
    assert {r.name for r in caught.value.results if r.outcome == "fail"} >= {
        "assert_new_observations_fit_the_catalogue"
    }
    assert warehouse.unit(DISTRICTS[0], "2023", "poor_households")["value"] == 5
    with connect("publish", warehouse.url) as connection:
        row = connection.execute(
            "select outcome from registry.build_result where node_id like 'test.ansinh.assert_new_observations_fit%'"
            " order by built_at desc limit 1"
        ).fetchone()
    assert row == ("fail",)
