"""Facts and reports as they were known: first, after a correction with a removed row, after its withdrawal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from dbt.cli.main import dbtRunner
from psycopg import sql
from psycopg.rows import dict_row

from runtime.process_environment import changed_environment
from runtime.settings import load_settings
from runtime.warehouse import as_known, dbt
from runtime.warehouse.connect import connect
from tests.dbt.hand_made import DAK_NONG, DISTRICTS, Stated, Warehouse

pytestmark = pytest.mark.dbt

DAK_MIL = "663@base"
FIRST = {"": 470, "ethnicity=kinh": 300}
CORRECTED = {"": 450}


@pytest.fixture(scope="module")
def instants(module_warehouse: Warehouse) -> dict[str, str]:
    """When the first figures, the correction and its withdrawal were known."""
    w = module_warehouse
    found = {"before": w.now()}
    for unit in DISTRICTS:
        if unit != DAK_MIL:
            w.submit(unit, "2023", [Stated("poor_households", 80), Stated("total_households", 1000)])
    w.submit(DAK_MIL, "2023", [Stated("poor_households", value, breakdown) for breakdown, value in FIRST.items()])
    # Targets and prose keep a history like everything else.
    w.submit(
        DAK_NONG,
        "2023",
        [Stated("poor_household_rate", 3, measure="target", issuer="HĐND tỉnh")],
        form="assigned_targets",
    )
    w.submit(
        DAK_NONG,
        "2023",
        [Stated("labour_force", 400), Stated("jobs_created", 7, confidence=0.1)],
        form="written_report",
        kind="report",
    )
    found["first"] = w.now()
    corrected = w.submit(DAK_MIL, "2023", [Stated("poor_households", 450)])
    w.submit(
        DAK_NONG,
        "2023",
        [Stated("poor_household_rate", 2, measure="target", issuer="HĐND tỉnh")],
        form="assigned_targets",
    )
    w.submit(DAK_NONG, "2023", [Stated("labour_force", 500)], form="written_report", kind="report")
    found["corrected"] = w.now()
    w.withdraw(corrected)
    w.build()
    found["withdrawn"] = w.now()
    return found


def facts_as_known(warehouse: Warehouse, fact: str, instant: str) -> list[dict[str, Any]]:
    """The counted statements of a fact by the macro that anybody may use in a query."""
    query = f"select * from ({{{{ as_known_at(ref('{fact}_history'), '{instant}') }}}}) as known where is_counted"
    arguments = ["compile", "--inline", query, "--quiet", "--project-dir", str(dbt.DBT_PROJECT)]
    arguments += ["--target-path", str(load_settings().dbt / "target"), *dbt.variables_option()]
    with changed_environment(dbt.dbt_environment(warehouse.url)):
        outcome = dbtRunner().invoke(arguments)
    compiled = outcome.result.results[0].node.compiled_code  # type: ignore[union-attr]
    assert isinstance(compiled, str)
    return warehouse.rows(compiled)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [("before", {}), ("first", FIRST), ("corrected", CORRECTED), ("withdrawn", FIRST)],
)
def test_a_fact_as_known_at_an_instant(
    module_warehouse: Warehouse, instants: dict[str, str], instant: str, expected: dict[str, int]
) -> None:
    rows = facts_as_known(module_warehouse, "fct_poverty", instants[instant])
    of_dak_mil = {row["breakdown"]: int(row["value"]) for row in rows if row["unit_id"] == DAK_MIL}
    assert of_dak_mil == expected


@pytest.mark.parametrize(
    ("fact", "values"), [("fct_target", (3, 2)), ("fct_employment", (400, 500))], ids=["target", "prose"]
)
def test_targets_and_prose_have_a_history_too(
    module_warehouse: Warehouse, instants: dict[str, str], fact: str, values: tuple[int, int]
) -> None:
    for instant, value in zip(("first", "corrected"), values, strict=True):
        assert [row["value"] for row in facts_as_known(module_warehouse, fact, instants[instant])] == [value], instant


def test_what_was_read_with_too_little_confidence_has_no_history(
    module_warehouse: Warehouse, instants: dict[str, str]
) -> None:
    assert module_warehouse.rows("select * from marts.fct_superseded where indicator_code = 'jobs_created'") == []


def test_each_statement_tells_when_it_was_known(module_warehouse: Warehouse, instants: dict[str, str]) -> None:
    rows = module_warehouse.rows(
        "select value, known_from, known_to from marts.fct_poverty_history where unit_id = %s and breakdown = ''"
        " order by known_from",
        DAK_MIL,
    )
    assert [(int(row["value"]), row["known_to"] is None) for row in rows] == [(470, False), (450, False), (470, True)]
    assert [row["known_to"] for row in rows[:-1]] == [row["known_from"] for row in rows[1:]], "without a gap"


def test_every_report_as_known_at_an_instant_beside_the_live_ones(
    module_warehouse: Warehouse, instants: dict[str, str]
) -> None:
    w = module_warehouse
    before = live_state(w)
    suffix = as_known.build_as_known_at(w.url, datetime.fromisoformat(instants["corrected"]))
    assert live_state(w) == before
    assert as_known.list_suffixes(w.url) == [suffix]
    marts = sql.Identifier(f"marts{suffix}")
    with connect("publish", w.url) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        poor = cursor.execute(
            sql.SQL("select breakdown, value from {}.rpt_unit_year where unit_id = %s").format(marts)
            + sql.SQL(" and period = '2023' and indicator_code = 'poor_households'"),
            (DAK_MIL,),
        ).fetchall()
        assert {row["breakdown"]: int(row["value"]) for row in poor} == CORRECTED
        province = cursor.execute(
            sql.SQL("select value, target_value from {}.rpt_provincial_year where period = '2023'").format(marts)
            + sql.SQL(" and indicator_code in ('poor_households', 'poor_household_rate') and breakdown = ''")
            + sql.SQL(" order by indicator_code desc")
        ).fetchall()
        assert province[0]["value"] == 7 * 80 + 450
        assert province[1]["target_value"] == 2
        still = cursor.execute(
            sql.SQL("select value from {}.fct_poverty_history where unit_id = %s and known_to is null").format(marts),
            (DAK_MIL,),
        ).fetchall()
        assert [int(row["value"]) for row in still] == [450], "what came later is not known yet"
    as_known.remove(w.url, suffix)
    assert as_known.list_suffixes(w.url) == []
    with pytest.raises(LookupError):
        as_known.remove(w.url, suffix)
    with pytest.raises(LookupError):
        as_known.remove(w.url, "")


def live_state(warehouse: Warehouse) -> list[Any]:
    """The live marts' tables, by identity and content, and what the registry notes of builds."""
    with connect(None, warehouse.url) as connection:
        tables = connection.execute(
            "select oid, relname, relfilenode from pg_class where relnamespace = 'marts'::regnamespace"
            " and relkind = 'r' order by oid"
        ).fetchall()
        builds = connection.execute("select * from registry.build order by build_id").fetchall()
        projects = connection.execute("select * from registry.built_project where schema_suffix = ''").fetchall()
        facts = connection.execute("select * from marts.fct_poverty order by fact_id").fetchall()
    return [tables, builds, projects, facts]


def test_an_instant_says_how_far_from_utc_it_is() -> None:
    assert as_known.parse_instant("2024-03-01T00:00:00+07:00") == datetime(2024, 2, 29, 17, tzinfo=UTC)
    for text in ("2024-03-01T00:00:00", "2024-03-01", "now", "2024-13-01T00:00:00Z'; drop table x --"):
        with pytest.raises(as_known.InvalidInstantError):
            as_known.parse_instant(text)
