"""The first step: what it says when something is missing, and what it hands on to uv."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from runtime.local import bootstrap

Usage = namedtuple("Usage", "total used free")


def write_interpreter(folder: Path, name: str, version: str, *, has_venv: bool = True) -> Path:
    """An interpreter that says it is of another version, or has no venv module."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(
        "#!/bin/sh\n"
        'case "$2" in\n'
        f"*print*version_info*) echo {version.replace('.', ' ')} ;;\n"
        f"*ensurepip*) exit {0 if has_venv else 1} ;;\n"
        f'*) exec {sys.executable} "$@" ;;\n'
        "esac\n"
    )
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "expected"), [((3, 10), False), ((3, 11), True), ((3, 13, 2), True), ((3, 14), False), ((2, 7), False)]
)
def test_suitable_versions(version, expected):
    assert bootstrap.is_suitable(version) is expected


def test_an_asked_for_python_that_is_too_old_is_named_with_what_is_needed(tmp_path):
    old = write_interpreter(tmp_path, "python", "3.9")
    with pytest.raises(bootstrap.BootstrapError, match=r"is Python 3\.9; Python 3\.11 to 3\.13 is needed"):
        bootstrap.find_python(str(old))


def test_an_asked_for_python_that_does_not_run_is_said_so(tmp_path):
    with pytest.raises(bootstrap.BootstrapError, match="does not run"):
        bootstrap.find_python(str(tmp_path / "nothing"))


def test_an_old_python_finds_a_suitable_one_on_the_path(tmp_path, monkeypatch):
    write_interpreter(tmp_path, "python3.12", "3.12")
    # A version manager's stub: it is there, and does not run what it is named after.
    write_interpreter(tmp_path, "python3.13", "3.9")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "no environment")
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    assert bootstrap.find_python(None) == "python3.12"


def test_without_any_suitable_python_one_line_says_how_to_mend_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "no environment")
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    with pytest.raises(bootstrap.BootstrapError, match=r"Python 3\.9 is not suitable; install .*apt install") as caught:
        bootstrap.find_python(None)
    assert "\n" not in str(caught.value)


def test_a_missing_venv_module_names_debians_package(tmp_path):
    bare = write_interpreter(tmp_path, "python3.12", "3.12", has_venv=False)
    with pytest.raises(bootstrap.BootstrapError, match=r"apt install python3\.12-venv"):
        bootstrap.check_venv_module(str(bare))


def test_a_full_disk_is_told_before_anything_is_written(tmp_path):
    with pytest.raises(bootstrap.BootstrapError, match=r"has 0\.1 GB free, 2\.0 GB are needed"):
        bootstrap.check_space(2_000_000_000, get_usage=lambda _: Usage(10**10, 10**10, 10**8))


def test_the_disk_of_the_home_counts_even_before_the_folder_is_there(tmp_path, monkeypatch):
    home = tmp_path / "not" / "yet"
    monkeypatch.setenv("ANSINH_HOME", str(home))
    asked = []

    def get_usage(folder):
        asked.append(folder)
        return Usage(10**12, 0, 10**12 if folder == bootstrap.PROJECT else 10**6)

    with pytest.raises(bootstrap.BootstrapError, match="ANSINH_HOME"):
        bootstrap.check_space(1, get_usage=get_usage)
    assert asked[-1] == tmp_path


def test_pips_configuration_is_handed_to_uv():
    listed = "\n".join(
        [
            "global.cert='/etc/ssl/a.crt'",
            "global.index-url='https://index.example/simple'",
            "global.extra-index-url='file:///a/simple\\nfile:///b/simple'",
            "global.find-links='/wheels /more'",
            "global.trusted-host='index.example'",
            ":env:.cert='/etc/ssl/b.crt'",
            ":env:.disable-pip-version-check='1'",
            "a line that is none",
        ]
    )
    assert bootstrap.uv_environment(listed, {}) == {
        "SSL_CERT_FILE": "/etc/ssl/b.crt",
        "UV_DEFAULT_INDEX": "https://index.example/simple",
        "UV_INDEX": "file:///a/simple file:///b/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_INSECURE_HOST": "index.example",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_what_is_set_for_uv_itself_comes_first():
    listed = "global.index-url='https://index.example/simple'\nglobal.extra-index-url='file:///a/simple'"
    environment = {"UV_DEFAULT_INDEX": "https://mine.example/simple", "UV_INDEX_STRATEGY": "first-index"}
    assert bootstrap.uv_environment(listed, environment) == {"UV_INDEX": "file:///a/simple"} | {
        "UV_INDEX_STRATEGY": "first-index"
    }


def test_an_environment_that_fits_the_lock_is_left_alone(tmp_path, monkeypatch, capsys):
    """Nothing is run and nothing is written: no network is needed when nothing changed."""
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "installed.json")
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(bootstrap, "_install", lambda: pytest.fail("it installs"))
    monkeypatch.setattr(bootstrap, "_make_venv", lambda _: pytest.fail("it makes an environment"))
    stamp = json.dumps(bootstrap.fingerprint(sys.executable))
    bootstrap.STAMP.write_text(stamp)
    bootstrap.ensure_environment()
    assert bootstrap.STAMP.read_text() == stamp
    assert capsys.readouterr().out == ""


def test_another_lock_installs_again(tmp_path, monkeypatch):
    lock = tmp_path / "requirements.lock"
    shutil.copy(bootstrap.LOCK, lock)
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    before = bootstrap.fingerprint(sys.executable)
    lock.write_text(lock.read_text() + "# changed\n")
    assert bootstrap.fingerprint(sys.executable) != before


@pytest.mark.parametrize("python", ["nothing", "old"])
def test_make_says_one_line_and_fails(tmp_path, python):
    old = write_interpreter(tmp_path, "old", "3.9")
    asked = str(old if python == "old" else tmp_path / "nothing")
    done = subprocess.run(
        ["make", "--no-print-directory", "setup", f"PYTHON={asked}"],
        cwd=bootstrap.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    errors = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert asked in errors[0]
    assert "Traceback" not in done.stderr
