"""Rows below a list's heading: each is a line or told to be something else, in whatever order and portion it comes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from ingest.core.model import ReadSubmission
from ingest.readers.payment_list import person_rows
from tests.made_lines import COLUMNS, list_book, person

AMOUNT = 540_000
Row = dict[str, Any] | list[Any]
Read = Callable[..., ReadSubmission]


def text_row(text: str, at: int = 1) -> list[Any]:
    row: list[Any] = [""] * len(COLUMNS)
    row[at] = text
    return row


def total_row(label: str, lines: int) -> list[Any]:
    row = text_row(label)
    row[list(COLUMNS).index("amount")] = lines * AMOUNT
    return row


def sheet(lines: int, drawn: Random) -> list[Row]:
    """So many lines with blank rows, repeated headings, numberings and remarks among them, and their sum at the end."""
    rows: list[Row] = []
    for number in range(1, lines + 1):
        if drawn.random() < 0.1:
            rows.append(drawn.choice(([], list(COLUMNS.values()), list(range(1, len(COLUMNS) + 1)))))
        rows.append(person(number))
    return [*rows, total_row("Tổng cộng", lines), text_row("Người lập biểu")]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("portion", [1, 2, 7, 4_096])
def test_every_line_is_found_whatever_stands_among_them(
    seed: int, portion: int, read_one: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_rows, "PORTION_ROWS", portion)
    drawn = Random(seed)
    count = drawn.randrange(1, 60)
    submission = read_one(list_book(sheet(count, drawn)))
    assert submission.payment_lines is not None
    assert submission.payment_lines.count == count
    assert submission.findings == []
    paid = [o.value for o in submission.observations if o.unit_of_measure == "vnd" and o.breakdown == ""]
    assert set(paid) <= {count * AMOUNT}
    # Rows seen are lines plus rows told to be something else.
    assert {"LST-080", "LST-083"} <= set(submission.checks_passed)


@pytest.mark.parametrize("label", ["Tổng cộng", "TỔNG SỐ", "Cộng", "Cộng:", "Tổng cộng toàn huyện"])
def test_a_stated_sum_is_compared_with_the_lines_before_it(label: str, read_one: Read) -> None:
    right = read_one(list_book([person(1), person(2), total_row(label, 2)]))
    wrong = read_one(list_book([person(1), person(2), total_row(label, 3)]))
    assert right.findings == []
    (found,) = wrong.findings
    assert found.severity == "error"
    assert found.ref == "row 8"


def test_a_person_whose_name_begins_like_a_sum_is_a_person(read_one: Read) -> None:
    submission = read_one(list_book([person(1, name="Tống Thị Thử"), person(2, name="Cộng Văn Thử")]))
    assert submission.payment_lines is not None
    assert submission.payment_lines.count == 2


def test_columns_may_stand_in_any_order(read_one: Read) -> None:
    drawn, lines = Random(3), [person(number) for number in range(1, 9)]
    expected = read_one(list_book(lines))
    for _ in range(3):
        order = [key for key in COLUMNS if key != "number"]
        drawn.shuffle(order)
        shuffled = read_one(list_book(lines, {key: COLUMNS[key] for key in ("number", *order)}))
        assert [(o.indicator_code, o.breakdown, o.value) for o in shuffled.observations] == [
            (o.indicator_code, o.breakdown, o.value) for o in expected.observations
        ]
