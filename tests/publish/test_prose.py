"""Sentences: what is said, and what must never be said."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from publish.definition import HeadlineFigure, ReportDefinition, Section, Sentence
from publish.model import Figure, ReportData, ReportingUnit, Target
from publish.prose import Speaker, judge

D = Decimal


@pytest.fixture
def speaker(data: ReportData, definition: ReportDefinition) -> Speaker:
    return Speaker(data, definition)


def with_figure(speaker: Speaker, indicator: str, **changes: object) -> Speaker:
    """The same report with one figure changed."""
    figures = tuple(
        replace(f, **changes) if f.key == (indicator, "") else f  # type: ignore[arg-type]
        for f in speaker.data.figures
    )
    return replace(speaker, data=replace(speaker.data, figures=figures))


def figure(speaker: Speaker, indicator: str) -> Figure:
    found = speaker.data.figure(indicator)
    assert found is not None
    return found


def poor(**fields: object) -> Sentence:
    return Sentence.model_validate({"indicator": "poor_households", "text": "Có {value}{change}{target}."} | fields)


def section(*sentences: Sentence, **fields: object) -> Section:
    """A section that tells nothing but these sentences."""
    plain = {"title": "Lĩnh vực", "sheet_name": "Lĩnh vực", "domains": ["poverty"], "is_rest_told": False}
    return Section.model_validate({**plain, "sentences": sentences, **fields})


def test_rise_fall_and_no_change(speaker: Speaker) -> None:
    assert speaker.change(figure(speaker, "poor_households")) == ", giảm 630 hộ (22,5%) so với năm 2022"
    risen = with_figure(speaker, "poor_households", change=D(12), change_pct=D("0.43"))
    assert risen.change(figure(risen, "poor_households")) == ", tăng 12 hộ (0,43%) so với năm 2022"
    same = with_figure(speaker, "poor_households", change=D(0), change_pct=D(0))
    assert same.change(figure(same, "poor_households")) == ", không thay đổi so với năm 2022"
    unknown = with_figure(speaker, "poor_households", change=None, change_pct=None)
    assert unknown.change(figure(unknown, "poor_households")) == ""


def test_change_from_zero_has_no_share(speaker: Speaker) -> None:
    from_zero = with_figure(speaker, "poor_households", change=D(7), change_pct=None)
    assert from_zero.change(figure(from_zero, "poor_households")) == ", tăng 7 hộ so với năm 2022"


def test_change_of_a_rate_is_in_points(speaker: Speaker) -> None:
    assert speaker.change(figure(speaker, "poor_household_rate")) == ", giảm 0,97 điểm phần trăm so với năm 2022"


def test_change_too_small_to_write_is_not_called_a_fall(speaker: Speaker) -> None:
    hardly = with_figure(speaker, "poor_household_rate", change=D("-0.001"))
    assert hardly.change(figure(hardly, "poor_household_rate")) == ", gần như không đổi so với năm 2022"


@pytest.mark.parametrize(
    ("value", "target", "is_met", "pct", "text"),
    [
        ("18240", "18000", True, "101.33", "; đạt 101,3% chỉ tiêu giao (18.000 hộ)"),
        ("17000", "18000", False, "94.44", "; mới đạt 94,4% chỉ tiêu giao (18.000 hộ)"),
        ("18000", "18000", True, "100", "; đạt chỉ tiêu giao (18.000 hộ)"),
        # Less is better: a share over 100 would mislead.
        ("2170", "2200", True, "101.38", "; vượt chỉ tiêu giao (2.200 hộ)"),
        ("2300", "2200", False, "95.65", "; chưa đạt chỉ tiêu giao (2.200 hộ)"),
        ("2300", "2200", None, None, " (chỉ tiêu giao: 2.200 hộ)"),
    ],
)
def test_target(speaker: Speaker, value: str, target: str, is_met: bool | None, pct: str | None, text: str) -> None:
    goal = Target(D(target), "", None if pct is None else D(pct), is_met)
    changed = with_figure(speaker, "poor_households", value=D(value), target=goal)
    assert changed.target(figure(changed, "poor_households")) == text


def test_target_of_a_rate_has_no_share_and_names_who_set_it_among_several(speaker: Speaker) -> None:
    goal = Target(D("3.2"), "HĐND tỉnh", D("103.1"), True)
    changed = with_figure(speaker, "poor_household_rate", target=goal)
    assert changed.target(figure(changed, "poor_household_rate")) == "; vượt chỉ tiêu giao (3,2%; HĐND tỉnh)"
    alone = replace(changed, data=replace(changed.data, figures=(figure(changed, "poor_household_rate"),)))
    assert alone.target(figure(changed, "poor_household_rate")) == "; vượt chỉ tiêu giao (3,2%)"


def test_incomplete_figure_is_never_judged(speaker: Speaker) -> None:
    jobs = replace(figure(speaker, "jobs_created"), target=Target(D(1), "", D(200), True))
    assert judge(jobs) == "unjudged"


def test_nothing_happened_is_said_in_words(speaker: Speaker) -> None:
    none = with_figure(speaker, "poor_households", value=D(0), value_prior=None, change=None, target=None)
    assert none.sentence(poor()) == ["Số hộ nghèo: không phát sinh trong năm 2023."]
    fallen = with_figure(speaker, "poor_households", value=D(0), change=D(-12), change_pct=D(-100), target=None)
    assert fallen.sentence(poor()) == ["Có 0 hộ, giảm 12 hộ (100%) so với năm 2022."]


def test_sentence_fills_its_clauses(speaker: Speaker) -> None:
    clauses = {"persons": {"indicator": "poor_persons", "noun": "nhân khẩu", "text": " với {value}"}}
    sentence = poor(text="Có {value} nghèo{persons}.", clauses=clauses)
    assert speaker.sentence(sentence) == ["Có 2.170 hộ nghèo với 9.876 nhân khẩu."]


def test_clause_without_its_figure_disappears(speaker: Speaker) -> None:
    clauses = {"children": {"indicator": "children", "text": " và {value}"}}
    assert speaker.sentence(poor(text="Có {value}{children}.", clauses=clauses)) == ["Có 2.170 hộ."]


def test_incomplete_clause_is_told_separately(speaker: Speaker) -> None:
    gap = with_figure(
        speaker,
        "poor_persons",
        value=None,
        value_partial=D(5000),
        is_complete=False,
        units_reported=2,
        units_missing=("Huyện Tuy Đức",),
    )
    clauses = {"persons": {"indicator": "poor_persons", "text": " với {value}"}}
    first, second = gap.section(section(poor(text="Có {value}{persons}.", clauses=clauses)))
    assert first == "Có 2.170 hộ."
    assert second.startswith("Số nhân khẩu nghèo: chưa đủ số liệu")
    assert "còn thiếu: huyện Tuy Đức" in second


def test_incomplete_sum_is_never_the_total(speaker: Speaker) -> None:
    defined = Sentence(indicator="jobs_created", text="Đã giải quyết việc làm cho {value}{change}{target}.")
    (sentence,) = speaker.section(section(defined))
    assert "Đã giải quyết việc làm" not in sentence
    assert "chưa đủ số liệu để tổng hợp toàn tỉnh (mới có 2/3 đơn vị có số liệu)" in sentence
    assert sentence.endswith("Cộng riêng các đơn vị đã báo cáo được 4.321 người.")


def test_value_beside_a_false_is_complete_is_not_trusted(speaker: Speaker) -> None:
    wrong = with_figure(speaker, "jobs_created", value=D(4321), basis="summed")
    assert figure(wrong, "jobs_created").total is None


def test_what_the_province_states_itself_needs_no_unit(speaker: Speaker) -> None:
    stated = with_figure(speaker, "jobs_created", value=D(6600), basis="stated")
    sentence = Sentence(indicator="jobs_created", noun="lao động", text="Tạo việc làm cho {value}.")
    assert stated.sentence(sentence) == ["Tạo việc làm cho 6.600 lao động."]


def test_partial_sum_of_a_rate_is_not_told(speaker: Speaker) -> None:
    gap = with_figure(
        speaker, "poor_household_rate", value=None, value_partial=D("2.9"), is_complete=False, units_reported=2
    )
    (sentence,) = gap.section(section(Sentence(indicator="poor_household_rate", text="{value}")))
    assert "2,9" not in sentence


def test_nobody_reported(speaker: Speaker) -> None:
    gap = with_figure(speaker, "jobs_created", units_reported=0, value_partial=None)
    (sentence,) = gap.section(section(Sentence(indicator="jobs_created", text="{value}")))
    assert sentence == "Số lao động được giải quyết việc làm: chưa có đơn vị nào báo cáo số liệu."


def test_indicator_that_the_marts_lack_says_nothing(speaker: Speaker) -> None:
    assert speaker.sentence(Sentence(indicator="gifts", text="{value}")) == []


def test_parts_leave_out_categories_inside_others(speaker: Speaker) -> None:
    (sentence,) = speaker.sentence(poor(parts="ethnicity", text="Trong đó: {parts}."))
    assert sentence == "Trong đó: dân tộc Kinh 970 hộ; dân tộc thiểu số 1.200 hộ."


def test_indicator_that_no_sentence_names_is_told_plainly(speaker: Speaker) -> None:
    told = speaker.section(section(poor(), is_rest_told=True))
    assert "Số nhân khẩu nghèo: 9.876 người." in told
    assert not any("Kinh" in sentence for sentence in told)
    assert len(speaker.section(section(poor()))) == 1
    some = speaker.section(section(poor(), is_rest_told=True, workbook_only=["poor_persons"]))
    assert some == [sentence for sentence in told if "nhân khẩu" not in sentence]


def test_rest_without_a_total_is_listed_in_one_sentence(speaker: Speaker) -> None:
    (sentence,) = speaker.section(section(domains=["employment"], is_rest_told=True))
    assert sentence.endswith("Số lao động được giải quyết việc làm (2/3).")
    assert "4.321" not in sentence


def test_figures_with_the_same_gap_share_a_sentence(speaker: Speaker) -> None:
    gap: dict[str, Any] = {
        "value": None,
        "is_complete": False,
        "units_reported": 2,
        "units_missing": ("Huyện Tuy Đức",),
    }
    both = with_figure(with_figure(speaker, "poor_persons", **gap, value_partial=D(50)), "poor_household_rate", **gap)
    sentences = (poor(indicator="poor_persons"), poor(indicator="poor_household_rate"))
    (sentence,) = both.section(section(*sentences))
    assert sentence.startswith("Số nhân khẩu nghèo; Tỷ lệ hộ nghèo: chưa đủ số liệu")
    assert sentence.endswith("Cộng riêng các đơn vị đã báo cáo được 50 người (Số nhân khẩu nghèo).")


def test_whole_is_told_though_a_sentence_names_one_of_its_categories(speaker: Speaker) -> None:
    kinh = Sentence(indicator="poor_households", breakdown="ethnicity=kinh", text="Kinh: {value}.")
    told = speaker.section(section(kinh, is_rest_told=True))
    assert told[0] == "Kinh: 970 hộ."
    assert any(sentence.startswith("Số hộ nghèo: 2.170 hộ") for sentence in told)


def test_indicator_stated_only_by_categories_is_told_by_them(speaker: Speaker) -> None:
    figures = tuple(f for f in speaker.data.figures if f.key != ("poor_households", ""))
    bare = replace(speaker, data=replace(speaker.data, figures=figures))
    told = bare.section(section(is_rest_told=True))
    assert "Số hộ nghèo: 970 hộ (Kinh); 1.200 hộ (Dân tộc thiểu số)." in told
    gap: dict[str, Any] = {"value": None, "is_complete": False, "units_reported": 1}
    some = tuple(replace(f, **gap) if f.breakdown == "ethnicity=kinh" else f for f in figures)
    told = replace(bare, data=replace(bare.data, figures=some)).section(section(is_rest_told=True))
    assert "Số hộ nghèo: chưa đủ số liệu (Kinh); 1.200 hộ (Dân tộc thiểu số)." in told
    none = tuple(replace(f, **gap) if f.breakdown else f for f in figures)
    told = replace(bare, data=replace(bare.data, figures=none)).section(section(is_rest_told=True))
    assert told[-1].endswith(": Số hộ nghèo (Kinh) (1/3); Số hộ nghèo (Dân tộc thiểu số) (1/3).")


def test_many_missing_units_are_counted(speaker: Speaker) -> None:
    names = tuple(f"Xã {letter}" for letter in "ABCDEFGHIK")
    gap = with_figure(speaker, "jobs_created", units_missing=names)
    (sentence,) = gap.section(section(Sentence(indicator="jobs_created", text="{value}")))
    assert "còn thiếu: xã A, xã B, xã C, xã D, xã E, xã F, xã G, xã H và 2 đơn vị khác." in sentence


@pytest.mark.parametrize(
    ("period", "name", "compared_with"),
    [
        ("2023", "năm 2023", "năm 2022"),
        ("2023-Q3", "quý III năm 2023", "cùng kỳ năm 2022"),
        ("2023-S1", "6 tháng đầu năm 2023", "cùng kỳ năm 2022"),
        ("2023-09", "tháng 9 năm 2023", "cùng kỳ năm 2022"),
    ],
)
def test_period_names(speaker: Speaker, period: str, name: str, compared_with: str) -> None:
    common = replace(speaker, data=replace(speaker.data, period_code=period)).common
    assert (common["period"], common["compared_with"]) == (name, compared_with)


def test_city_is_no_province(speaker: Speaker) -> None:
    city = replace(speaker, data=replace(speaker.data, province_name="Thành phố Huế"))
    assert city.common["province"] == "Huế"
    assert "toàn thành phố" in city.incomplete([figure(city, "jobs_created")])[0]


def test_units_are_called_what_they_are(speaker: Speaker) -> None:
    assert speaker.common["units_word"] == "huyện, thành phố"
    names = (("Xã Đắk Mil", "Đắk Mil"), ("Xã Đức Lập", "Đức Lập"), ("Phường Bắc Gia Nghĩa", "Bắc Gia Nghĩa"))
    units = tuple(ReportingUnit(name, "1", name, short) for name, short in names)
    communes = replace(speaker, data=replace(speaker.data, units=units))
    assert communes.common["units_word"] == "xã, phường"


def test_headline_takes_the_definitions_title(speaker: Speaker) -> None:
    titled = HeadlineFigure(indicator="poor_households", breakdown="ethnicity=kinh", title="Trong đó: dân tộc Kinh")
    absent = HeadlineFigure(indicator="gifts")
    definition = speaker.definition.model_copy(update={"headline": [titled, absent]})
    assert [f.label_vi for f in replace(speaker, definition=definition).headline()] == ["Trong đó: dân tộc Kinh"]


def test_unit_that_the_wording_lacks_takes_the_catalogues_name(speaker: Speaker) -> None:
    odd = replace(figure(speaker, "poor_households"), unit_of_measure="boat", unit_of_measure_name_vi="thuyền; ghe")
    assert speaker.value(odd, D(3)) == "3 thuyền"
