"""Labels made comparable."""

from __future__ import annotations

import unicodedata

import pytest

from ingest.readers.spreadsheet.labels import best_match, label_key, similarity


@pytest.mark.parametrize(
    "text",
    [
        "Số hộ cận nghèo",
        "SỐ HỘ CẬN NGHÈO",
        "So ho can ngheo",
        " Số  hộ\ncận nghèo ",
        "1. Số hộ cận nghèo",
        "I. Số hộ cận nghèo",
        "2.1 Số hộ cận nghèo",
        "a) Số hộ cận nghèo",
        "(3) Số hộ cận nghèo",
        "- Số hộ cận nghèo",
        "Số hộ cận nghèo (hộ)",
        "Số hộ cận nghèo (4)",
        "Số hộ cận nghèo:",
        "Trong đó: số hộ cận nghèo",
        "Trong đó số hộ cận nghèo",
        unicodedata.normalize("NFD", "Số hộ cận nghèo"),
    ],
)
def test_one_label_in_many_ways(text: str) -> None:
    assert label_key(text) == "so ho can ngheo"


@pytest.mark.parametrize("text", ["6 tháng đầu năm", "27/7", "12 chỉ số"])
def test_a_number_that_belongs_to_the_label_stays(text: str) -> None:
    assert label_key(text)[0].isdigit()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Số hộ nghèo", "Số hộ cận nghèo"),
        ("Tổng số hộ", "Tổng số khẩu"),
        ("Người được trợ giúp", "Người không được trợ giúp"),
        ("Lao động nam", "Lao động nữ"),
        ("DTTS", "DTTS tại chỗ"),
    ],
)
def test_a_telling_word_keeps_labels_apart(a: str, b: str) -> None:
    assert similarity(label_key(a), label_key(b)) == 0


@pytest.mark.parametrize("typed", ["Số hộ ngèo", "Số hộ nhgèo", "Số hộ nghèo", "Số hộ nghèoo", "So hộ nghẻo"])
def test_typing_errors_are_forgiven(typed: str) -> None:
    known = {label_key(label): label for label in ("Số hộ nghèo", "Số hộ cận nghèo", "Tổng số hộ")}
    assert best_match(label_key(typed), known) == "so ho ngheo"


def test_a_label_between_two_is_neither() -> None:
    known = {"duc manh": 1, "duc minh": 2}
    assert best_match("duc menh", known) is None


def test_spellings_of_one_thing_do_not_compete() -> None:
    known = {"ty le ho ngheo": 1, "ti le ho ngheo": 1, "so ho": 2}
    assert best_match("tyy le ho ngheo", known) in ("ty le ho ngheo", "ti le ho ngheo")
