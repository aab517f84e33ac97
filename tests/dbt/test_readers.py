"""Readers while a build runs: each query sees the old table or the new one, whole, and never fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import pytest

from runtime.warehouse import bi_logins
from runtime.warehouse.connect import connect
from tests.dbt.hand_made import DAK_NONG, DISTRICTS, Stated, Warehouse

pytestmark = pytest.mark.dbt

LOGIN, PASSWORD = "bi_looking", "a password of this test"
QUERIES = {
    "fact": "select count(*), sum(value) from marts.fct_poverty where is_counted",
    # A view and a table below it: a swap that took them in the other order would be a deadlock.
    "history": "select count(*), sum(value) from marts.fct_poverty_history where known_to is null",
    "history and fact": (
        "select count(*), sum(history.value) from marts.fct_poverty_history as history"
        " inner join marts.fct_poverty as fact using (fact_id) where history.known_to is null"
    ),
    "fact and history": (
        "select count(*), sum(history.value) from marts.fct_poverty as fact"
        " inner join marts.fct_poverty_history as history using (fact_id) where history.known_to is null"
    ),
    "report": (
        "select count(*), sum(value) from marts.rpt_unit_year"
        " where period = '2023' and indicator_code = 'poor_households'"
    ),
    "dimension": "select count(*), 0 from marts.dim_unit",
}


@dataclass(slots=True)
class Seen:
    """What the readers of one query saw, and what went wrong for them."""

    answers: set[tuple[int, int]] = field(default_factory=set)
    times: int = 0
    errors: list[str] = field(default_factory=list)
    longest_seconds: float = 0.0


@contextmanager
def reading(warehouse: Warehouse) -> Iterator[dict[str, Seen]]:
    """One connection per query, each asking again and again until the block ends."""
    seen = {name: Seen() for name in QUERIES}
    has_ended = threading.Event()

    def ask(name: str) -> None:
        with psycopg.connect(warehouse.url, user=LOGIN, password=PASSWORD, autocommit=True) as connection:
            while not has_ended.is_set():
                started = time.monotonic()
                try:
                    count, total = connection.execute(QUERIES[name]).fetchone() or (0, 0)
                    seen[name].answers.add((int(count), int(total or 0)))
                except psycopg.Error as error:
                    seen[name].errors.append(str(error))
                seen[name].times += 1
                seen[name].longest_seconds = max(seen[name].longest_seconds, time.monotonic() - started)
                time.sleep(0.005)

    threads = [threading.Thread(target=ask, args=(name,)) for name in QUERIES]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        has_ended.set()
        for thread in threads:
            thread.join()


def submit_all(warehouse: Warehouse, poor: int) -> None:
    for unit in DISTRICTS:
        warehouse.submit(unit, "2023", [Stated("poor_households", poor), Stated("total_households", 1000)])


def test_readers_see_the_old_tables_or_the_new_ones_while_builds_run(warehouse: Warehouse) -> None:
    submit_all(warehouse, 10)
    warehouse.build()
    with connect(None, warehouse.url) as owner:
        bi_logins.add_login(owner, LOGIN, [DAK_NONG], PASSWORD)
    districts = len(DISTRICTS)
    with reading(warehouse) as seen:
        submit_all(warehouse, 20)
        warehouse.build()
        with connect("transform", warehouse.url) as connection:
            connection.execute("update registry.built_project set fingerprint = 'of another project'")
        submit_all(warehouse, 30)
        warehouse.build()
    with connect(None, warehouse.url) as owner:
        bi_logins.remove_login(owner, LOGIN)
    assert {name: result.errors for name, result in seen.items()} == {name: [] for name in QUERIES}
    assert min(result.times for result in seen.values()) > 50, "they read all the while"

    facts = {(2 * districts, districts * (1000 + poor)) for poor in (10, 20, 30)}
    for name in ("fact", "history", "history and fact", "fact and history"):
        assert seen[name].answers <= facts, name
        assert len(seen[name].answers) > 1, f"{name}: the new one was seen too"
    assert seen["report"].answers == {(districts, districts * poor) for poor in (10, 20, 30)}
    assert len(seen["dimension"].answers) == 1
