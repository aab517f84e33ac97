"""Charts: what is drawn, and that the same figures give the same picture."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from publish import charts
from publish.charts import Bar, chart_png
from publish.definition import Chart, ReportDefinition
from publish.model import ReportData, UnitFigure
from publish.prose import Speaker

BY_UNIT = Chart(indicator="poor_household_rate", title="Tỷ lệ hộ nghèo")
BY_ETHNICITY = Chart(indicator="poor_households", by="ethnicity", title="Hộ nghèo theo dân tộc")


@pytest.fixture
def speaker(data: ReportData, definition: ReportDefinition) -> Speaker:
    return Speaker(data, definition)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Bar]:
    """The bars that a chart was drawn of."""
    bars: list[Bar] = []

    def keep(*args: object) -> bytes:
        bars.extend(args[-1])  # type: ignore[arg-type]
        return b""

    monkeypatch.setattr(charts, "_draw", keep)
    return bars


def test_units_beside_the_year_before(speaker: Speaker, drawn: list[Bar]) -> None:
    chart_png(speaker, BY_UNIT)
    assert drawn[1] == Bar("Đắk Mil", Decimal("1.68"), Decimal("2.33"), "…")


def test_categories_without_those_inside_others(speaker: Speaker, drawn: list[Bar]) -> None:
    chart_png(speaker, BY_ETHNICITY)
    assert [(bar.label, str(bar.value)) for bar in drawn] == [("Dân tộc Kinh", "970"), ("Dân tộc thiểu số", "1200")]


def test_what_has_no_value_is_named_with_its_reason(speaker: Speaker, drawn: list[Bar]) -> None:
    data = speaker.data
    gap = tuple(
        replace(f, value=None, is_complete=False, units_reported=2) if f.breakdown == "ethnicity=kinh" else f
        for f in data.figures
    )
    minority = next(f for f in data.figures if f.breakdown == "ethnicity=minority")
    other = replace(minority, breakdown="ethnicity=hoa", breakdown_name_vi="Hoa")
    chart_png(replace(speaker, data=replace(data, figures=(*gap, other))), BY_ETHNICITY)
    assert (drawn[0].value, drawn[0].note) == (None, "Chưa đủ (2/3)")
    drawn.clear()
    chart_png(replace(speaker, data=replace(data, unit_figures=data.unit_figures[3:5])), BY_UNIT)
    assert (drawn[2].label, drawn[2].value, drawn[2].note) == ("Tuy Đức", None, "…")


def test_of_many_units_the_highest_are_drawn(speaker: Speaker, drawn: list[Bar]) -> None:
    data = speaker.data
    units = tuple(replace(data.units[0], unit_id=f"c{n}", short_name=str(n)) for n in range(124))
    values = tuple(UnitFigure(f"c{n}", "poor_household_rate", "", Decimal(n)) for n in range(124))
    chart_png(replace(speaker, data=replace(data, units=units, unit_figures=values)), BY_UNIT)
    assert [bar.label for bar in drawn] == [str(n) for n in range(123, 99, -1)]


def test_one_bar_is_no_chart(speaker: Speaker) -> None:
    one = replace(speaker, data=replace(speaker.data, unit_figures=speaker.data.unit_figures[:1]))
    assert chart_png(one, Chart(indicator="poor_households", title="")) is None
    assert chart_png(speaker, Chart(indicator="gifts", title="")) is None


def test_picture_is_a_png_without_a_clock(speaker: Speaker) -> None:
    first, second = (chart_png(speaker, BY_UNIT) for _ in range(2))
    assert first is not None
    assert first == second
    assert first.startswith(b"\x89PNG")
    assert b"Software" not in first
    assert b"tIME" not in first
