"""The warehouse against the clock: `ansinh bench warehouse [--years 10] [--rounds 3] [--no-airflow]`.

One province whose communes have handed in every form for ten years (about 3 million observations), and beside it the
same province with one year only. Measured: a build of everything; the build after one corrected submission, on both,
in turns; the same through the DAG; and headline queries by logins under row-level security against the same queries
without it, with what each of them read. A build is `ansinh build` in a process of its own, imports included.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from bench.made_province import FIRST_YEAR, MadeSubmission, cells_of, load_province, made_submissions, made_value
from bench.own_warehouse import own_warehouse
from bench.promises import at_most
from ingest.core.catalogue import load_catalogue
from ingest.core.model import Observation, ReadSubmission
from ingest.store import load, registry
from ingest.store.catalogue_load import load_catalogue_tables
from jobs.demo import ENVIRONMENT, SERVICES
from runtime.airflow import configuration
from runtime.airflow.api import FINISHED, AirflowApi
from runtime.local import services
from runtime.local.ports import free_port
from runtime.settings import Settings
from runtime.warehouse import bi_logins
from runtime.warehouse.connect import connect

BUILD_DAG = "build_marts"
PROVINCE = "68@2025-07-01"
CORRECTED_FORM = "employment"
# Reading more rows than this one after the other is worth a word.
SMALL_TABLE_ROWS = 20_000
PASSWORD = "of a bench that deletes its databases"  # noqa: S105

QUERIES = {
    "a province's year": "select * from marts.rpt_provincial_year where province_unit_id = %(province)s"
    " and period = %(year)s::text",
    "an indicator over all communes": "select unit_name, value, change from marts.rpt_unit_year"
    " where indicator_code = 'poor_households' and period = %(year)s::text and breakdown = '' order by unit_sort_key",
    "a commune's profile": "select * from marts.rpt_unit_quarter where unit_id = %(commune)s"
    " and period = %(year)s || '-Q2' order by sort_order",
    "a commune's series": "select period, value from marts.rpt_unit_quarter where unit_id = %(commune)s"
    " and indicator_code = 'jobs_created' and breakdown = '' order by period",
    "a fact by period": "select period, sum(value) from marts.fct_employment where indicator_code = 'jobs_created'"
    " and period = %(year)s || '-Q2' and breakdown = '' and is_counted group by period",
    "a fact's history": "select * from marts.fct_employment_history where unit_id = %(commune)s and year = %(year)s",
}


@dataclass(frozen=True, slots=True)
class Installation:
    """A home with its own server, holding the made province of so many years."""

    settings: Settings
    url: str
    years: int

    @property
    def environment(self) -> dict[str, str]:
        """The environment of this installation's own processes."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("ANSINH_")}
        return others | {
            "ANSINH_HOME": str(self.settings.home),
            "ANSINH_POSTGRES_PORT": str(self.settings.postgres_port),
            "ANSINH_WEB_PORT": str(self.settings.web_port),
        }

    @property
    def last_year(self) -> int:
        """The newest year that was reported."""
        return FIRST_YEAR + self.years - 1


