"""`make clean` deletes what the project wrote, and nothing beside it."""

from __future__ import annotations

import pytest

from runtime.local import clean


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
    (home / clean.MARK).touch()
    (home / "outbox").symlink_to(elsewhere)
    monkeypatch.setenv("ANSINH_HOME", str(home))
    assert clean.main() == 0
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["elsewhere/kept", "home/mine/letter", "project/ingest/model.py"]
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
