"""The compose stack as text: nothing is built or started here. How it is brought up: docs/docker.md."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet

from runtime.settings import PROJECT, unknown_variables

COMPOSE_TEXT = (PROJECT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
LASTING = sorted(set(SERVICES) - {"init"})
AIRFLOW = sorted(set(SERVICES) - {"postgres", "redis"})
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?:(:[-?])([^}]*))?\}")


def example_settings() -> tuple[set[str], set[str]]:
    """The secrets (`NAME=`) and the optional settings (`#NAME=value`, `NAME=value`) of .env.example."""
    lines = (PROJECT / ".env.example").read_text().splitlines()
    secrets = {line.removesuffix("=") for line in lines if re.fullmatch(r"\w+=", line)}
    named = {match[1] for line in lines if (match := re.match(r"#?([A-Z_]+)=", line))}
    return secrets, named - secrets


# Settings and secrets


def test_every_setting_of_the_stack_is_in_the_example() -> None:
    secrets, optional = example_settings()
    used = {name for name, _, _ in VARIABLE.findall(COMPOSE_TEXT)} | {"PIP_INDEX_URL", "COMPOSE_PROJECT_NAME"}
    assert used == secrets | optional


def test_the_stack_refuses_to_start_without_a_secret() -> None:
    secrets, _ = example_settings()
    guarded = {name: text for name, operator, text in VARIABLE.findall(COMPOSE_TEXT) if operator == ":?"}
    assert set(guarded) == secrets
    assert all(name in text and ".env.example" in text for name, text in guarded.items())


def test_no_secret_has_a_default() -> None:
    secrets, _ = example_settings()
    defaulted = {name for name, operator, _ in VARIABLE.findall(COMPOSE_TEXT) if operator == ":-"}
    assert not defaulted & secrets


def test_shown_defaults_are_those_of_the_stack() -> None:
    example = (PROJECT / ".env.example").read_text()
    shown = dict(re.findall(r"^#(\w+)=(.*)$", example, re.MULTILINE))
    defaults = {name: text for name, operator, text in VARIABLE.findall(COMPOSE_TEXT) if operator == ":-"}
    assert {name: shown[name] for name in defaults} == defaults


def test_git_and_the_image_leave_secrets_out() -> None:
    assert "/.env" in (PROJECT / ".gitignore").read_text().splitlines()
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    assert next(line for line in ignored if not line.startswith("#")) == "*"
    assert not [line for line in ignored if line.startswith("!.env")]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_knows_the_settings_that_it_is_given(service: str) -> None:
    """A misspelt `ANSINH_` variable would be ignored in silence."""
    scripts = "".join(path.read_text() for path in PROJECT.glob("docker/**/*.*"))
    given = [name for name in SERVICES[service].get("environment", {}) if name not in scripts]
    assert unknown_variables(given) == []


@pytest.mark.airflow
def test_airflow_knows_the_settings_that_it_is_given() -> None:
    described = yaml.safe_load(_airflow_file("config_templates/config.yml"))
    known = {(section, option) for section, found in described.items() for option in found.get("options") or {}}
    provider = importlib.import_module("airflow.providers.celery.get_provider_info")
    for section, found in provider.get_provider_info()["config"].items():
        known |= {(section, option) for option in found["options"]}
    given = {name for service in AIRFLOW for name in SERVICES[service]["environment"] if name.startswith("AIRFLOW__")}
    unknown = [name for name in given if tuple(name.lower().split("__")[1:]) not in known]
    assert unknown == []


def _airflow_file(path: str) -> str:
    spec = importlib.util.find_spec("airflow")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name(path.split("/")[0]).joinpath(*path.split("/")[1:]).read_text()


@pytest.mark.airflow
def test_the_locked_celery_is_one_that_airflow_can_use() -> None:
    script = "import airflow.providers.celery.executors.celery_executor"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


# What runs, and how


def test_only_the_web_interface_is_reachable_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"api-server": ["127.0.0.1:${ANSINH_WEB_PORT:-8080}:8080"]}
    assert COMPOSE["networks"]["data"]["internal"]
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["data"]


@pytest.mark.parametrize("service", LASTING)
def test_a_service_tells_its_health_and_comes_back(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert SERVICES[service]["restart"] == "unless-stopped"


@pytest.mark.parametrize("service", SERVICES)
def test_logs_do_not_fill_the_disk(service: str) -> None:
    options = SERVICES[service]["logging"]["options"]
    assert {"max-size", "max-file"} <= set(options)


@pytest.mark.parametrize("service", AIRFLOW)
def test_our_containers_may_write_to_their_volumes_only(service: str) -> None:
    assert SERVICES[service]["read_only"]
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]


def test_a_service_waits_for_what_it_needs() -> None:
    for name, service in SERVICES.items():
        for needed, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if needed == "init" else "service_healthy"
            assert how == {"condition": expected}, (name, needed)
    assert all("init" in SERVICES[name]["depends_on"] for name in AIRFLOW if name != "init")


def test_the_inbox_is_only_read_and_every_volume_declared() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert {mount for mount in mounts if ":/inbox" in mount} == {"${ANSINH_INBOX_VOLUME:-inbox}:/inbox:ro"}
    sources = {VARIABLE.sub(lambda match: match[3], mount).split(":")[0] for mount in mounts}
    assert {source for source in sources if not source.startswith(".")} == set(COMPOSE["volumes"])


# Image


def test_the_image_runs_as_an_ordinary_user() -> None:
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)
    assert users == ["ansinh"]


def test_the_base_image_is_one_setting_with_a_public_default() -> None:
    [default] = re.findall(r"^ARG PYTHON_IMAGE=(.+)$", DOCKERFILE, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${PYTHON_IMAGE}"}
    assert SERVICES["worker"]["build"]["args"]["PYTHON_IMAGE"] == f"${{ANSINH_PYTHON_IMAGE:-{default}}}"


def test_all_that_is_copied_into_the_image_is_sent_to_the_build() -> None:
    sent = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    sources = {source for line in copied for source in line.split()} - {"."}
    assert {source.split("/")[0] for source in sources} <= sent
    # What the runtime reads at its place beside the packages.
    assert {"catalogue", "dags", "dbt_project", "docker", "ingest", "jobs", "publish", "runtime"} <= sent


# Scripts


@pytest.fixture
def made_env(tmp_path: Path) -> Path:
    """A folder with the compose file and an `.env` just made."""
    shutil.copytree(PROJECT / "docker", tmp_path / "docker")
    for name in (".env.example", "docker-compose.yml"):
        shutil.copy(PROJECT / name, tmp_path / name)
    subprocess.run([tmp_path / "docker" / "make-env.sh"], check=True, capture_output=True)
    return tmp_path


def test_make_env_fills_in_every_secret(made_env: Path) -> None:
    secrets, _ = example_settings()
    env = made_env / ".env"
    values = dict(line.split("=", 1) for line in env.read_text().splitlines() if line and not line.startswith("#"))
    filled = [values[name] for name in secrets]
    assert len(set(filled)) == len(secrets)
    assert all(len(value) >= 44 for value in filled)
    Fernet(values["ANSINH_FERNET_KEY"])
    for name in secrets - {"ANSINH_FERNET_KEY"}:
        assert re.fullmatch(r"[\w-]+", values[name]), f"{name} does not fit into a URL"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600


def test_make_env_leaves_an_env_alone(made_env: Path) -> None:
    before = (made_env / ".env").read_text()
    done = subprocess.run([made_env / "docker" / "make-env.sh"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert (made_env / ".env").read_text() == before


def test_compose_itself_accepts_the_file_and_names_a_missing_secret(made_env: Path) -> None:
    compose = shutil.which("docker-compose")
    if compose is None:
        pytest.skip("docker-compose is not installed here; the file was only checked as YAML")
    environment = {"PATH": os.defpath, "HOME": str(made_env)}
    command = [compose, "config", "--quiet"]
    done = subprocess.run(command, cwd=made_env, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    env = made_env / ".env"
    env.write_text(re.sub(r"(?m)^ANSINH_REDIS_PASSWORD=.*$", "", env.read_text()))
    done = subprocess.run(command, cwd=made_env, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "ANSINH_REDIS_PASSWORD is missing, see .env.example" in done.stderr


@pytest.fixture(scope="module")
def healthcheck() -> ModuleType:
    spec = importlib.util.spec_from_file_location("healthcheck", PROJECT / "docker" / "healthcheck.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HEALTH = json.loads(
    """{
    "metadatabase": {"status": "healthy"},
    "scheduler": {"status": "healthy", "latest_scheduler_heartbeat": "2026-01-05T07:00:00+00:00"},
    "triggerer": {"status": "unhealthy", "latest_triggerer_heartbeat": "2026-01-05T06:00:00+00:00"},
    "dag_processor": {"status": null, "latest_dag_processor_heartbeat": null}
    }"""
)


@pytest.mark.parametrize(
    ("component", "problem"),
    [
        ("api-server", None),
        ("scheduler", None),
        ("triggerer", "no recent heartbeat (status unhealthy)"),
        ("dag-processor", "no recent heartbeat (status None)"),
    ],
)
def test_a_component_is_as_healthy_as_its_heartbeat(
    healthcheck: ModuleType, component: str, problem: str | None
) -> None:
    assert healthcheck.find_problem(component, HEALTH) == problem


def test_without_an_answer_nothing_is_healthy(healthcheck: ModuleType) -> None:
    assert healthcheck.find_problem("scheduler", {}) == "the API server does not answer"


def test_each_healthcheck_asks_for_its_own_component(healthcheck: ModuleType) -> None:
    for name in LASTING:
        command = SERVICES[name]["healthcheck"]["test"]
        if "docker/healthcheck.py" in command:
            assert command[-1] == name
            assert name in {*healthcheck.COMPONENTS, "worker"}