def main() -> None:
    """Makes both provinces, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-airflow", action="store_true", help="leave the DAG out")
    chosen = parser.parse_args()
    with _installed(chosen.years) as large, _installed(1) as small:
        measure_full_builds(large, small)
        measure_corrections(large, small, chosen.rounds)
        measure_queries(large)
        if not chosen.no_airflow:
            measure_dag(large, chosen.rounds)


@contextmanager
def _installed(years: int) -> Iterator[Installation]:
    with own_warehouse() as (own, url):
        settings = own.changed(web_port=free_port())
        with connect("ingest", url) as connection:
            load_catalogue_tables(connection)
        started = time.perf_counter()
        with psycopg.connect(url, autocommit=True) as connection:
            count = load_province(connection, years)
        print(f"{years} years: {count:,} observations, copied in {time.perf_counter() - started:.0f} s", flush=True)
        try:
            yield Installation(settings, url, years)
        finally:
            services.stop(settings)


def build(installation: Installation) -> float:
    """Runs `ansinh build`; gives the seconds it took.

    Raises:
        subprocess.CalledProcessError: the build failed.
    """
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "from jobs.cli import main; main()", "build"],
        env=installation.environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def measure_full_builds(large: Installation, small: Installation) -> None:
    """Prints what a build of everything takes, and the nodes that take longest."""
    for installation in (small, large):
        seconds = build(installation)
        print(f"\nbuild of everything, {installation.years} years")
        at_most(f"a build of everything over {installation.years} years", seconds, 60, "s")
        print_slowest(installation, 12)


def print_slowest(installation: Installation, count: int) -> None:
    """Prints the nodes of the last build that took longest."""
    with connect("publish", installation.url) as connection:
        rows = connection.execute(
            "select seconds, resource_type, split_part(node_id, '.', 3), rows_affected from registry.build_result"
            " where invocation_id = (select invocation_id from registry.build_result order by built_at desc limit 1)"
            " order by seconds desc limit %s",
            (count,),
        ).fetchall()
    for seconds, kind, name, affected in rows:
        print(f"  {seconds:7.2f} s  {kind} {name}" + (f", {affected:,} rows" if affected else ""))


def measure_corrections(large: Installation, small: Installation, rounds: int) -> None:
    """Prints what the build after one corrected submission takes, and its ratio."""
    seconds: dict[int, list[float]] = {large.years: [], small.years: []}
    # What a home does once: dbt parses the project as it is for changes.
    for number in range(rounds + 1):
        for installation in (small, large):
            correct(installation, number)
            took = build(installation)
            if number:
                seconds[installation.years].append(took)
    medians = {years: statistics.median(values) for years, values in seconds.items()}
    print("\nbuild after one corrected submission")
    for years, values in seconds.items():
        print(f"  {years:2} years: {medians[years]:.2f} s  ({', '.join(f'{value:.2f}' for value in values)})")
    ratio = medians[large.years] / medians[small.years]
    at_most(f"the build after a correction, {large.years} years against one", ratio, 1.3, "times")
    print_slowest(large, 8)


def correct(installation: Installation, number: int) -> None:
    """Loads a corrected submission of the newest year, in which a row has vanished."""
    old = next(
        made
        for made in made_submissions(load_catalogue(), installation.years)
        if made.form.code == CORRECTED_FORM and made.period.code == f"{installation.last_year}-Q2"
    )
    # No two corrections are the same bytes.
    made = MadeSubmission(old.form, old.period, old.unit_id, 100 + number + time.time_ns() % 10**9, is_last=True)
    observations = [
        Observation(
            ref=cell.ref,
            raw="-",
            value=Decimal(made_value(cell, place, replace(made, version=3 + number))),
            unit_of_measure=cell.indicator.unit_of_measure,
            indicator_code=cell.indicator.code,
            unit_id=made.unit_id,
            period=made.period.code,
            breakdown=cell.breakdown,
            measure=cell.measure,
            accumulation=cell.accumulation,  # type: ignore[arg-type]
            status="official",
        )
        for place, cell in enumerate(cells_of(made.form, made.period))
    ]
    submission = ReadSubmission(
        made.form.code, "v01", "form", made.unit_id, made.period.code, "official", observations=observations[:-1]
    )
    with connect("ingest", installation.url) as connection:
        connection.autocommit = True
        with connection.transaction():
            registry.register_delivery(
                connection,
                sha256=made.sha256,
                size_bytes=1,
                archive_path=Path(made.sha256),
                source_path=f"{made.unit_id}/{made.form.code}/{made.period.code}",
                channel="inbox",
            )
        if load.load_submission(connection, made.sha256, submission, "1") != "accepted":
            raise RuntimeError("the correction was not accepted")


def measure_dag(installation: Installation, rounds: int) -> None:
    """Prints what the same takes through Airflow, from the run's trigger to its end, in turns with builds by hand."""
    settings = installation.settings
    os.environ.update({name: v for name, v in installation.environment.items() if name.startswith("ANSINH_")})
    environment = configuration.environment(settings, installation.url, extra=ENVIRONMENT)
    configuration.migrate_metadata(environment)
    started_at = datetime.now(UTC)
    services.start(settings, environment, SERVICES)
    with AirflowApi(configuration.base_url(settings), configuration.USER, configuration.password(settings)) as api:
        services.wait_until_healthy(settings, api)
        services.wait_for_dags(settings, api, (BUILD_DAG,), started_at)
        api.unpause(BUILD_DAG)
        seconds: dict[str, list[float]] = {"through the DAG": [], "by hand beside it": []}
        for number in range(rounds + 1):
            correct(installation, 50 + number)
            by_hand = build(installation)
            correct(installation, 70 + number)
            started = time.perf_counter()
            run_id = api.trigger(BUILD_DAG, {})
            while (state := api.run_state(BUILD_DAG, run_id)) not in FINISHED:
                time.sleep(0.5)
            if state != "success":
                raise RuntimeError(f"the run {run_id} ended as {state}")
            if number:
                seconds["through the DAG"].append(time.perf_counter() - started)
                seconds["by hand beside it"].append(by_hand)
    print("\nthe same through the DAG")
    for way, values in seconds.items():
        print(f"  {statistics.median(values):.2f} s {way}")
    through, by_hand = (statistics.median(values) for values in seconds.values())
    at_most("the build through the DAG, against by hand", through / by_hand, 1.5, "times")


