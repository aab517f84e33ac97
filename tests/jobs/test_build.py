"""One build at a time: who comes second waits."""

from __future__ import annotations

import threading

import pytest

from ingest.store import registry
from runtime.warehouse.connect import connect
from tests.dbt.hand_made import prepare

pytestmark = pytest.mark.database


def test_a_second_build_waits_for_the_first_one(database: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs import build
    from runtime.warehouse import dbt

    prepare(database.url)  # type: ignore[attr-defined]
    running, most, ended = [0], [0], threading.Event()

    def slow_build(*_: object, **__: object) -> list[dbt.NodeResult]:
        running[0] += 1
        most[0] = max(most[0], running[0])
        ended.wait(0.5)
        running[0] -= 1
        return []

    # What dbt would make is of no matter here, only that it is asked by one at a time.
    monkeypatch.setattr(dbt, "build", slow_build)
    threads = [threading.Thread(target=build.build_models) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert most == [1]
    with connect("publish", database.url) as connection:  # type: ignore[attr-defined]
        assert connection.execute("select count(*) from registry.build where outcome = 'success'").fetchone() == (3,)


def test_the_lock_goes_with_the_session_that_held_it(database: object) -> None:
    first = connect("transform", database.url)  # type: ignore[attr-defined]
    with connect("transform", database.url) as second:  # type: ignore[attr-defined]
        assert registry.lock_builds(first)
        assert not registry.lock_builds(second)
        first.close()
        registry.await_builds(second)
