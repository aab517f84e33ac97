"""A file is replaced whole or not at all."""

from __future__ import annotations

import pytest

from ingest.core.atomic_file import replacing


def test_what_was_written_takes_the_files_place(tmp_path):
    path = tmp_path / "new" / "letter.txt"
    for text in ("first", "second"):
        with replacing(path) as temporary:
            temporary.write_text(text)
            assert not path.exists() or path.read_text() == "first"
        assert path.read_text() == text
    assert path.stat().st_mode & 0o777 == 0o644
    assert [file.name for file in path.parent.iterdir()] == ["letter.txt"]


def test_after_an_error_the_file_is_as_it_was(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("old")

    def write_half() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half of the n")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_half()
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]
