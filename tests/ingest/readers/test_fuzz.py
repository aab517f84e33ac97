"""Bytes of each format, changed: they become submissions or findings, and no reader has a defect for them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.core.catalogue import Catalogue
from ingest.readers.dispatch import reading_door, taken_file
from ingest.readers.payment_list.pseudonyms import use_passing_key
from tests.ingest.readers.fuzz import run, seeds


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSINH_PSEUDONYM_KEY", "a key for tests, which is long enough for HMAC")


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_escapes_the_door(seed: int, catalogue: Catalogue) -> None:
    found = run(minutes=10, seed=seed, keep=None, catalogue=catalogue, most=120)
    assert sum(found.values()) >= 120
    # A defect of ours is none of the file's.
    assert {what: count for what, count in found.items() if what.endswith("SYS-001")} == {}


_STARTS = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-1.7\n", b"\xff\xfe", b"\xef\xbb\xbf"]
_ENDINGS = [".xlsx", ".xls", ".xlsb", ".ods", ".csv", ".docx", ".pdf", ".txt", ".zip", ""]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(_STARTS), rest=st.binary(max_size=600), ending=st.sampled_from(_ENDINGS))
def test_any_bytes_are_answered(start: bytes, rest: bytes, ending: str, catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(start + rest)
    with reading_door(catalogue) as door:
        read = taken_file(door.read(path, f"file{ending}"), f"file{ending}")
    assert read.submissions or read.findings
    assert "SYS-001" not in {told.rule_id for told in read.findings}


def test_the_seeds_are_sound(catalogue: Catalogue, tmp_path: Path) -> None:
    """A change of what is no file of its format would say little."""
    read = {}
    with reading_door(catalogue) as door:
        for name, data in seeds(catalogue).items():
            if not name.startswith("poison"):
                (tmp_path / name).write_bytes(data)
                read[name] = taken_file(door.read(tmp_path / name, name), name)
    unread = {name for name, one in read.items() if not one.submissions}
    # Written by hand, the old format holds numbers without words: read as far as that goes.
    assert unread == {"form.xls"}
    assert [told.rule_id for told in read["form.xls"].findings] == ["WB-008", "FORM-001"]


@pytest.mark.slow
def test_a_long_run(catalogue: Catalogue) -> None:
    """`ANSINH_FUZZ_MINUTES` (5) minutes; what to look at is kept in `ANSINH_FUZZ_KEEP`."""
    keep = os.environ.get("ANSINH_FUZZ_KEEP")
    use_passing_key()
    minutes = float(os.environ.get("ANSINH_FUZZ_MINUTES", "5"))
    found = run(minutes, seed=3, keep=Path(keep) if keep else None, catalogue=catalogue)
    assert {what: count for what, count in found.items() if what.endswith("SYS-001")} == {}
