"""Kinds of sentences that were read wrong, each made with other words and numbers than those that showed it."""

from __future__ import annotations

import itertools

import pytest

from ingest.core.catalogue import load_catalogue
from ingest.narrative import extract
from ingest.narrative.audit import check

HEAD = "UBND HUYỆN VĂN CHẤN\n\nBÁO CÁO\nKết quả công tác lao động, người có công và xã hội năm {year}\n\n"


def read(body: str, year: int = 2024):
    head = HEAD.format(year=year)
    found = extract(f"{head}{body}\n", load_catalogue())
    lines = head.count("\n")
    return [q for q in found.quantities if int(q.ref[1:].split(":")[0]) > lines]


def meaning(body: str, raw: str, year: int = 2024):
    """Indicator, measure, period and breakdown of the one number that is written so."""
    (found,) = [q for q in read(body, year) if q.raw.startswith(raw)]
    return found.indicator_code, found.measure, found.period, found.breakdown


# The counted noun decides

REVIEWS = [
    "Theo kết quả rà soát hộ nghèo, hộ cận nghèo năm 2024, toàn huyện có",
    "Qua rà soát hộ nghèo, hộ cận nghèo và hộ làm nông nghiệp có mức sống trung bình, huyện hiện có",
    "Công nhận kết quả điều tra hộ cận nghèo, hộ nghèo trên địa bàn gồm",
]


@pytest.mark.parametrize(
    ("lead", "order"), itertools.product(REVIEWS, (("nghèo", "cận nghèo"), ("cận nghèo", "nghèo")))
)
def test_the_noun_behind_a_number_decides_whatever_the_clause_names(lead, order):
    first, second = order
    body = f"{lead} 731 hộ {first}, 2.914 khẩu; 655 hộ {second}, 2.488 khẩu."
    codes = {"nghèo": "poor", "cận nghèo": "near_poor"}
    read_as = [(q.indicator_code, q.breakdown) for q in read(body)]
    assert read_as == [
        (f"{codes[first]}_households", ""),
        (f"{codes[first]}_persons", ""),
        (f"{codes[second]}_households", ""),
        (f"{codes[second]}_persons", ""),
    ]


@pytest.mark.parametrize("copula", ["là", "có", "hiện còn", ":"])
@pytest.mark.parametrize(("noun", "code"), [("hộ nghèo", "poor"), ("hộ cận nghèo", "near_poor")])
def test_the_subject_of_a_plain_statement_decides(copula, noun, code):
    body = f"Kết quả rà soát và hộ nghèo phát sinh như sau: tổng số {noun} {copula} 517 hộ, chiếm 3,62%."
    assert meaning(body, "517 hộ")[0] == f"{code}_households"
    assert meaning(body, "3,62%")[0] == f"{code}_household_rate"


def test_all_households_are_those_among_which_the_poor_are_named():
    body = "Phường Trung Tâm có 1.733 hộ, trong đó: số hộ nghèo: 41 hộ, tỷ lệ 2,37%."
    assert meaning(body, "1.733 hộ")[0] == "total_households"
    assert meaning("Hộ nghèo 41/1.733 hộ, chiếm 2,37%.", "1.733 hộ")[0] == "total_households"


@pytest.mark.parametrize(
    "body",
    [
        "Hộ nghèo dân tộc thiểu số là 640 hộ, chiếm 94,7% hộ nghèo toàn huyện.",
        "Có 94,7% hộ nghèo được sử dụng nước hợp vệ sinh.",
        "Toàn huyện đào tạo nghề cho 812 lao động, tăng 94,7% so với cùng kỳ.",
    ],
)
def test_a_share_among_a_group_and_a_rise_in_per_cent_are_no_rates(body):
    assert meaning(body, "94,7%")[0] == ""


def test_what_something_fell_to_is_a_level():
    assert meaning("Số hộ nghèo giảm còn 977 hộ.", "977 hộ")[:2] == ("poor_households", "actual")


