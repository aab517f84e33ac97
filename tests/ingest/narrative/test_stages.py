"""Each stage of the reading looked at alone: times, spellings, the head of a report, lines, confidence, explanation."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.catalogue import load_catalogue
from ingest.narrative import extract
from ingest.narrative.meaning.confidence import features
from ingest.narrative.meaning.report_head import read_context
from ingest.narrative.text.lexicon import load_lexicon
from ingest.narrative.text.phrases import PhraseBook, tokenise
from ingest.narrative.text.segments import lines_of, segment
from ingest.narrative.text.times import citations, times
from ingest.review.explain import explain_line

SHARED = Path(__file__).parents[4] / "shared" / "reports"


def read(body: str, title: str = "Kết quả công tác bảo trợ xã hội năm 2024"):
    return extract(f"UBND HUYỆN VĂN CHẤN\n\nBÁO CÁO\n{title}\n\n{body}\n", load_catalogue())


# Times


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("6 tháng đầu năm 2024", ["2024-S1"]), ("6 tháng cuối năm", ["2023-S2"]), ("9 tháng đầu năm 2024", ["2024-09"]),
        ("Lũy kế 9 tháng: 20 người", ["2023-09"]),
        ("đến hết tháng 11, có", ["2023-11"]), ("đến 30/11 giải ngân", ["2023-11"]),
        ("quý III/2023", ["2023-Q3"]), ("giai đoạn 2021 - 2025", ["2021/2025"]), ("ước cả năm đạt", ["2023"]),
        ("ngày 15/3/2025", ["2025-03"]), ("đào tạo dưới 3 tháng", []), ("hợp đồng 3 - 6 tháng", []),
        ("Quyết định số 12/QĐ-UBND ngày 05/01/2023", []), ("3 tháng cuối năm", ["2023-Q4"]),
    ],
)  # fmt: skip
def test_times_are_named_in_words(text, periods):
    assert [t.period.code for t in times(text, citations(text), 2023) if t.period is not None] == periods


# Spellings


@pytest.mark.parametrize(
    "text", ["người lao động", "NLĐ", "Người lao động", "người lao đông", "nguời lao động".replace("nguời", "người")]
)
def test_a_phrase_is_found_in_its_spellings(text):
    book = PhraseBook()
    book.add("người lao động", "worker")
    assert [hit.value for hit in book.find(tokenise(text))] == ["worker"]


def test_an_abbreviation_inside_a_phrase_is_read_in_full():
    book = PhraseBook()
    book.add("trợ cấp người khuyết tật", 1)
    assert book.find(tokenise("chi trợ cấp NKT trong năm"))


def test_a_capital_tells_a_people_from_a_common_word():
    lexicon = load_lexicon()
    peoples = [m.code for m in lexicon.mentions(tokenise("Hộ nghèo: Dao 131 hộ, Kinh 22 hộ")).categories("ethnicity")]
    assert peoples == ["dao", "kinh"]
    assert not lexicon.mentions(tokenise("bổ sung kinh phí, sắc như dao")).categories("ethnicity")


def test_a_direction_is_no_sex():
    assert not load_lexicon().mentions(tokenise("đi làm việc tại các tỉnh phía Nam")).categories("sex")


# The head of a report


@pytest.mark.parametrize(
    ("head", "unit", "period"),
    [
        ("UBND HUYỆN YÊN THẾ\n\nBÁO CÁO\nKết quả năm 2023; phương hướng năm 2024", "Huyện Yên Thế", "2023"),
        ("SỞ LĐTBXH BẮC NINH\n\nBÁO CÁO\nTình hình lao động quý III/2023", "Tỉnh Bắc Ninh", "2023-Q3"),
        ("ỦY BAN NHÂN DÂN\nXÃ VĂN BÀN\n\nBÁO CÁO\nKết quả năm 2025", "Xã Văn Bàn", "2025"),
        ("UBND HUYEN VẠN NINH\n\nBÁO CÁO\nV/v thực hiện 6 tháng đầu năm, phương hướng 6 tháng cuối năm 2023",
         "Huyện Vạn Ninh", "2023-S1"),
        ("UBND TỈNH VĨNH LONG\n\nBÁO CÁO\nKết quả tháng 10, nhiệm vụ tháng 11 năm 2023", "Tỉnh Vĩnh Long", "2023-10"),
        ("UBND TỈNH SƠN LA\n\nBÁO CÁO\nKết quả 9 tháng, ước thực hiện cả năm 2023", "Tỉnh Sơn La", "2023-09"),
        ("UBND TỈNH HÀ GIANG\n\nBÁO CÁO\nHoạt động kỷ niệm\n\nSố liệu tổng hợp đến hết ngày 28/7/2024.",
         "Tỉnh Hà Giang", "2024-07"),
    ],
)  # fmt: skip
def test_a_head_tells_who_reports_for_when(head, unit, period):
    context = read_context(segment(lines_of(head + "\n")), load_catalogue())
    assert context.unit is not None
    assert context.period is not None
    assert (context.unit.name, context.period.code) == (unit, period)


def test_a_head_that_tells_nothing_leaves_both_open():
    context = read_context(
        segment(lines_of("Kính gửi các đồng chí\n\nCông tác được triển khai tốt.\n")), load_catalogue()
    )
    assert context.unit is None
    assert context.period is None


# Lines


def test_lines_broken_by_the_page_are_joined_and_short_ones_are_not():
    page = (
        "SỞ Y TẾ\nSố: 12/BC\n"
        "Trong năm toàn tỉnh đã thực hiện chi trả trợ cấp đầy đủ, kịp thời cho\n"
        "các đối tượng bảo trợ xã hội theo quy định tại các xã, phường trong\ntỉnh.\n"
    )
    assert [p.text[:12] for p in segment(lines_of(page)).passages] == ["SỞ Y TẾ", "Số: 12/BC", "Trong năm to"]


def test_a_table_with_bars_between_its_cells_is_one():
    document = segment(lines_of("Nguồn | Số suất | Kinh phí (triệu đồng)\nTỉnh | 12 | 6,5\nHuyện | 9 | 4\n"))
    assert [p.kind for p in document.passages] == ["row", "row", "row"]


@pytest.mark.parametrize("line", ["A.1 Cung - cầu lao động", "1- Lao động", "II/ Bảo trợ", "V/v báo cáo năm"])
def test_numbering_is_no_quantity(line):
    assert read(f"{line}\n\nKhông có số liệu.").quantities == []


# Details that hang on the words around


def meanings(body: str) -> dict[str, tuple[str, str, str]]:
    return {q.raw: (q.indicator_code, q.period, q.breakdown) for q in read(body).quantities}


def test_a_plan_in_brackets_is_of_the_fall_before_it():
    found = meanings("Kéo giảm 83 hộ nghèo (chỉ tiêu 60 hộ). Cuối năm còn 259 hộ nghèo (chỉ tiêu 270 hộ).")
    assert found["60 hộ"][0] == "poor_household_reduction"
    assert found["270 hộ"][0] == "poor_households"


@pytest.mark.parametrize(
    "body",
    [
        "Trợ cấp xã hội: 1.058 người, kinh phí tháng 11: 742.350.000 đồng.",
        "Trợ cấp xã hội: 1.058 người, kinh phí chi trả tháng 11/2024 là 742.350.000 đồng.",
        "Tháng 11, chi trả trợ cấp xã hội cho 1.058 người, kinh phí 742.350.000 đồng.",
    ],
)
def test_the_amount_of_one_month_is_a_monthly_rate(body):
    assert meanings(body)["742.350.000 đồng"] == ("sa_monthly_run_rate", "2024-11", "")


def test_a_category_that_is_the_unit_is_kept():
    found = meanings("Người có công đang quản lý: 1.904 liệt sĩ, 618 thương binh, 824 bệnh binh.")
    assert [b for _, _, b in found.values()] == ["merit_category=m03", "merit_category=m07", "merit_category=m08"]


# Confidence and explanation


def test_a_figure_stated_twice_with_two_values_is_doubtful():
    twice = read("Trợ cấp hằng tháng cho 2.400 đối tượng bảo trợ xã hội, trong đó trợ cấp hằng tháng 1.750 đối tượng.")
    once = read("Trợ cấp hằng tháng cho 2.400 đối tượng bảo trợ xã hội.")
    assert twice.quantities[1].confidence < 0.9 <= once.quantities[0].confidence


def test_what_is_not_recognised_is_kept_without_confidence():
    found = read("Ủy ban đã trang bị 14 máy tính.").quantities
    assert [(q.value, q.indicator_code, q.confidence) for q in found if not q.indicator_code] == [(14, "", 0.0)]


def test_features_are_named_and_finite():
    reading = read("Trợ cấp hằng tháng cho 2.400 đối tượng bảo trợ xã hội.").readings[0]
    assert all(-10 < value < 10 for value in features(reading).values())


def test_explanation_tells_what_spoke_for_a_number():
    text = "UBND HUYỆN VĂN CHẤN\n\nBÁO CÁO năm 2024\n\nToàn huyện còn 312 hộ nghèo, chiếm 1,2%.\n"
    told = explain_line(text.encode(), "bao_cao.txt", 5, load_catalogue())
    assert "poor_households" in told
    assert "taken" in told
    assert "confidence" in told


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("dak_mil_2023", 51, "poor_household_rate_reduction plan_level=province"),
        ("dak_to_2023", 63, "ntp_participating_households"),
        ("thua_thien_hue_2023", 95, "post_rehab_persons"),
    ],
)
def test_hard_sentences_of_the_given_reports_are_explained(name, line, expected):
    path = SHARED / f"{name}.txt"
    if not path.exists():
        pytest.skip(f"the given reports are not at hand: {path} is missing")
    assert expected in explain_line(path.read_bytes(), path.name, line, load_catalogue())
