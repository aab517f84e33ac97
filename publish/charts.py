"""Charts as PNG that stay readable on a grey print: dark and light bars, hatching, a number on each bar.

Drawn with matplotlib's objects alone (no global state) and its own DejaVu Sans, which has every
Vietnamese letter; nothing of the machine or the clock enters the file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas

from publish.definition import Chart
from publish.format_vi import format_number, sentence_case
from publish.model import Figure
from publish.prose import Speaker

WIDTH_INCHES = 6.3
DPI = 200
# More bars than this are not readable across a page; the highest ones are drawn.
MAX_BARS = 24
DECIMALS = {"count": None, "money": 0, "rate": 2, "points": 2}
THIS_PERIOD: dict[str, Any] = {"color": "#1F3864"}
YEAR_BEFORE: dict[str, Any] = {"color": "#D9D9D9", "edgecolor": "#7F7F7F", "hatch": "////", "linewidth": 0.6}


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that is compared: its value, and that of the year before where known.

    `note` stands where a value would, if there is none.
    """

    label: str
    value: Decimal | None
    prior: Decimal | None = None
    note: str = ""


def chart_png(speaker: Speaker, chart: Chart) -> bytes | None:
    """Draws a chart; None where the marts hold fewer than two values for it."""
    figure = speaker.data.figure(*chart.key)
    if figure is None:
        return None
    bars = _unit_bars(speaker, figure) if chart.by == "unit" else _category_bars(speaker, chart)
    if sum(bar.value is not None for bar in bars) < 2:
        return None
    if len(bars) > MAX_BARS:
        bars = sorted((b for b in bars if b.value is not None), key=lambda b: b.value or 0, reverse=True)[:MAX_BARS]
    return _draw(speaker, figure, chart, bars)


def _unit_bars(speaker: Speaker, figure: Figure) -> list[Bar]:
    values = speaker.data.by_unit(*figure.key)
    bars = []
    for unit in speaker.data.units_shown([values]):
        found = values.get(unit.unit_id)
        value, prior = (found.value, found.value_prior) if found else (None, None)
        bars.append(Bar(unit.short_name, value, prior, speaker.phrase("absent_cell")))
    return bars


def _category_bars(speaker: Speaker, chart: Chart) -> list[Bar]:
    return [
        Bar(sentence_case(speaker.part_name(chart.by, f)), f.total, f.value_prior, speaker.incomplete_cell(f))
        for f in speaker.categories(chart.indicator, chart.by)
    ]


def _draw(speaker: Speaker, figure: Figure, chart: Chart, bars: Sequence[Bar]) -> bytes:
    unit = speaker.unit_words(figure)
    is_with_prior = chart.is_with_prior and any(bar.prior is not None for bar in bars)
    thickness = 0.38 if is_with_prior else 0.6
    canvas = Canvas(figsize=(WIDTH_INCHES, 0.9 + len(bars) * (0.42 if is_with_prior else 0.3)), dpi=DPI)
    FigureCanvasAgg(canvas)
    axes = canvas.add_subplot()

    def add_bars(
        values: Sequence[Decimal | None], notes: Sequence[str], offset: float, period: str, style: dict[str, Any]
    ) -> None:
        scaled = [None if value is None else speaker.table_value(figure, value) for value in values]
        positions = [index + offset for index in range(len(bars))]
        axes.barh(positions, [float(value or 0) for value in scaled], thickness, label=sentence_case(period), **style)
        for position, value, note in zip(positions, scaled, notes, strict=True):
            text = note if value is None else format_number(value, DECIMALS[unit.kind])
            place = (max(float(value or 0), 0.0), position)
            axes.annotate(text, place, (3, 0), textcoords="offset points", va="center", fontsize=7.5)

    offset = -thickness / 2 if is_with_prior else 0.0
    add_bars([b.value for b in bars], [b.note for b in bars], offset, speaker.common["period"], THIS_PERIOD)
    if is_with_prior:
        add_bars([b.prior for b in bars], [""] * len(bars), thickness / 2, speaker.common["compared_with"], YEAR_BEFORE)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize=8)
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars], fontsize=8.5)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xticks([])
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.set_xlabel(unit.column, fontsize=8.5)
    canvas.tight_layout()
    buffer = io.BytesIO()
    canvas.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
