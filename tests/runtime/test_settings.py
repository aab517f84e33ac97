"""The settings: where each comes from, what is refused, what is hidden, and that nothing goes round them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import places
from runtime.errors import SetupError
from runtime.settings import PROJECT, Settings, load_settings, show_settings, unknown_variables

PACKAGES = ("dags", "ingest", "jobs", "publish", "runtime")
# They run where nothing is installed, or in a container's health check; and the two that all others ask.
MAY_READ_THE_ENVIRONMENT = {
    "runtime/local/bootstrap.py",
    "runtime/local/clean.py",
    "runtime/process_environment.py",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of an installation for which nothing is set."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ANSINH_{name.upper()}", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    return tmp_path


def shown() -> dict[str, tuple[str, str]]:
    return {each.variable: (each.value, each.source) for each in show_settings()}


def test_places_follow_from_the_home(home):
    settings = load_settings()
    assert settings.home == home
    assert settings.inbox == str(home / "inbox")
    assert settings.phrasings == home / "phrasings.yml"
    assert settings.database_url is None


def test_a_variable_goes_before_the_file_and_the_file_before_the_default(home, monkeypatch):
    (home / places.SETTINGS_FILE).write_text(
        "# what the office set\nANSINH_WEB_PORT=8081\nANSINH_POSTGRES_PORT=5433\nANSINH_INGEST_SCHEDULE=\n"
    )
    monkeypatch.setenv("ANSINH_WEB_PORT", "8082")
    settings = load_settings()
    assert (settings.web_port, settings.postgres_port, settings.ingest_schedule) == (8082, 5433, "")
    found = shown()
    assert found["ANSINH_WEB_PORT"] == ("8082", "environment")
    assert found["ANSINH_POSTGRES_PORT"] == ("5433", "file")
    assert found["ANSINH_INGEST_SCHEDULE"] == ("", "file")
    assert found["ANSINH_PROVINCE"] == ("68", "default")
    assert found["ANSINH_HOME"] == (str(home), "environment")


@pytest.mark.parametrize("name", sorted(Settings.model_fields.keys() - {"ingest_schedule", "home"}))
def test_a_variable_that_is_set_but_empty_stands_for_the_default(home, monkeypatch, name):
    default = getattr(load_settings(), name)
    variable = "XDG_CONFIG_HOME" if name == "xdg_config_home" else f"ANSINH_{name.upper()}"
    monkeypatch.setenv(variable, "")
    assert getattr(load_settings(), name) == default
    assert shown()[variable][1] == "default"


def test_the_inbox_is_looked_through_by_hand_where_the_schedule_is_empty(home, monkeypatch):
    assert load_settings().ingest_schedule
    monkeypatch.setenv("ANSINH_INGEST_SCHEDULE", "")
    assert load_settings().ingest_schedule == ""


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("ANSINH_WEB_PORT", "abc", "'abc' is not a port"),
        ("ANSINH_POSTGRES_PORT", "0", "from 1 to 65535"),
        ("ANSINH_POSTGRES_PORT", "65536", "from 1 to 65535"),
        ("ANSINH_PROVINCE", "Lâm Đồng", "ANSINH_PROVINCE"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_line_with_its_variable(home, monkeypatch, variable, value, told):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SetupError, match=told) as refused:
        load_settings()
    assert str(refused.value).startswith(f"{variable}: ")
    assert "\n" not in str(refused.value)


def test_a_home_that_cannot_be_used_is_told_once(home, monkeypatch):
    monkeypatch.setenv("ANSINH_WEB_PORT", "abc")
    monkeypatch.setenv("ANSINH_POSTGRES_PORT", "abc")
    with pytest.raises(SetupError) as refused:
        load_settings()
    assert str(refused.value).count("is not a port") == 2


def test_a_misspelt_name_in_the_file_is_refused_and_one_of_the_shell_is_found(home):
    (home / places.SETTINGS_FILE).write_text("ANSINH_WEBPORT=8081\n")
    with pytest.raises(SetupError, match="ANSINH_WEBPORT: there is no such setting"):
        load_settings()
    assert unknown_variables(["PATH", "ANSINH_HOME", "ANSINH_WEBPORT"]) == ["ANSINH_WEBPORT"]


def test_no_secret_is_shown(home, monkeypatch):
    monkeypatch.setenv("ANSINH_DATABASE_URL", "postgresql://ansinh:s3cret@db.example:5432/ansinh")
    monkeypatch.setenv("ANSINH_INBOX", "sftp://inbox:s3cret@files.example/in")
    for name in ("ALERT_WEBHOOK", "PSEUDONYM_KEY", "PSEUDONYM_KEY_CMD"):
        monkeypatch.setenv(f"ANSINH_{name}", "https://s3cret")
    found = shown()
    assert not [name for name, (value, _) in found.items() if "s3cret" in value]
    assert "db.example:5432/ansinh" in found["ANSINH_DATABASE_URL"][0]
    assert {found[f"ANSINH_{name}"][1] for name in ("PSEUDONYM_KEY", "DATABASE_URL")} == {"environment"}
    monkeypatch.setenv("ANSINH_DATABASE_URL", "host=db.example password=s3cret")
    assert "s3cret" not in shown()["ANSINH_DATABASE_URL"][0]
    assert "s3cret" not in repr(load_settings()).replace(load_settings().inbox, "")


def test_settings_can_be_changed_one_by_one(home):
    changed = load_settings().changed(inbox="/elsewhere")
    assert (changed.inbox, changed.home) == ("/elsewhere", home)
    assert load_settings().inbox != "/elsewhere"


def test_whatever_lies_below_the_home_is_what_make_clean_knows(home):
    settings = Settings(home=home)
    found = {name: getattr(settings, name) for name, each in vars(Settings).items() if isinstance(each, property)}
    below = {
        path.relative_to(home).parts[0] for path in found.values() if isinstance(path, Path) and home in path.parents
    }
    known = {*places.made_in_home(), places.MARK}
    assert below <= known
    assert {places.INBOX, places.PHRASINGS} | below == known


def test_nothing_else_names_a_place_below_the_home():
    """`settings.home / …` outside the settings would be a place that `make clean` forgets."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Div)
        and isinstance(node.left, ast.Attribute)
        and node.left.attr == "home"
        and path != "runtime/settings.py"
    ]
    assert found == []


def test_nothing_else_reads_the_environment():
    found = {
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "putenv"})
        or (isinstance(node, ast.ImportFrom) and {"environ", "getenv"} & {alias.name for alias in node.names})
    }
    assert found == MAY_READ_THE_ENVIRONMENT


@pytest.mark.parametrize("page", ["README.md", "README.vi.md"])
def test_the_readme_names_every_setting(page):
    text = (PROJECT / page).read_text(encoding="utf-8")
    variables = [each.variable for each in show_settings()]
    assert [name for name in variables if f"`{name}`" not in text] == []


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            yield path.relative_to(PROJECT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))
