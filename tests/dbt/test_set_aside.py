"""What does not fit is set aside with a reason: it counts nowhere, and everybody else's figures arrive."""

from __future__ import annotations

import pytest
from psycopg import sql

from runtime.warehouse.connect import connect
from tests.dbt.hand_made import DISTRICTS, Stated, Warehouse

pytestmark = pytest.mark.dbt

FOREIGN = "588@base"


def set_aside(warehouse: Warehouse) -> list[tuple[int, str]]:
    rows = warehouse.rows("select submission_id, rule_id from marts.rpt_set_aside order by observation_id")
    return [(row["submission_id"], row["rule_id"]) for row in rows]


def poor(warehouse: Warehouse, unit: str) -> int | None:
    rows = warehouse.rows(
        "select value from marts.rpt_unit_year where unit_id = %s and period = '2023'"
        " and indicator_code = 'poor_households' and breakdown = ''",
        unit,
    )
    return int(rows[0]["value"]) if rows else None


def test_what_does_not_fit_stops_nobody_and_is_gone_when_withdrawn(warehouse: Warehouse) -> None:
    for unit in DISTRICTS:
        warehouse.submit(unit, "2023", [Stated("poor_households", 80), Stated("total_households", 1000)])
    warehouse.build()

    # Of a neighbour, of another province, of the province itself; a count below nothing, a share over everything.
    told = warehouse.submit(
        DISTRICTS[0],
        "2023",
        [
            Stated("poor_households", 70),
            Stated("poor_households", 7, unit=DISTRICTS[1]),
            Stated("poor_households", 777, unit=FOREIGN),
            Stated("poor_households", 9, unit="67@base"),
            Stated("total_households", -5),
            Stated("poor_household_rate", 250),
        ],
    )
    # No such quarter, and no such year.
    poison = warehouse.submit(DISTRICTS[2], "2023-Q5", [Stated("jobs_created", 5)], form="employment")
    worse = warehouse.submit(DISTRICTS[3], "2023", [Stated("jobs_created", 5, period="year")], form="written_report")
    gone = warehouse.submit(DISTRICTS[4], "2023", [Stated("poor_persons", 5, unit="999@base")], form="poverty_groups")
    warehouse.submit(DISTRICTS[5], "2023", [Stated("poor_households", 60), Stated("total_households", 1000)])
    with connect("ingest", warehouse.url) as connection:
        # What a reader could get wrong that the loader of these tests does not.
        connection.execute(
            "insert into staging.observation (submission_id, unit_id, period, accumulation, status, indicator_code,"
            " measure, value, unit_of_measure, qualifier, confidence, ref, raw)"
            " select %s, %s, '2023', 'point', status, indicator, 'actual', 1, measured, 'exact', 1, 'X', '1' from"
            " (values ('official', 'poor_hamlets', 'household'), ('official', 'near_poor_households', 'person'),"
            " ('preliminary', 'near_poor_households', 'household')) as wrong (status, indicator, measured)",
            (told, DISTRICTS[0]),
        )
    results = warehouse.build()
    warned = {result.name: result.outcome for result in results if result.outcome not in ("success", "pass")}
    assert warned == {"assert_new_observations_fit_the_catalogue": "warn"}
    expected = [
        *((told, f"SET-00{rule}") for rule in (4, 4, 4, 7, 8)),
        (poison, "SET-001"),
        (worse, "SET-001"),
        (gone, "SET-002"),
        *((told, f"SET-00{rule}") for rule in (3, 5, 6)),
    ]
    assert set_aside(warehouse) == expected
    assert [poor(warehouse, unit) for unit in DISTRICTS] == [70, 80, 80, 80, 80, 60, 80, 80]
    assert poor(warehouse, FOREIGN) is None
    assert warehouse.province("2023", "poor_households")["value"] == 70 + 60 + 6 * 80
    assert warehouse.province("2023", "total_households")["value_partial"] == 7 * 1000

    for submission in (told, poison, worse, gone):
        warehouse.withdraw(submission)
    results = warehouse.build()
    assert {result.outcome for result in results} <= {"success", "pass"}
    assert set_aside(warehouse) == []
    assert poor(warehouse, DISTRICTS[0]) == 80
    warehouse.build(schema_suffix="_full")
    with connect(None, warehouse.url) as connection:
        for one, other in (("marts", "marts_full"), ("marts_full", "marts")):
            assert (
                connection.execute(
                    sql.SQL("select * from {}.fct_set_aside except select * from {}.fct_set_aside").format(
                        sql.Identifier(one), sql.Identifier(other)
                    )
                ).fetchall()
                == []
            )