def measure_queries(installation: Installation) -> None:
    """Prints each query's time under row-level security against without, and what it read."""
    with connect(None, installation.url) as owner:
        commune = owner.execute(
            "select min(unit_id) from marts.dim_unit where province_unit_id = %s and unit_level = 'commune'",
            (PROVINCE,),
        ).fetchone()
        bi_logins.add_login(owner, "bench_province", [PROVINCE], PASSWORD)
        owner.commit()
    values = {"province": PROVINCE, "commune": commune[0] if commune else "", "year": installation.last_year}
    print("\nqueries, by the role that no policy binds and by a login of the province")
    try:
        with (
            connect("transform", installation.url) as without,
            psycopg.connect(installation.url, user="bench_province", password=PASSWORD, autocommit=True) as under,
            _on_one_core(without, under),
        ):
            without.autocommit = True
            for connection in (without, under):
                # As a BI tool asks: planned anew each time, and never kept on one side only.
                connection.execute("set plan_cache_mode = force_custom_plan")
            for name, query in QUERIES.items():
                rows, ratio, fast, slow = _compared(without, under, query, values)
                print(f"  {name}: {rows} rows, {1000 * fast:.2f} ms without a policy, {1000 * slow:.2f} ms under one")
                at_most(name, ratio, 1.2, "times")
                for line in _plan(under, query, values):
                    print(f"      {line}")
    finally:
        with connect(None, installation.url) as owner:
            bi_logins.remove_login(owner, "bench_province")
            owner.commit()


@contextmanager
def _on_one_core(*connections: psycopg.Connection) -> Iterator[None]:
    """Keeps this process and the servers of the connections on one core, where the system lets it.

    A query of a tenth of a millisecond takes half as long again where client and server wake one another across
    cores, which differs from connection to connection and says nothing of policies.
    """
    before = os.sched_getaffinity(0)
    try:
        for process in (0, *(connection.info.backend_pid for connection in connections)):
            os.sched_setaffinity(process, {min(before)})
    except PermissionError:
        print("  (each on a core of its own choice: short queries differ by up to a half for that alone)")
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _compared(
    without: psycopg.Connection, under: psycopg.Connection, query: str, values: Mapping[str, Any], rounds: int = 41
) -> tuple[int, float, float, float]:
    fast: list[float] = []
    slow: list[float] = []
    found: list[list[Any]] = [[], []]
    for _ in range(rounds):
        for place, (connection, seconds) in enumerate(((without, fast), (under, slow))):
            started = time.perf_counter()
            found[place] = connection.execute(query, values).fetchall()
            seconds.append(time.perf_counter() - started)
    if sorted(map(repr, found[0])) != sorted(map(repr, found[1])):
        raise RuntimeError(f"the policy changes the answer of {query}")
    medians = statistics.median(fast), statistics.median(slow)
    return len(found[0]), medians[1] / medians[0], *medians


def _plan(connection: psycopg.Connection, query: str, values: Mapping[str, Any]) -> Iterator[str]:
    """What a query reads: each scan with the rows it gave and those that it read for nothing."""
    explained = connection.execute(f"explain (analyze, format json) {query}", values).fetchone()
    assert explained is not None
    nodes = [explained[0][0]["Plan"]]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if "Relation Name" in node:
            read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            is_whole = node["Node Type"] == "Seq Scan" and read > SMALL_TABLE_ROWS
            yield (
                f"{node['Node Type']} {node['Relation Name']}"
                + (f" by {node['Index Name']}" if "Index Name" in node else "")
                + f": {read:,.0f} rows read, {node['Actual Rows'] * node['Actual Loops']:,.0f} kept"
                + (" (THE WHOLE TABLE)" if is_whole else "")
            )


if __name__ == "__main__":
    main()
