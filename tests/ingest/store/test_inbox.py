"""Which files of an inbox are taken."""

from __future__ import annotations

import pytest

from ingest.store.inbox import OutsideInboxError, check_inside, list_files


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


def test_a_link_out_of_the_inbox_is_refused(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "report.txt").symlink_to(secret)
    (inside,) = list_files(inbox)
    with pytest.raises(OutsideInboxError):
        check_inside(inside, inbox)


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
    check_inside(found, str(root))
    assert found.path.read_text() == "x"
