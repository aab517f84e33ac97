"""What counts after corrections, and that a build of changes gives what a build of everything gives."""

from __future__ import annotations

import pytest
from psycopg import sql
from psycopg.rows import dict_row

from runtime.warehouse.connect import connect
from tests.dbt.hand_made import DAK_NONG, DISTRICTS, Stated, Warehouse

pytestmark = pytest.mark.dbt

DAK_MIL = "663@base"
# When a table was made says nothing about it.
COMPARED = "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"


def poor(warehouse: Warehouse, breakdown: str = "") -> int | None:
    rows = warehouse.rows(
        "select value from marts.rpt_unit_year where unit_id = %s and period = '2023'"
        " and indicator_code = 'poor_households' and breakdown = %s",
        DAK_MIL,
        breakdown,
    )
    return int(rows[0]["value"]) if rows else None


def assert_same_as_a_build_of_everything(warehouse: Warehouse) -> None:
    warehouse.build(schema_suffix="_full")
    with connect(None, warehouse.url) as connection:
        tables = [name for (name,) in connection.execute(COMPARED)]
        assert len(tables) > 20
        for name in tables:
            differing = connection.execute(
                sql.SQL(
                    "(select * from marts.{0} except all select * from marts_full.{0}) union all"
                    " (select * from marts_full.{0} except all select * from marts.{0})"
                ).format(sql.Identifier(name))
            ).fetchall()
            assert differing == [], (name, differing[:4])


def test_life_of_a_scope(warehouse: Warehouse) -> None:
    """One story, built after each step: correction with a vanished row, rejection, nil return, withdrawal."""
    for unit in DISTRICTS:
        warehouse.submit(unit, "2022", [Stated("poor_households", 100), Stated("total_households", 1000)])
        warehouse.submit(unit, "2023", [Stated("poor_households", 80), Stated("total_households", 1000)])
    warehouse.submit(
        DAK_MIL,
        "2023",
        [
            Stated("poor_households", 470),
            Stated("poor_households", 300, "ethnicity=kinh"),
            Stated("total_households", 1000),
        ],
    )
    warehouse.submit(
        DAK_MIL, "2023", [Stated("poor_households", 500)], form="written_report", kind="report", status="preliminary"
    )
    warehouse.build()
    assert (poor(warehouse), poor(warehouse, "ethnicity=kinh")) == (470, 300)
    assert warehouse.province("2023", "poor_households")["value"] == 7 * 80 + 470
    first_known = warehouse.now()

    corrected = warehouse.submit(DAK_MIL, "2023", [Stated("poor_households", 450), Stated("total_households", 1000)])
    warehouse.submit(DAK_MIL, "2023", [Stated("poor_households", 1)], is_rejected=True)
    warehouse.build()
    assert poor(warehouse, "ethnicity=kinh") is None, "the row that the correction does not have is gone"
    assert poor(warehouse) == 450, "a rejected submission leaves the figures standing"
    assert warehouse.province("2023", "poor_households")["value"] == 7 * 80 + 450
    assert warehouse.province("2023", "poor_households")["change"] == 7 * 80 + 450 - 800
    assert warehouse.unit(DAK_MIL, "2023", "poor_household_rate_reduction")["value"] == 10 - 45

    nil = warehouse.submit(DAK_MIL, "2023", [], is_nil=True)
    # A period and categories of which nobody has spoken yet, and a target for several years.
    warehouse.submit(
        DISTRICTS[1], "2017", [Stated("jobs_created", 7, "channel=enterprise; sex=female")], form="employment"
    )
    warehouse.submit(
        DAK_NONG,
        "2023",
        [Stated("poor_household_rate", 2, period="2021/2025", measure="target", issuer="HĐND tỉnh")],
        form="assigned_targets",
    )
    warehouse.build()
    assert poor(warehouse) == 500, "the form is empty now, so prose counts"
    assert warehouse.unit(DISTRICTS[1], "2017", "jobs_created", "channel=enterprise; sex=female")["value"] == 7
    assert warehouse.province("2023", "poor_household_rate")["target_value"] == 2

    warehouse.withdraw(nil)
    warehouse.build()
    assert poor(warehouse) == 450, "a withdrawal brings the one before back"

    statements = warehouse.rows(
        "select value, form_code, is_counted from marts.fct_poverty where unit_id = %s and period = '2023'"
        " and indicator_code = 'poor_households' order by value",
        DAK_MIL,
    )
    assert statements == [
        {"value": 450, "form_code": "poverty_review", "is_counted": True},
        {"value": 500, "form_code": "written_report", "is_counted": False},
    ]
    history = warehouse.rows(
        "select value, submission_id, known_to is null as is_known from marts.fct_poverty_history where unit_id = %s"
        " and period = '2023' and indicator_code = 'poor_households' and breakdown = ''"
        " and form_code = 'poverty_review' order by known_from",
        DAK_MIL,
    )
    assert [(h["value"], h["is_known"]) for h in history] == [(80, False), (470, False), (450, False), (450, True)]
    assert history[-1]["submission_id"] == corrected

    revisions = warehouse.rows(
        "select revision_kind, value_old, value_new, breakdown from marts.rpt_revision where unit_id = %s"
        " and period = '2023' and indicator_code = 'poor_households' order by revised_at, breakdown",
        DAK_MIL,
    )
    assert [tuple(r.values()) for r in revisions] == [
        ("corrected", 80, 470, ""),
        ("added", None, 300, "ethnicity=kinh"),
        ("corrected", 470, 450, ""),
        ("removed", 300, None, "ethnicity=kinh"),
        ("emptied", 450, None, ""),
        ("added", None, 450, ""),
    ]

    assert_same_as_a_build_of_everything(warehouse)

    warehouse.build(variables={"known_at": first_known}, schema_suffix="_then")
    with connect(None, warehouse.url) as connection:
        then = connection.cursor(row_factory=dict_row).execute(
            "select breakdown, value from marts_then.rpt_unit_year where unit_id = %s and period = '2023'"
            " and indicator_code = 'poor_households' order by breakdown",
            (DAK_MIL,),
        )
        assert then.fetchall() == [{"breakdown": "", "value": 470}, {"breakdown": "ethnicity=kinh", "value": 300}]


def test_build_as_known_at_an_instant_does_not_replace_what_counts(warehouse: Warehouse) -> None:
    with pytest.raises(ValueError, match="schema_suffix"):
        warehouse.build(variables={"known_at": "2024-01-01"})
