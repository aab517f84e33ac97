"""The arithmetic of a report: every slip is told, and nothing that is right."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.core.catalogue import load_catalogue
from ingest.narrative.slips import decimals, is_slip, is_swap, resolution, slack, written
from ingest.readers.report.read_report import read_report

HERE = Path(__file__).parent
PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "reports"
FALSE_ALARMS_AT_MOST = 1


def findings(text: str):
    """The findings of arithmetic about a text."""
    (submission,) = read_report(text.encode(), "bao-cao.txt", load_catalogue()).submissions
    return [f for f in submission.findings if f.rule_id.startswith("TXT-1")]


def line_of(ref: str) -> int:
    return int(ref.removeprefix("L").partition(":")[0])


# Reports of our own


@pytest.mark.parametrize("path", sorted((HERE / "slips").glob("*.txt")), ids=lambda path: path.stem)
def test_each_planted_slip_is_found_and_nothing_else(path):
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as handle:
        planted = sorted((row["rule_id"], int(row["line"])) for row in csv.DictReader(handle))
    found = findings(path.read_text(encoding="utf-8"))
    assert sorted((f.rule_id, line_of(f.ref)) for f in found) == planted
    assert {f.severity for f in found} == {"warning"}


@pytest.mark.parametrize("path", sorted((HERE / "reports").glob("*.txt")), ids=lambda path: path.stem)
def test_reports_that_are_right_raise_at_most_one_alarm(path):
    assert len(findings(path.read_text(encoding="utf-8"))) <= FALSE_ALARMS_AT_MOST


# The published reports, where they are at hand


def expected_lines(name: str) -> dict[str, set[int]]:
    """The lines of the figures in each relation that is known not to hold, by its id."""
    with (PUBLISHED / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        line_by_figure = {row["figure_id"]: int(row["line"]) for row in csv.DictReader(handle)}
    with (PUBLISHED / "expected" / f"{name}_identities.csv").open(encoding="utf-8", newline="") as handle:
        broken = [row for row in csv.DictReader(handle) if (row["holds"], row["firm"]) == ("no", "yes")]
    return {
        row["identity_id"]: {line_by_figure[figure] for figure in re.findall(r"f\d+_\d+", row["formula"])}
        for row in broken
    }


@pytest.mark.parametrize("name", ["dak_mil_2023", "dak_to_2023", "thua_thien_hue_2023"])
def test_what_does_not_hold_in_a_published_report_is_found(name):
    if not PUBLISHED.exists():
        pytest.skip(f"NOT TESTED: the published reports are not at hand ({name})")
    found = [
        {line_of(ref) for ref in (f.ref, *f.refs)} for f in findings((PUBLISHED / f"{name}.txt").read_text("utf-8"))
    ]
    expected = expected_lines(name)
    assert expected
    for identity, lines in expected.items():
        assert any(lines <= places for places in found), identity
    false_alarms = [places for places in found if not any(lines <= places for lines in expected.values())]
    assert len(false_alarms) <= FALSE_ALARMS_AT_MOST


# Any figures in one wording


TEXT = """
ỦY BAN NHÂN DÂN HUYỆN KRÔNG PẮC

BÁO CÁO
Kết quả công tác lao động, người có công và xã hội năm 2023

1. Trong năm đã giải quyết việc làm cho {jobs} lao động, gồm: vay vốn Quỹ quốc gia về việc làm {loans} lao động,
xuất khẩu lao động {export} lao động, đi làm việc ngoại tỉnh {away} lao động.

2. Toàn huyện có {households} hộ dân. Số hộ nghèo là {poor} hộ, chiếm tỷ lệ {rate}%.

3. Người cao tuổi trên địa bàn là {elderly} người, trong đó nữ {women} người và nam {men} người.

