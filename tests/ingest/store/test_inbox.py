"""Which files of an inbox are taken."""

from __future__ import annotations

import os
import socket

import pytest

from ingest.store.inbox import list_files, look_again, look_at, open_file


def test_lists_files_below_the_inbox_in_a_stable_order(tmp_path):
    for name in ("67/663/b.xlsx", "67/660/a.txt", "c.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert [f.source_path for f in list_files(tmp_path)] == ["67/660/a.txt", "67/663/b.xlsx", "c.md"]


@pytest.mark.parametrize("name", ["~$form.xlsx", ".hidden", "form.xlsx.part", ".git/config", "upload.tmp"])
def test_leaves_out_what_other_programs_left_behind(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    assert list(list_files(tmp_path)) == []


def refused(inbox) -> dict[str, str]:
    return {file.source_path: file.problem.rule_id for file in list_files(inbox) if file.problem is not None}


def test_a_link_out_of_the_inbox_is_refused(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "report.txt").symlink_to(secret)
    (inbox / "folder").symlink_to(tmp_path)
    (inbox / "nowhere.txt").symlink_to(inbox / "none.txt")
    (inbox / "ring.txt").symlink_to(inbox / "ring.txt")
    assert refused(inbox) == {
        "report.txt": "FILE-004",
        "folder": "FILE-004",
        "nowhere.txt": "FILE-009",
        "ring.txt": "FILE-009",
    }


def test_a_link_to_a_file_of_the_inbox_is_a_file(tmp_path):
    (tmp_path / "663").mkdir()
    (tmp_path / "663" / "a.txt").write_text("x")
    (tmp_path / "b.txt").symlink_to(tmp_path / "663" / "a.txt")
    # The files of a folder are listed once, at their own place.
    (tmp_path / "again").symlink_to(tmp_path / "663")
    assert [file.source_path for file in list_files(tmp_path)] == ["663/a.txt", "b.txt"]
    assert refused(tmp_path) == {}


def test_what_is_no_file_is_refused_and_never_opened(tmp_path):
    os.mkfifo(tmp_path / "form.xlsx")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "list.xlsx"))
        assert refused(tmp_path) == {"form.xlsx": "FILE-009", "list.xlsx": "FILE-009"}
    for file in list_files(tmp_path):
        with pytest.raises(OSError, match=r"no file|No such device"):
            open_file(file)
    problem = look_at(tmp_path / "form.xlsx").problem
    assert problem is not None
    assert "một đường ống" in problem.message_vi


def test_what_is_too_large_is_refused_before_it_is_opened(tmp_path):
    with (tmp_path / "film.xlsx").open("wb") as file:
        file.truncate(200 * 2**20)
    assert refused(tmp_path) == {"film.xlsx": "FILE-003"}


def test_a_signature_tells_every_change(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one")
    (file,) = list_files(tmp_path)
    assert look_again(file) == file.signature
    times = path.stat()
    path.write_text("two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert look_again(file) != file.signature
    path.unlink()
    assert look_again(file) == ""


def test_a_missing_inbox_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(list_files(tmp_path / "none"))


def test_an_inbox_elsewhere(tmp_path):
    """Any fsspec store serves; `memory:` stands for one that is no local disk."""
    from upath import UPath

    root = UPath("memory://ansinh-test-inbox")
    (root / "663").mkdir(parents=True, exist_ok=True)
    (root / "663" / "a.txt").write_text("x")
    (found,) = list_files(str(root))
    assert found.source_path == "663/a.txt"
    assert found.problem is None
    assert found.changed_at is not None
    with open_file(found) as source:
        assert source.read() == b"x"
    assert look_again(found) == found.signature
    found.path.write_text("xy")
    assert look_again(found) != found.signature
    # What cannot be told from a pipe of another machine is not opened.
    (root / "663" / "b.txt").touch()
    assert [file.problem.rule_id for file in list_files(str(root)) if file.problem] == ["FILE-001"]
