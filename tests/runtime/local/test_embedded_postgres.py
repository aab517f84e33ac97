"""The embedded server: safe by default, found again, stopped for good, clear when something is in its way."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from runtime.errors import SetupError
from runtime.local import embedded_postgres
from runtime.local.ports import HOST, free_port
from runtime.settings import Settings

pytestmark = pytest.mark.database


def settings_in(home: Path) -> Settings:
    return Settings(home=home, database_url=None, postgres_port=free_port())


@pytest.fixture
def settings() -> Iterator[Settings]:
    """A home of its own, whose server is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="ansinh-test-") as folder:
        Path(folder).chmod(0o711)
        chosen = settings_in(Path(folder))
        try:
            yield chosen
        finally:
            embedded_postgres.remove(chosen)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Settings, str]]:
    """A running server for the tests that only look at it."""
    with tempfile.TemporaryDirectory(prefix="ansinh-test-") as folder:
        Path(folder).chmod(0o711)
        chosen = settings_in(Path(folder))
        try:
            yield chosen, embedded_postgres.ensure_running(chosen)
        finally:
            embedded_postgres.remove(chosen)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_it_starts_once_and_is_found_again(running):
    settings, url = running
    started_at = ask(url, "select pg_postmaster_start_time()")
    assert embedded_postgres.ensure_running(settings) == url
    assert ask(url, "select pg_postmaster_start_time()") == started_at
    assert ask(embedded_postgres.airflow_url(settings), "select current_database()") == "airflow"


def test_data_survives_a_restart_on_another_port(settings):
    with psycopg.connect(embedded_postgres.ensure_running(settings)) as connection:
        connection.execute("create table kept as select 1 as one")
    embedded_postgres.stop(settings)
    assert not embedded_postgres.is_running(settings)
    moved = settings.changed(postgres_port=free_port())
    assert ask(embedded_postgres.ensure_running(moved), "select one from kept") == 1


def test_what_protects_data_is_on_and_the_owner_is_no_superuser(running):
    _, url = running
    assert (ask(url, "show fsync"), ask(url, "show full_page_writes")) == ("on", "on")
    assert ask(url, "select rolsuper from pg_roles where rolname = current_user") is False


def test_nobody_gets_in_without_the_password(running):
    _, url = running
    password = url.split(":")[2].split("@")[0]
    for user in ("ansinh", "postgres"):
        wrong = url.replace(password, "guess").replace("ansinh:", f"{user}:")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_it_listens_on_this_machine_alone_and_on_no_socket(running):
    settings, url = running
    password = (settings.home / "secrets" / "postgres" / "postgres").read_text()
    as_superuser = f"postgresql://postgres:{password}@{url.split('@')[1]}"
    assert ask(as_superuser, "show listen_addresses") == HOST
    assert ask(as_superuser, "show unix_socket_directories") == ""


def test_passwords_are_readable_by_their_owner_alone(running):
    settings, _ = running
    secrets = [path for path in (settings.home / "secrets").rglob("*") if path.is_file()]
    assert secrets
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def test_a_taken_port_is_one_line_with_the_variable_to_set(settings):
    with socket.socket() as other:
        other.bind((HOST, settings.postgres_port))
        other.listen()
        with pytest.raises(SetupError, match=r"taken by another program; set ANSINH_POSTGRES_PORT") as caught:
            embedded_postgres.ensure_running(settings)
    assert "\n" not in str(caught.value)


def test_a_pid_file_of_a_machine_that_crashed_is_no_obstacle(settings):
    url = embedded_postgres.ensure_running(settings)
    data = settings.home.joinpath("postgres").resolve() / "data"
    pid_file = data / "postmaster.pid"
    stale = pid_file.read_text().splitlines()
    embedded_postgres.stop(settings)
    # After a restart of the machine the number belongs to another program: to this one.
    pid_file.write_text("\n".join([str(os.getpid()), *stale[1:]]))
    assert not embedded_postgres.is_running(settings)
    assert embedded_postgres.ensure_running(settings) == url


def test_lost_passwords_are_told_with_a_way_out(settings):
    embedded_postgres.ensure_running(settings)
    (settings.home / "secrets" / "postgres" / "postgres").write_text("another")
    with pytest.raises(SetupError, match="make clean"):
        embedded_postgres.ensure_running(settings)


def test_processes_that_start_it_at_once_get_the_same_server(settings):
    code = (
        "import sys; from runtime.local import embedded_postgres; from runtime.settings import Settings\n"
        "s = Settings(home=sys.argv[1], database_url=None, postgres_port=sys.argv[2])\n"
        "print(embedded_postgres.ensure_running(s))"
    )
    command = [sys.executable, "-c", code, str(settings.home), str(settings.postgres_port)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    urls = {process.communicate()[0] for process in processes}
    assert len(urls) == 1
    assert {process.returncode for process in processes} == {0}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as another user")
def test_a_home_that_the_system_user_may_not_enter_still_works():
    with tempfile.TemporaryDirectory(prefix="ansinh-test-") as folder:
        settings = settings_in(Path(folder))
        try:
            url = embedded_postgres.ensure_running(settings)
            place = (settings.home / "postgres").resolve()
            assert not place.is_relative_to(settings.home)
            assert ask(url, "select 1") == 1
        finally:
            embedded_postgres.remove(settings)
        assert not place.exists()


def test_an_external_server_is_used_and_left_alone(postgres_server):
    settings = postgres_server.settings.changed(database_url=postgres_server.url)
    assert embedded_postgres.ensure_running(settings) == postgres_server.url


def test_an_external_server_that_cannot_be_reached_is_one_line():
    settings = Settings(database_url=f"postgresql://nobody:x@{HOST}:{free_port()}/none")
    with pytest.raises(SetupError, match="ANSINH_DATABASE_URL cannot be reached") as caught:
        embedded_postgres.ensure_running(settings)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("number", "shown"), [(140011, "14"), (90624, "9")])
def test_a_server_that_is_too_old_is_refused_by_its_number(number, shown):
    with pytest.raises(SetupError, match=rf"is Postgres {shown}, 15 or later is needed"):
        embedded_postgres.check_version(number)


@pytest.mark.parametrize("number", [150000, 160014, 180004])
def test_a_server_that_is_new_enough_is_taken(number):
    embedded_postgres.check_version(number)
