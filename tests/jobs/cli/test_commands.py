"""The command line as a person meets it: groups, refusals in a line, commands that look after an installation."""

from __future__ import annotations

import csv
import io
import json
import shlex

import pytest
import typer
from typer.testing import CliRunner

from jobs.cli import development
from jobs.cli.main import app
from runtime.settings import PROJECT, Settings

GROUPS = ["Files and forms", "Submissions", "Warehouse", "Publications", "This machine", "For developers"]


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == status, result.output
    return result.output


def commands() -> list[list[str]]:
    """Every command there is, by its words."""

    def walk(command: typer.core.TyperGroup, words: list[str]) -> list[list[str]]:
        found = []
        for name, each in command.commands.items():
            found.append([*words, name])
            if isinstance(each, typer.core.TyperGroup):
                found += walk(each, [*words, name])
        return found

    top = typer.main.get_command(app)
    assert isinstance(top, typer.core.TyperGroup)
    return walk(top, [])


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    return tmp_path


def test_help_shows_the_commands_in_groups():
    told = run("--help")
    assert [group for group in GROUPS if group not in told] == []
    assert told.index(GROUPS[0]) < told.index(GROUPS[-1])
    assert "─ Commands" not in told, "a command is in no group"


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_tells_what_it_does(words):
    told = run(*words, "--help")
    assert f"Usage: root {' '.join(words)}" in told
    assert len(told.splitlines()) > 4


def test_every_command_in_the_docs_is_there():
    """`ansinh ...` in backquotes, or on a line of its own in a block."""
    known = {tuple(words) for words in commands()}
    pages = [
        *PROJECT.glob("*.md"),
        *PROJECT.glob("docs/**/*.md"),
        *PROJECT.glob("catalogue/**/*.md"),
        PROJECT / "Makefile",
    ]
    unknown = []
    for page in pages:
        for line in page.read_text(encoding="utf-8").splitlines():
            for piece in line.replace("$(BIN)/ansinh", "`ansinh").replace(".venv/bin/ansinh", "`ansinh").split("`"):
                words = piece.split()
                if words[:1] != ["ansinh"] or len(words) < 2 or not words[1].isascii() or not words[1][0].isalpha():
                    continue
                if tuple(words[1:2]) not in known:
                    unknown.append((page.name, piece))
    assert unknown == []


def test_settings_are_shown_with_their_source_and_without_secrets(home, monkeypatch):
    monkeypatch.setenv("ANSINH_PSEUDONYM_KEY", "s3cret" * 10)
    monkeypatch.setenv("ANSINH_HMOE", "/elsewhere")
    (home / "settings.env").write_text("ANSINH_WEB_PORT=8123\n")
    result = CliRunner().invoke(app, ["settings", "--format", "csv"])
    told = result.stdout
    rows = {row["variable"]: row for row in csv.DictReader(io.StringIO(told))}
    assert len(rows) == len(Settings.model_fields)
    assert (rows["ANSINH_HOME"]["value"], rows["ANSINH_HOME"]["source"]) == (str(home), "environment")
    assert (rows["ANSINH_WEB_PORT"]["value"], rows["ANSINH_WEB_PORT"]["source"]) == ("8123", "file")
    assert rows["ANSINH_PSEUDONYM_KEY"]["source"] == "environment"
    assert "s3cret" not in told
    assert "ANSINH_HMOE is set and is no setting" in result.stderr


def test_forms_are_listed_and_their_definitions_checked(tmp_path):
    listed = json.loads(run("forms", "--format", "json"))
    assert "poverty_review" in {row["form"] for row in listed}
    assert run("forms", "validate") == ""
    (tmp_path / "no_form").mkdir()
    assert "form.yml:1" in run("forms", "validate", tmp_path, status=1)


def test_an_instant_that_is_none_is_refused_in_a_line(home):
    assert "is no instant" in run("as-known", "build", "yesterday", status=2)


@pytest.mark.database
def test_logins_are_made_shown_and_taken_away(module_database):
    # Roles belong to the whole server: a name that no other test uses.
    assert "No unit of the catalogue" in run("logins", "add", "bi_of_the_cli", "66399@base", status=1)
    with module_database.connect("ingest") as connection:
        from ingest.store.catalogue_load import load_catalogue_tables

        connection.autocommit = True
        load_catalogue_tables(connection)
    password = run("logins", "add", "bi_of_the_cli", "663@base").strip()
    assert len(password) >= 24
    assert "bi_of_the_cli\t663@base" in run("logins", "list")
    assert run("logins", "remove", "bi_of_the_cli") == ""
    assert "is no login of a BI tool" in run("logins", "remove", "bi_of_the_cli", status=1)


@pytest.mark.database
def test_what_needs_nothing_done_says_so(module_database, monkeypatch):
    monkeypatch.setenv("ANSINH_PSEUDONYM_KEY", "a key for tests, which is long enough for HMAC")
    assert run("migrate") == ""
    assert run("as-known", "list") == ""
    assert "Nothing was built" in run("as-known", "remove", "marts_at_20240101t000000z", status=1)
    assert run("rekey").startswith("0 lists are under the key")


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("bench", "bench"),
        ("bench forms lists", "bench forms lists"),
        ("bench forms --rounds 5", "bench.forms --rounds 5"),
        ("bench confidence FOLDER --cut 0.9", "bench.confidence FOLDER --cut 0.9"),
        ("samples", "samples.generate"),
    ],
)
def test_developers_commands_run_the_checkouts_modules(monkeypatch, line, module):
    ran = []
    monkeypatch.setattr(development, "_run_module", lambda name, arguments: ran.append([name, *arguments]))
    run(*shlex.split(line))
    assert ran[0] == module.split()


def test_an_unknown_measurement_is_refused():
    assert "no measurement nothing" in run("bench", "nothing", status=2)
