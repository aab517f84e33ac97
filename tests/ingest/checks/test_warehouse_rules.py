"""Rules over several submissions, applied by the SQL that is made of them to a small table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ingest.checks.between import BetweenRule, between_rules, problems_of_between
from ingest.checks.warehouse_rules import query_of, rules_on
from ingest.core.catalogue import load_catalogue
from ingest.core.model import breakdown_key
from ingest.forms import load_forms

STATEMENTS = sql.Identifier("statements")
UNIT = "667@base"

_TABLE = """
create temporary table statements (
    unit_id text, parent_unit_id text, level text, period text, year integer, period_before text,
    period_year_before text, period_year text, months integer, indicator_code text, breakdown text, measure text,
    accumulation text, is_summable boolean, siblings integer, value numeric, submission_id bigint, ref text,
    form_code text, source_kind text, delivered_at timestamptz
)
"""


class Statements:
    """A made input relation: what units state, a submission for each unit, form and period."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.submissions: dict[tuple[str, str, str], int] = {}

    def state(
        self,
        value: int,
        indicator: str,
        form: str,
        period: str = "2023",
        unit: str = UNIT,
        accumulation: str = "point",
        source: str = "form",
        siblings: int = 1,
        **breakdown: str,
    ) -> int:
        """Adds a statement; returns the number of its submission."""
        number = self.submissions.setdefault((unit, form, period), len(self.submissions) + 1)
        year, quarter = int(period[:4]), int(period[-1]) if "Q" in period else 4
        before = f"{year}-Q{quarter - 1}" if "Q" in period and quarter > 1 else None
        level = "province" if unit == "67@base" else "commune" if unit.startswith("24") else "district"
        self.connection.execute(
            f"insert into statements values ({', '.join(['%s'] * 21)})",
            (
                unit, "67@base" if level == "district" else UNIT, level, period, year, before,
                f"{year - 1}{period[4:]}", str(year), 3 * quarter, indicator, breakdown_key(breakdown), "actual",
                accumulation, accumulation != "rate", siblings, Decimal(value), number, f"{form}!A{number}",
                form, source, datetime(2024, 1, number).astimezone(),
            ),
        )  # fmt: skip
        return number

    def outcome(
        self, *rule_ids: str, changed: tuple[tuple[str, int], ...] | None = None
    ) -> dict[str, list[dict[str, Any]]]:
        """The rows of some rules by id."""
        self.connection.execute("create temporary table if not exists changed (unit_id text, year integer)")
        self.connection.execute("truncate changed")
        for slice_ in changed or ():
            self.connection.execute("insert into changed values (%s, %s)", slice_)
        rules = [rule for rule in between_rules() if rule.id in rule_ids]
        assert len(rules) == len(rule_ids)
        query = query_of(rules, STATEMENTS, sql.Identifier("changed") if changed is not None else None)
        cursor = self.connection.execute(query)
        names = [column.name for column in cursor.description or ()]
        found: dict[str, list[dict[str, Any]]] = {rule_id: [] for rule_id in rule_ids}
        for row in cursor.fetchall():
            found[row[0]].append(dict(zip(names, row, strict=True)))
        return found


@pytest.fixture
def statements(database) -> Iterator[Statements]:
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(_TABLE)
        yield Statements(connection)


@pytest.mark.database
@pytest.mark.parametrize(("jobs", "is_broken"), [(101, True), (42, False), (0, False)])
def test_more_jobs_by_training_than_trained(statements: Statements, jobs: int, is_broken: bool) -> None:
    statements.state(42, "trainees", "vocational_training")
    later = statements.state(jobs, "jobs_created", "employment", channel="vocational_training")
    (row,) = statements.outcome("BTW-001")["BTW-001"]
    assert (row["is_broken"], row["lhs"], row["rhs"]) == (is_broken, jobs, 42)
    # The later statement's sender is answered.
    assert row["submission_id"] == later


@pytest.mark.database
def test_a_missing_side_is_not_judged(statements: Statements) -> None:
    statements.state(101, "jobs_created", "employment", channel="vocational_training")
    assert statements.outcome("BTW-001") == {"BTW-001": []}


@pytest.mark.database
def test_deprivations_closing_and_opening_against_the_review(statements: Statements) -> None:
    statements.state(1161, "poor_households", "poverty_review", "2022")
    statements.state(1053, "poor_households", "poverty_review", "2023")
    statements.state(1063, "poor_households", "poverty_deprivation", "2023")
    statements.state(1186, "poor_households", "poverty_changes", "2023", movement="opening")
    statements.state(1053, "poor_households", "poverty_changes", "2023", movement="closing")
    found = statements.outcome("BTW-002", "BTW-004", "OVT-001")
    assert [(r["is_broken"], r["difference"]) for r in found["BTW-002"]] == [(True, 10)]
    assert [(r["is_broken"], r["difference"]) for r in found["BTW-004"]] == [(False, 0)]
    assert [(r["is_broken"], r["difference"]) for r in found["OVT-001"]] == [(True, 25)]


