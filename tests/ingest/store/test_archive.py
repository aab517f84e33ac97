"""The archive is compared with the registry; what has changed or gone is found."""

from __future__ import annotations

import hashlib
import io
import os
from datetime import UTC, date, datetime

import pytest

from ingest.store import registry
from ingest.store.archive import ArchiveDamagedError, Damage, find_damage, remove_old_docs
from jobs import maintain
from runtime.local.home import claim


@pytest.fixture
def kept(database, monkeypatch):
    """Three registered files in the archive of an installation that the environment names."""
    settings = database.settings
    monkeypatch.setenv("ANSINH_HOME", str(settings.home))
    monkeypatch.setenv("ANSINH_DATABASE_URL", database.url)
    claim(settings)
    with database.connect("ingest") as connection:
        connection.autocommit = True
        for content in (b"one", b"two", b"three"):
            sha256, size, path = registry.archive_file(io.BytesIO(content), settings.archive)
            with connection.transaction():
                registry.register_delivery(
                    connection,
                    sha256=sha256,
                    size_bytes=size,
                    archive_path=path.relative_to(settings.archive),
                    source_path=sha256,
                    channel="inbox",
                )
        yield connection, settings.archive


def path_of(archive, content: bytes):
    digest = hashlib.sha256(content).hexdigest()
    return archive / digest[:2] / digest


@pytest.mark.database
def test_what_is_as_it_came_is_no_damage(kept):
    assert list(find_damage(*kept)) == []
    assert maintain.check_archive() == {"missing": 0}


@pytest.mark.database
def test_a_missing_file_is_named_and_a_changed_one_fails_the_task(kept, caplog):
    connection, archive = kept
    gone, other = path_of(archive, b"one"), path_of(archive, b"two")
    gone.unlink()
    assert maintain.check_archive() == {"missing": 1}
    assert gone.name in caplog.text
    other.chmod(0o640)
    other.write_bytes(b"twO")
    assert {damage.how: damage for damage in find_damage(connection, archive)} == {
        "missing": Damage(gone.name, str(gone.relative_to(archive)), "missing"),
        "changed": Damage(other.name, str(other.relative_to(archive)), "changed"),
    }
    with pytest.raises(ArchiveDamagedError, match=other.name):
        maintain.check_archive()


def test_data_docs_of_more_than_a_year_ago_go(tmp_path):
    for name, written in (("old", datetime(2024, 1, 1, tzinfo=UTC)), ("new", datetime(2025, 3, 1, tzinfo=UTC))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name)
        os.utime(tmp_path / name, (written.timestamp(), written.timestamp()))
    outside = tmp_path / "outside"
    (tmp_path / "docs").mkdir()
    outside.mkdir()
    (tmp_path / "docs" / "link").symlink_to(outside)
    assert remove_old_docs(tmp_path, date(2025, 6, 1)) == 1
    assert not (tmp_path / "old").exists()
    assert (tmp_path / "new" / "index.html").exists()
    assert remove_old_docs(tmp_path / "docs", date(2999, 1, 1)) == 0
    assert outside.is_dir()
    assert remove_old_docs(tmp_path / "none", date(2025, 6, 1)) == 0
