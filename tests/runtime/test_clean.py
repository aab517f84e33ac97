"""`make clean` deletes what the project wrote, and nothing beside it."""

from __future__ import annotations

from runtime import clean


def test_what_the_project_wrote_goes_and_the_rest_stays(tmp_path, monkeypatch):
    project, home, elsewhere = tmp_path / "project", tmp_path / "home", tmp_path / "elsewhere"
    for folder in (project / ".venv/bin", project / "ingest/__pycache__", home / "archive", home / "mine", elsewhere):
        folder.mkdir(parents=True)
    for path in (project / "ingest/model.py", home / "archive/a", home / "mine/letter", elsewhere / "kept"):
        path.write_text("x")
    (home / "outbox").symlink_to(elsewhere)
    monkeypatch.setattr(clean, "PROJECT", project)
    monkeypatch.setenv("ANSINH_HOME", str(home))
    assert clean.main() == 0
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["elsewhere/kept", "home/mine/letter", "project/ingest/model.py"]
    assert not (home / "outbox").is_symlink()


def test_an_empty_home_goes_as_well(tmp_path, monkeypatch):
    home = tmp_path / "project" / ".ansinh"
    (home / "logs").mkdir(parents=True)
    monkeypatch.setattr(clean, "PROJECT", tmp_path / "project")
    monkeypatch.delenv("ANSINH_HOME", raising=False)
    assert clean.main() == 0
    assert not home.exists()
