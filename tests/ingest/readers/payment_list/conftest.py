"""What tests of lists share: the catalogue, a known key, a reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from ingest.core.catalogue import Catalogue, load_catalogue
from ingest.core.model import ReadFile, ReadSubmission
from ingest.readers.payment_list import read_payment_list
from ingest.readers.payment_list.pseudonyms import load_pseudonyms

KEY = "a key for tests, which is long enough for HMAC"


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(autouse=True)
def known_key(monkeypatch: pytest.MonkeyPatch) -> Iterable[str]:
    """The same key in every test, and none left behind."""
    monkeypatch.setenv("ANSINH_PSEUDONYM_KEY", KEY)
    load_pseudonyms.cache_clear()
    yield KEY
    load_pseudonyms.cache_clear()


@pytest.fixture
def read(catalogue: Catalogue) -> Callable[..., ReadFile]:
    """Reads a book, which must hold a list."""

    def read_book(data: bytes, name: str = "danh-sach.xlsx", path_hint: str = "") -> ReadFile:
        found = read_payment_list(data, name, catalogue, path_hint)
        assert found is not None
        return found

    return read_book


@pytest.fixture
def read_one(read: Callable[..., ReadFile]) -> Callable[..., ReadSubmission]:
    """Reads a book that holds one list, about which there is nothing to say as a file."""

    def read_only(data: bytes, name: str = "danh-sach.xlsx", path_hint: str = "") -> ReadSubmission:
        found = read(data, name, path_hint)
        assert found.findings == []
        (submission,) = found.submissions
        return submission

    return read_only


@pytest.fixture
def read_with() -> Callable[[Catalogue, bytes], ReadSubmission]:
    """Reads a book that holds one list by another catalogue than the project's."""

    def read_by(catalogue: Catalogue, data: bytes) -> ReadSubmission:
        found = read_payment_list(data, "danh-sach.xlsx", catalogue, "")
        assert found is not None
        (submission,) = found.submissions
        return submission

    return read_by
