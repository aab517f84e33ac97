"""`make clean` deletes what the project wrote, and nothing beside it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from runtime import places
from runtime.local import clean
from runtime.places import MARK
from runtime.settings import PROJECT


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of the test's own, whose default home is in it."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.setattr(clean, "PROJECT", folder)
    monkeypatch.setattr(clean, "DEFAULT_HOME", folder / ".ansinh")
    monkeypatch.delenv("ANSINH_HOME", raising=False)
    return folder


def test_what_the_project_wrote_goes_and_the_rest_stays(project, tmp_path, monkeypatch):
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (project / ".venv/bin", project / "ingest/__pycache__", home / "archive", home / "mine", elsewhere):
        folder.mkdir(parents=True)
    for path in (project / "ingest/model.py", home / "archive/a", home / "mine/letter", elsewhere / "kept"):
        path.write_text("x")
    (home / MARK).touch()
    (home / places.SETTINGS_FILE).write_text("x")
    (home / "outbox").symlink_to(elsewhere)
    monkeypatch.setenv("ANSINH_HOME", str(home))
    assert clean.main() == 0
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["elsewhere/kept", "home/mine/letter", "home/settings.env", "project/ingest/model.py"]
    assert not (home / "outbox").is_symlink()


def test_a_folder_that_the_project_never_wrote_to_is_left_alone(project, tmp_path, monkeypatch, capsys):
    """Somebody's own folder has a `docs` and a `logs` too."""
    letter = tmp_path / "somebody" / "docs" / "letter"
    letter.parent.mkdir(parents=True)
    letter.write_text("x")
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path / "somebody"))
    assert clean.main() == 0
    assert letter.read_text() == "x"
    assert "left as it is" in capsys.readouterr().out


def test_an_empty_home_goes_as_well(project):
    home = project / ".ansinh"
    (home / "logs").mkdir(parents=True)
    assert clean.main() == 0
    assert not home.exists()


def test_it_needs_the_standard_library_only(tmp_path):
    """`make clean` is for a broken environment too; whatever Python 3 is there runs it."""
    makefile = (PROJECT / "Makefile").read_text()
    (options,) = re.findall(r'"\$\(FIRST_PYTHON\)" (.*runtime\.local\.clean)', makefile)
    code = "import runtime.local.clean, sys; print(*sys.modules.keys() - {'__main__'})"
    isolated = [option for option in options.split() if option.startswith("-") and option != "-m"]
    done = subprocess.run(
        [sys.executable, *isolated, "-S", "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded - sys.stdlib_module_names == {"runtime"}
