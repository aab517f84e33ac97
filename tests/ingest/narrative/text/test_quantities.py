"""The grammar of numbers: every form offices write, what only looks like a quantity, numbers made at random."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.narrative.text.lexicon import load_lexicon
from ingest.narrative.text.phrases import tokenise
from ingest.narrative.text.quantities import not_quantities, parse_number, quantities, zeros


def read(text: str) -> list[tuple[Decimal, str]]:
    return [(q.value, q.unit) for q in quantities(text, load_lexicon())]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("huyện có 2.439 khẩu", 2439, "person"),
        ("chiếm tỷ lệ 1,68%", "1.68", "percent"),
        ("tổng số tiền 7,6 tỷ đồng", 7_600_000_000, "vnd"),
        ("được giao 16.726 triệu đồng", 16_726_000_000, "vnd"),
        ("đã xảy ra 05 vụ", 5, "case"),
        ("cấp phát 115.380kg gạo", 115_380, "kg"),
        ("cấp 45,9 tấn gạo", 45_900, "kg"),
        ("giảm từ 0,3% trở lên", "0.3", "percent"),
        ("kinh phí 1 tỷ 678 triệu đồng", 1_678_000_000, "vnd"),
        ("số tiền 7.244.309.123 đồng", 7_244_309_123, "vnd"),
        ("chuyển sang 3.219,80 triệu đồng", 3_219_800_000, "vnd"),
        ("chi 84.216 trđ cho vay", 84_216_000_000, "vnd"),
        ("vận động 812.400.000đ", 812_400_000, "vnd"),
        ("tập huấn cho 1200 người", 1200, "person"),
        ("tổng số 7,244,309 người", 7_244_309, "person"),
        ("toàn tỉnh có 12 345 hộ", 12_345, "household"),
        ("đạt 8.49% kế hoạch", "8.49", "percent"),
        ("giảm 0,13 điểm %", "0.13", "percentage_point"),
        ("kinh phí 13. 482. 650. 000 đồng", 13_482_650_000, "vnd"),
        ("có 412 lượt DN tham gia", 412, "organisation"),
        ("giải quyết cho 214 LĐ", 214, "person"),
        ("tổ chức 03 ngày hội việc làm", 3, "session"),
        ("cấp 46 giấy xác nhận", 46, "document"),
        ("hoàn thành 24/24 nhà", 24, "house"),
    ],
)
def test_a_written_form_gives_its_value_and_unit(text, value, unit):
    assert (Decimal(value), unit) in read(text)


@pytest.mark.parametrize(
    ("text", "values", "link"),
    [
        ("hộ nghèo: 470 hộ/2.439 khẩu", [470, 2439], "pair"),
        ("giám sát tại 09/09 xã", [9, 9], "ratio"),
        ("hỗ trợ 45/60 đối tượng", [45, 60], "ratio"),
        ("giảm 1,5 - 2%", [Decimal("1.5"), 2], "range"),
        ("giao 436 người/400 KH", [436, 400], "pair"),
    ],
)
def test_two_numbers_that_belong_together_know_how(text, values, link):
    found = quantities(text, load_lexicon())
    assert [q.value for q in found] == values
    assert found[1].link == link


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("gần 1,9 tỷ đồng", "almost"), ("hơn 5.000 người", "over"), ("trên 65.000 liệt sĩ", "over"),
        ("dưới 2,1%", "under"), ("khoảng 600 triệu đồng", "about"), ("từ 0,3% trở lên", "over"),
        ("đúng 12 người", "exact"),
    ],
)  # fmt: skip
def test_an_approximation_keeps_its_sign(text, qualifier):
    assert quantities(text, load_lexicon())[0].qualifier == qualifier


@pytest.mark.parametrize(
    "text",
    [
        "Quyết định số 1493/QĐ-UBND ngày 21/12/2022", "Nghị định 20/2021/NĐ-CP", "theo Nghị định 20, 76)",
        "dịp 27/7 và ngày 1/6", "khai trương tối 26/7", "Đề án 06 của Chính phủ", "giai đoạn 2021 - 2025",
        "điện thoại (028) 3726.1145", "tổng đài 111", "trẻ em dưới 16 tuổi", "dịch COVID-19", "cấp độ 2",
        "chính quyền địa phương 2 cấp", "Điều 12 Luật Trẻ em", "Đội 178 tỉnh", "lúc 07 giờ 30", "trực 24/24",
        "khoảng 2/3 là lao động nữ", "kỷ niệm 77 năm Ngày Thương binh", "So với quý II/2023 tỷ lệ thất nghiệp",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_quantity_is_none(text):
    assert read(text) == []


def test_why_a_stretch_is_no_quantity_can_be_told():
    stretches = not_quantities("Nghị quyết số 24/2021/QH15 ngày 28/7/2021", load_lexicon())
    assert [s.why for s in stretches] == ["document", "date"]


@pytest.mark.parametrize(
    ("text", "implied"),
    [
        ("Học viên là người Khmer 274", "person"), ("tại 17 khu công nghiệp mới", "?"),
        ("karaoke 254, massage 30", "establishment"),
        ("tăng 12 so với năm trước", ""),
    ],
)  # fmt: skip
def test_a_number_without_a_unit_counts_what_stands_before_it(text, implied):
    assert quantities(text, load_lexicon())[0].implied == implied


@pytest.mark.parametrize(
    ("text", "count"),
    [("Không có hộ thiếu đói", 1), ("không có lao động 367 hộ", 0), ("chưa phát hiện trường hợp mua bán người", 1)],
)
def test_zeros_in_words(text, count):
    assert len(zeros(text, load_lexicon(), tokenise(text))) == count


def dotted(number: int) -> str:
    return f"{number:,}".replace(",", ".")


@given(
    st.integers(min_value=0, max_value=10**13),
    st.sampled_from([("người", "person"), ("hộ", "household"), ("đồng", "vnd")]),
)
def test_any_grouped_number_is_read_back(number, unit):
    word, code = unit
    assert read(f"tổng cộng {dotted(number)} {word}, còn lại") == [(Decimal(number), code)]


@given(
    st.integers(min_value=0, max_value=99_999),
    st.integers(min_value=0, max_value=99),
    st.sampled_from([("tỷ đồng", 10**9), ("triệu đồng", 10**6), ("nghìn đồng", 10**3), ("đồng", 1)]),
)
def test_any_amount_with_decimals_and_a_scale_is_read_back(whole, cents, scale):
    word, factor = scale
    written = f"{dotted(whole)},{cents:02d}"
    assert read(f"kinh phí {written} {word}.") == [(Decimal(f"{whole}.{cents:02d}") * factor, "vnd")]


@given(st.decimals(min_value=0, max_value=999, places=2))
def test_any_rate_is_read_back(rate):
    assert read(f"đạt {str(rate).replace('.', ',')}% kế hoạch") == [(rate, "percent")]


@given(st.integers(min_value=1, max_value=999_999), st.integers(min_value=1, max_value=999_999))
def test_any_pair_of_households_and_members_is_read_back(households, members):
    assert read(f"còn {dotted(households)} hộ/{dotted(members)} khẩu") == [
        (Decimal(households), "household"),
        (Decimal(members), "person"),
    ]


@given(
    st.integers(min_value=1, max_value=31),
    st.integers(min_value=1, max_value=12),
    st.integers(min_value=1990, max_value=2030),
)
def test_no_date_is_a_quantity(day, month, year):
    assert read(f"ngày {day}/{month}/{year} và ngày {day:02d} tháng {month:02d} năm {year}") == []


@given(
    st.integers(min_value=1, max_value=9999), st.sampled_from(["QĐ-UBND", "NQ-HĐND", "KH-UBND", "TT-BLĐTBXH", "CV-SNV"])
)
def test_no_number_of_a_document_is_a_quantity(number, code):
    assert read(f"Thực hiện văn bản số {number}/{code} của tỉnh") == []


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error_and_in_its_bounds(text):
    for q in quantities(text, load_lexicon()):
        assert 0 <= q.start < q.number_end <= q.end <= len(text)
        assert text[q.start : q.end] == q.raw


@given(st.text(alphabet="0123456789.,", min_size=1, max_size=20))
def test_a_run_of_digits_and_signs_is_a_number_or_none(written):
    parsed = parse_number(written)
    assert parsed is None or parsed[0] >= 0