4. Đã cứu đói {rice} kg gạo cho {turns} lượt khẩu dịp giáp hạt.
"""
MANY = st.integers(1_000, 9_000)


@st.composite
def figures(draw) -> dict[str, int]:
    """Figures that agree with each other."""
    loans, export, away, women, men, turns = (draw(MANY) for _ in range(6))
    households = draw(st.integers(40_000, 90_000))
    return {
        "jobs": loans + export + away, "loans": loans, "export": export, "away": away,
        "households": households, "poor": draw(st.integers(1_000, 9_000)),
        "elderly": women + men, "women": women, "men": men, "rice": 15 * turns, "turns": turns,
    }  # fmt: skip


def told(values: dict[str, int], rate: Decimal) -> str:
    return TEXT.format(rate=written(rate), **{name: written(Decimal(value)) for name, value in values.items()})


def rate_of(values: dict[str, int]) -> Decimal:
    return round(Decimal(values["poor"]) * 100 / values["households"], 2)


def swapped(value: int, at: int) -> int:
    digits = list(str(value))
    digits[at], digits[at + 1] = digits[at + 1], digits[at]
    return int("".join(digits))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(figures())
def test_figures_that_agree_raise_no_alarm(values):
    assert findings(told(values, rate_of(values))) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(figures(), st.sampled_from(["jobs", "loans", "export", "away", "women", "men", "rice", "turns"]), st.data())
def test_two_digits_that_change_places_are_found(values, name, data):
    rate = rate_of(values)
    digits = str(values[name])
    places = [at for at in range(1, len(digits) - 1) if digits[at] != digits[at + 1]]
    if places:
        values[name] = swapped(values[name], data.draw(st.sampled_from(places)))
        assert findings(told(values, rate))


# Numbers


@pytest.mark.parametrize(
    ("said", "meant", "is_one"),
    [
        ("14527", "14257", True),
        ("470", "480", True),
        ("1.68", "1.86", True),
        ("1.68", "1.6843", True),
        ("4181", "41810", True),
        ("470", "945", False),
        ("24518", "24102", False),
        ("9.01", "9.8", False),
        ("35", "36", False),
        ("0", "5", False),
    ],
)
def test_slips_of_the_pen(said, meant, is_one):
    assert is_slip(Decimal(said), Decimal(meant)) == is_one


@given(st.integers(100, 10**12))
def test_a_number_with_two_digits_changed_is_a_slip_both_ways(value):
    for at in range(len(str(value)) - 1):
        other = swapped(value, at)
        if other != value and len(str(other)) == len(str(value)):
            assert is_swap(Decimal(value), Decimal(other))
            assert is_slip(Decimal(value), Decimal(other))
            assert is_slip(Decimal(other), Decimal(value))


@pytest.mark.parametrize(
    ("raw", "value", "last_digit"),
    [
        ("8,49%", "8.49", "0.01"),
        ("7,6 tỷ đồng", "7600000000", "100000000"),
        ("16.726 triệu đồng", "16726000000", "1000000"),
        ("7.244.309.123 đồng", "7244309123", "0"),
        ("05 vụ", "5", "0"),
        ("1 tỷ 678 triệu đồng", "1678000000", "0"),
        ("không có", "0", "0"),
    ],
)
def test_what_the_last_digit_is_worth(raw, value, last_digit):
    assert resolution(raw, Decimal(value)) == Decimal(last_digit)


def test_rounded_figures_may_miss_each_other_by_half_their_last_digits():
    assert slack([("1,68%", Decimal("1.68")), ("0,55%", Decimal("0.55"))]) == Decimal("0.01")
    assert (decimals("8,49%"), decimals("2.439"), decimals("không")) == (2, 0, 0)
    assert (written(Decimal("2439")), written(Decimal("8.490"))) == ("2.439", "8,49")


CONVALESCENCE = """
ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG

BÁO CÁO
Kết quả công tác người có công năm {year}

1. Trong năm đã tổ chức điều dưỡng tại nhà cho {persons} người có công với kinh phí {amount} đồng.
"""


@pytest.mark.parametrize(
    ("year", "each", "rules"),
    [(2024, 1_849_500, set()), (2024, 18_495_000, {"TXT-106"}), (2026, 18_495_000, {"TXT-130"})],
)
def test_an_amount_whose_rate_nobody_has_read_is_said_to_be_unchecked(year, each, rules):
    text = CONVALESCENCE.format(year=year, persons="200", amount=written(Decimal(200 * each)))
    found = findings(text)
    assert {f.rule_id for f in found} == rules
    if rules == {"TXT-130"}:
        assert {f.severity for f in found} == {"info"}
        assert found[0].message_vi.startswith("Không kiểm tra được")
        assert found[0].message_en.startswith("Not checked")
