"""The home is marked as the project's own, and nobody else's folder becomes one."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from runtime import places
from runtime.errors import SetupError
from runtime.local import home
from runtime.settings import Settings


def _settings(folder):
    return Settings(home=folder)


def test_a_home_is_made_and_marked_and_known_again(tmp_path):
    settings = _settings(tmp_path / "new" / "home")
    home.claim(settings)
    (settings.home / "archive").mkdir()
    home.claim(settings)
    assert sorted(path.name for path in settings.home.iterdir()) == [places.MARK, "archive"]


def test_an_inbox_may_be_there_before(tmp_path):
    (tmp_path / "inbox").mkdir()
    home.claim(_settings(tmp_path))
    assert (tmp_path / places.MARK).exists()


def test_somebody_elses_folder_is_refused_by_name(tmp_path):
    (tmp_path / "docs").mkdir()
    with pytest.raises(SetupError, match="docs") as refused:
        home.claim(_settings(tmp_path))
    assert "\n" not in str(refused.value)
    assert not (tmp_path / places.MARK).exists()


@pytest.mark.parametrize(("free", "told"), [(2_000_000, "is full (2 MB free)"), (50_000_000, "the scheduler stopped")])
def test_a_full_disk_is_told_instead_of_what_it_led_to(free, told, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert told in home.cause_of(SetupError("the scheduler stopped"), _settings(tmp_path))
