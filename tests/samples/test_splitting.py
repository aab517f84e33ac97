"""Draws from names and wholes split into whole parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.model.splitting import apportion, draw, spread

counts = st.lists(st.integers(0, 500), min_size=1, max_size=12)


def test_draw_belongs_to_its_names() -> None:
    # The figures of the samples rest on these: another machine or Python must draw the same.
    assert draw("poverty", "24664@base") == pytest.approx(0.4582881, abs=1e-6)
    assert draw("a", "b") != draw("a", "c")
    assert 0 <= draw("x", 1) < 1


def test_apportion_gives_the_left_over_to_the_largest_remainders() -> None:
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert apportion(7, [0.5, 0.3, 0.2]) == [4, 2, 1]


def test_apportion_keeps_what_does_not_fit_for_the_others() -> None:
    assert apportion(10, [8, 1, 1], caps=[2, 10, 10]) == [2, 4, 4]
    assert apportion(3, [0, 1], caps=[5, 1]) == [2, 1]


def test_apportion_refuses_more_than_fits() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        apportion(5, [1, 1], caps=[2, 2])


@given(caps=counts, data=st.data())
def test_apportion_adds_up_within_the_caps(caps: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(caps)))
    weights = data.draw(st.lists(st.floats(0, 1e6), min_size=len(caps), max_size=len(caps)))
    parts = apportion(total, weights, caps)
    assert sum(parts) == total
    assert all(0 <= part <= cap for part, cap in zip(parts, caps, strict=True))


@given(rows=counts, data=st.data())
def test_spread_keeps_both_margins(rows: list[int], data: st.DataObject) -> None:
    columns = apportion(sum(rows), data.draw(st.lists(st.floats(0.01, 1), min_size=4, max_size=4)))
    table = spread(rows, columns)
    assert [sum(cells) for cells in table] == rows
    assert [sum(cells) for cells in zip(*table, strict=True)] == columns
    assert all(cell >= 0 for cells in table for cell in cells)


def test_spread_refuses_margins_that_differ() -> None:
    with pytest.raises(ValueError, match="rows make 3, columns 4"):
        spread([1, 2], [4])