# Time


@pytest.mark.parametrize(
    ("lead", "period"),
    [
        ("Trong nhiệm kỳ 2020 - 2025", "2020/2025"),
        ("Giai đoạn 2021-2024", "2021/2024"),
        ("Từ năm 2021 đến năm 2024", "2021/2024"),
        ("Trong 3 năm qua", "2022/2024"),
        ("Trong năm", "2024"),
        ("Thực hiện Chương trình giảm nghèo bền vững giai đoạn 2021-2025, trong năm", "2024"),
        ("Sáu tháng đầu năm", "2024-S1"),
        ("Từ ngày 01/7/2024 đến ngày 31/12/2024", "2024-S2"),
        ("Từ tháng 4 đến tháng 6/2024", "2024-Q2"),
    ],
)
def test_spans_and_terms_are_times_of_what_was_done(lead, period):
    assert meaning(f"{lead}, huyện đào tạo nghề cho 1.204 lao động.", "1.204")[1:3] == ("actual", period)


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("Kết quả giảm nghèo giai đoạn 2021 - 2025", "2021/2025"),
        ("Kết quả công tác từ ngày 01/7/2025 đến ngày 31/12/2025", "2025-S2"),
        ("Kết quả công tác từ 15/12/2023 đến 15/6/2024", "2024-S1"),
        ("Kết quả công tác sáu tháng đầu năm 2024", "2024-S1"),
        ("Kết quả rà soát theo chuẩn nghèo giai đoạn 2021-2025 năm 2024", "2024"),
    ],
)
def test_a_report_of_a_span_or_a_half_year_is_one(title, period):
    head = extract(f"UBND HUYỆN VĂN CHẤN\n\nBÁO CÁO\n{title}\n\nHuyện có 12 hộ nghèo.\n", load_catalogue()).context
    assert head.period is not None
    assert head.period.code == period


@pytest.mark.parametrize("line", ["09/11/2023", "(09/11/2023)", "Thứ Năm, 09/11/2023 - 14:05", "11/2023"])
def test_the_day_of_a_page_tells_the_year_to_read_by_and_no_period_to_file_by(line):
    found = extract(
        f"Sơn La: thêm việc làm\n\n{line}\n\nTỉnh giải quyết việc làm cho 512 lao động.\n", load_catalogue()
    )
    assert found.context.period is not None
    assert (found.context.period.code, found.context.is_period_told) == ("2023", False)
    assert [q.raw for q in found.quantities] == ["512 lao động"]


def test_a_year_in_brackets_is_earlier():
    body = "Hộ nghèo 388 hộ (năm 2023: 431 hộ), tỷ lệ 2,91% (năm 2023: 3,27%)."
    assert meaning(body, "431")[1:3] == ("prior", "2023")
    assert meaning(body, "3,27%")[1:3] == ("prior", "2023")
    assert meaning(body, "388")[1:3] == meaning(body, "2,91%")[1:3] == ("actual", "2024")


def test_the_opening_stock_of_a_year_named_is_a_figure_of_that_year():
    body = "Đầu năm 2024, toàn huyện có 3.021 hộ nghèo. Tỷ lệ hộ nghèo từ 9,4% đầu năm xuống còn 8,1% cuối năm."
    assert meaning(body, "3.021")[1:] == ("actual", "2024", "movement=opening")
    assert meaning(body, "9,4%")[1] == "prior"
    assert meaning(body, "8,1%")[1:3] == ("actual", "2024")


# Whose category, who gave


def test_items_of_a_list_do_not_pile_up():
    body = "Đào tạo nghề sơ cấp cho 64 học viên: người khuyết tật 21 học viên, người dân tộc thiểu số 30 học viên."
    assert meaning(body, "21")[3] == "target_group=disabled; training_level=elementary"
    assert meaning(body, "30")[3] == "ethnicity=minority; training_level=elementary"