@pytest.mark.database
def test_what_is_cumulated_never_falls(statements: Statements) -> None:
    for period, value in (("2023-Q1", 10), ("2023-Q2", 30), ("2023-Q3", 25), ("2023-Q4", 40), ("2022-Q4", 90)):
        statements.state(value, "jobs_created", "employment", period, accumulation="since_january")
    found = statements.outcome("OVT-003")["OVT-003"]
    assert {row["period"]: row["is_broken"] for row in found} == {"2023-Q2": False, "2023-Q3": True, "2023-Q4": False}


@pytest.mark.database
def test_the_year_is_its_fourth_quarter(statements: Statements) -> None:
    statements.state(40, "jobs_created", "employment", "2023-Q4", accumulation="since_january")
    statements.state(41, "jobs_created", "employment", "2023", accumulation="since_january")
    (row,) = statements.outcome("OVT-004")["OVT-004"]
    assert row["is_broken"]


@pytest.mark.database
@pytest.mark.parametrize(("figures", "change", "is_broken"), [(14, 0, True), (14, 1, False), (5, 0, False)])
def test_last_quarter_sent_again(statements: Statements, figures: int, change: int, is_broken: bool) -> None:
    for number in range(figures):
        for period, more in (("2023-Q2", 0), ("2023-Q3", change if number == 0 else 0)):
            statements.state(100 + number + more, f"made_{number}", "employment", period)
    (row,) = statements.outcome("OVT-005")["OVT-005"]
    assert row["is_broken"] == is_broken


@pytest.mark.database
def test_a_unit_against_its_communes_only_when_all_are_there(statements: Statements) -> None:
    statements.state(30, "poor_households", "poverty_review", unit=UNIT)
    statements.state(10, "poor_households", "poverty_review", unit="24664@base", siblings=2)
    assert statements.outcome("LVL-001")["LVL-001"] == []
    statements.state(15, "poor_households", "poverty_review", unit="24667@base", siblings=2)
    (row,) = statements.outcome("LVL-001")["LVL-001"]
    assert (row["lhs"], row["rhs"], row["is_broken"]) == (30, 25, True)


@pytest.mark.database
def test_a_list_against_its_form(statements: Statements) -> None:
    statements.state(30, "sa_payment_turns", "social_protection")
    statements.state(31, "sa_payment_turns", "list_social_assistance", source="list")
    (row,) = statements.outcome("LST-200")["LST-200"]
    assert row["is_broken"]


@pytest.mark.database
def test_only_slices_that_changed_are_compared(statements: Statements) -> None:
    for unit in (UNIT, "663@base"):
        statements.state(42, "trainees", "vocational_training", unit=unit)
        statements.state(101, "jobs_created", "employment", unit=unit, channel="vocational_training")
    found = statements.outcome("BTW-001", changed=(("663@base", 2023),))["BTW-001"]
    assert [row["unit_id"] for row in found] == ["663@base"]


@pytest.mark.database
def test_turns_grow_with_the_months_and_the_law_changes(statements: Statements) -> None:
    for period in ("2023-Q2", "2025"):
        statements.state(100, "sa_monthly_beneficiaries", "social_protection", period)
        statements.state(900, "sa_payment_turns", "social_protection", period, support_kind="monthly")
    (row,) = statements.outcome("BTW-006")["BTW-006"]
    assert (row["period"], row["rhs"], row["is_broken"]) == ("2023-Q2", 600, True)


@pytest.mark.database
def test_all_rules_make_one_query(statements: Statements) -> None:
    assert statements.connection.execute(query_of(between_rules(), STATEMENTS)).fetchall() == []


def test_rules_name_what_there_is() -> None:
    assert problems_of_between(load_catalogue(), frozenset(load_forms())) == []


def test_a_rule_is_in_force_for_some_time() -> None:
    assert "BTW-006" in {rule.id for rule in rules_on(between_rules(), date(2024, 12, 31))}
    assert "BTW-006" not in {rule.id for rule in rules_on(between_rules(), date(2025, 12, 31))}


def test_a_side_names_terms_or_every() -> None:
    rule = between_rules()[0].model_dump()
    with pytest.raises(ValueError, match="both sides"):
        BetweenRule.model_validate({**rule, "right": {"every": "any"}})