@pytest.mark.parametrize(
    ("subject", "giver"), [("UBND tỉnh", "province"), ("UBND huyện", "district"), ("Lãnh đạo xã", "commune")]
)
def test_the_subject_of_giving_is_the_giver(subject, giver):
    body = f"Nhân dịp Tết Nguyên đán, {subject} đã thăm, tặng 88 suất quà trị giá 44 triệu đồng."
    assert meaning(body, "88")[3] == f"giver={giver}; occasion=tet"
    assert meaning(body, "44 triệu")[3] == f"giver={giver}; occasion=tet"


def test_two_givers_in_one_sentence_keep_their_gifts():
    body = "Dịp Tết, UBND tỉnh tặng 70 suất quà trị giá 35 triệu đồng, UBND xã tặng 31 suất quà trị giá 9,3 triệu đồng."
    assert [meaning(body, raw)[3].split(";")[0] for raw in ("70", "35 triệu", "31", "9,3 triệu")] == [
        "giver=province",
        "giver=province",
        "giver=commune",
        "giver=commune",
    ]


def test_the_heading_of_an_item_names_the_giver_at_any_distance():
    body = (
        "a) Quà của Chủ tịch nước theo Quyết định số 21/QĐ-CTN ngày 3/1/2024: chuyển kinh phí cho UBND các xã, "
        "thị trấn thăm, tặng 402 suất cho 402 người có công."
    )
    assert "giver=president" in meaning(body, "402 suất")[3]


def test_nothing_comes_out_of_the_name_of_a_plan():
    body = "Giải quyết việc làm cho 951 lao động, đạt chỉ tiêu giao tại kế hoạch phát triển kinh tế - xã hội."
    assert meaning(body, "951")[3] == ""


def test_a_total_behind_two_joined_counts_is_of_neithers_own_category():
    body = (
        "Chi trả trợ cấp hằng tháng cho 06 nghệ nhân ưu tú và 1.733 đối tượng bảo trợ xã hội "
        "với tổng số tiền 9,1 tỷ đồng."
    )
    assert "sa_artisan" not in meaning(body, "9,1 tỷ")[3]
    assert "sa_artisan" not in meaning(body, "1.733")[3]


# Target, plan or done


def test_a_list_of_targets_is_one_to_its_end():
    body = (
        "Nghị quyết gồm 15 chỉ tiêu chủ yếu là: tạo việc làm mới cho 640 lao động, tỷ lệ lao động qua đào tạo đạt 77%."
    )
    assert meaning(body, "640")[1] == meaning(body, "77%")[1] == "target"
    assert meaning(body, "15")[0] == ""


@pytest.mark.parametrize("word", ["cũng", "đồng thời"])
def test_what_is_aimed_at_as_well_is_a_target_of_the_same_time(word):
    body = f"Năm 2025, huyện phấn đấu tạo việc làm cho 910 lao động. Huyện {word} đào tạo nghề cho 422 người."
    assert meaning(body, "910")[1:3] == meaning(body, "422")[1:3] == ("target", "2025")
    done = f"Năm 2025, huyện phấn đấu tạo việc làm cho 910 lao động. Huyện {word} đã đào tạo nghề cho 422 người."
    assert meaning(done, "422")[1] == "actual"


def test_what_is_approved_is_planned():
    assert meaning("Phê duyệt hỗ trợ xây dựng 47 nhà ở cho hộ nghèo.", "47")[1] == "plan"
    assert meaning("Phê duyệt kết quả rà soát gồm 47 hộ nghèo.", "47")[1] == "actual"


# What is no quantity


@pytest.mark.parametrize(
    "body",
    [
        "Cập nhật lúc 16:05, ngày 03/4/2024 (GMT+7).",
        "Xem tại https://vanchan.gov.vn/tin-tuc/2024/12345 hoặc www.vanchan.vn/77.",
        "Ban chỉ đạo 138 các huyện đã họp.",
        "Mừng thọ các cụ ở độ tuổi 70, 75, 80 và 90.",
        "Kế hoạch phát triển kinh tế - xã hội 5 năm 2021-2025 được ban hành.",
    ],
)
def test_hours_addresses_and_numbered_bodies_are_no_quantities(body):
    assert read(body) == []


@pytest.mark.parametrize(("written", "value"), [("8, 4 tỷ đồng", 8_400_000_000), ("12, 75 triệu đồng", 12_750_000)])
def test_a_torn_decimal_is_one_number_and_a_finding(written, value):
    found = extract(f"{HEAD.format(year=2024)}Chi trả trợ cấp xã hội {written}.\n", load_catalogue())
    assert [int(q.value) for q in found.quantities] == [value]
    assert "TXT-110" in {f.rule_id for f in check(found.quantities, found.readings, load_catalogue())}


def test_one_of_what_a_rate_is_for_is_no_count():
    assert [q.raw for q in read("Hỗ trợ xây nhà với mức 40 triệu đồng/ 1 hộ.")] == ["40 triệu đồng"]


# Who reports


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("UBND TỈNH PHÚ THỌ\nUBND XÃ THU CÚC", "Xã Thu Cúc"),
        ("ỦY BAN NHÂN DÂN\nXÃ THU CÚC, TỈNH PHÚ THỌ", "Xã Thu Cúc"),
        ("TỈNH PHÚ THỌ\nXÃ THU CÚC", "Xã Thu Cúc"),
        ("UBND TỈNH PHÚ THỌ\nSỞ NỘI VỤ", "Tỉnh Phú Thọ"),
    ],
)
def test_in_one_head_the_child_reports(head, unit):
    found = extract(f"{head}\n\nBÁO CÁO\nKết quả giảm nghèo năm 2025\n\nXã có 12 hộ nghèo.\n", load_catalogue())
    assert found.context.unit is not None
    assert found.context.unit.name == unit


def test_of_communes_of_one_name_that_of_the_home_province_is_meant():
    catalogue = load_catalogue()
    communes = [u for u in catalogue.units.values() if u.level == "commune" and u.valid_to.year > 2030]
    names = [u.name for u in communes]
    twice = next(u for u in communes if names.count(u.name) == 2)
    text = f"UBND {twice.name.upper()}\n\nBÁO CÁO\nKết quả giảm nghèo năm 2025\n\nXã có 12 hộ nghèo.\n"
    home = catalogue.province_of(twice, twice.valid_from)
    assert extract(text, catalogue).context.unit is None
    assert extract(text, catalogue, home=home).context.unit == twice


def test_the_unit_that_opens_a_sentence_is_that_of_all_its_numbers():
    body = "Xã Tú Lệ có 1.211 hộ, trong đó: số hộ nghèo: 96 hộ, tỷ lệ 7,9%."
    assert {q.unit.name for q in read(body) if q.unit} == {"Xã Tú Lệ"}


# Outside the catalogue


@pytest.mark.parametrize(
    ("body", "raw"),
    [
        ("Toàn huyện còn 402 hộ nghèo; tỷ lệ bao phủ bảo hiểm y tế đạt 94,8%.", "94,8%"),
        ("Hộ nghèo giảm mạnh, thu nhập bình quân đầu người đạt 58 triệu đồng/năm.", "58 triệu"),
        ("Thất nghiệp giảm; tỷ lệ lao động nông nghiệp trong tổng lao động xã hội là 39,2%.", "39,2%"),
        ("Tỷ lệ giải ngân vốn đầu tư công đạt 88%.", "88%"),
    ],
)
def test_what_is_not_collected_is_never_its_neighbour(body, raw):
    assert meaning(body, raw)[0] == ""


def test_what_is_collected_keeps_its_name_beside_it():
    assert meaning("Thu nhập bình quân đầu người của hộ nghèo đạt 14,2 triệu đồng/năm.", "14,2")[0] == "avg_poor_income"
