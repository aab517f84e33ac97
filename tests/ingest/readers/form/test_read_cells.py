"""The figures where rows and columns meet: scales of money, percentages, and numbers that are not what is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from random import Random

import pytest

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.model import ReadFile
from ingest.forms.schema import Form
from ingest.readers.form.read_cells import money_factor
from ingest.readers.form.read_form import read_workbook
from tests.made_lines import book_of

COMMUNES = ("Thị trấn Đắk Mil", "Xã Đắk Lao", "Xã Đắk R'La")
HEADING = ("TT", "Xã, phường", "Tổng số hộ", "Tổng số nhân khẩu", "Hộ nghèo", "Hộ cận nghèo")


@pytest.mark.parametrize(
    ("heading", "factor"),
    [
        ("Kinh phí (triệu đồng)", 10**6),
        ("Kinh phí (Tr.đ)", 10**6),
        ("Số tiền, ĐVT: nghìn đồng", 10**3),
        ("Kinh phí thực hiện (tỷ đồng)", 10**9),
        ("Số tiền (đồng)", 1),
        ("Tổng kinh phí triệu đồng", 10**6),
        ("Hội đồng nhân dân", None),
        ("Cộng đồng dân cư", None),
        ("Số tiền", None),
        ("Số người", None),
    ],
)
def test_a_heading_names_the_scale_of_its_money(heading: str, factor: int | None) -> None:
    assert money_factor(heading) == factor


def read(
    rows: Sequence[Sequence[object]], catalogue: Catalogue, forms: Mapping[str, Form], heading: Sequence[str] = HEADING
) -> ReadFile:
    """A typed review of Đắk Mil for 2023 with a few of its columns."""
    above: list[Sequence[object]] = [
        ["UBND HUYỆN ĐẮK MIL"], ["KẾT QUẢ RÀ SOÁT HỘ NGHÈO, HỘ CẬN NGHÈO NĂM 2023"], [], heading,
    ]  # fmt: skip
    return read_workbook(book_of({"Biểu 1": [*above, *rows]}), "a.xlsx", catalogue, forms)


def figures(read: ReadFile, indicator: str) -> list[Decimal]:
    (submission,) = read.submissions
    return [o.value for o in submission.observations if o.indicator_code == indicator and o.unit_id != "663@base"]


def rules(read: ReadFile) -> set[str]:
    return {finding.rule_id for finding in read.all_findings}


@pytest.mark.parametrize(
    "written",
    [int, str, "{:,}".format, lambda n: f"{n:,}".replace(",", "."), lambda n: f" {n} ", float],
    ids=["number", "text", "commas", "points", "blanks", "float"],
)
def test_a_count_is_read_however_it_is_written(
    written: Callable[[int], object], catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    drawn = Random(16)
    for _ in range(20):
        counts = [drawn.choice((0, 7, 999, 1_000, 1_234, 9_999, drawn.randrange(10_000))) for _ in COMMUNES]
        rows = [
            [number, name, 10_000, 40_000, written(count), 0]
            for number, (name, count) in enumerate(zip(COMMUNES, counts, strict=True), start=1)
        ]
        assert figures(read(rows, catalogue, forms), "poor_households") == counts, rows


@pytest.mark.parametrize("text", ["nhiều", "12a", "?", "12/13", "=1+1", "mười hai"])
def test_what_is_no_number_is_a_finding_and_no_figure(
    text: str, catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    result = read([[1, COMMUNES[0], 900, 3600, 12, 7], [2, COMMUNES[1], 900, 3600, text, 7]], catalogue, forms)
    assert figures(result, "poor_households") == [12]
    (found,) = [f for f in result.all_findings if f.ref == "Biểu 1!E6"]
    assert found.severity == "error"


@pytest.mark.parametrize("text", ["", "-", "–", "0", 0])
def test_a_blank_or_a_dash_says_nothing_and_a_zero_is_a_figure(
    text: object, catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    result = read([[1, COMMUNES[0], 900, 3600, 12, 7], [2, COMMUNES[1], 900, 3600, text, 7]], catalogue, forms)
    assert figures(result, "poor_households") == ([12, 0] if str(text) == "0" else [12])
    assert not [f for f in result.all_findings if f.ref == "Biểu 1!E6" and f.severity == "error"]


@pytest.mark.parametrize(("word", "rule"), [("12 hộ", None), ("12 người", "CELL-006"), ("12 cái gì", "CELL-001")])
def test_a_word_behind_a_number_has_to_be_what_is_counted(
    word: str, rule: str | None, catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    result = read([[1, COMMUNES[0], 900, 3600, word, 7]], catalogue, forms)
    assert figures(result, "poor_households") == ([] if rule else [12])
    assert (rules(result) & {"CELL-001", "CELL-006"}) == ({rule} if rule else set())


def test_a_figure_says_where_it_stands(catalogue: Catalogue, forms: Mapping[str, Form], dak_mil: Unit) -> None:
    (submission,) = read([[1, COMMUNES[0], 900, 3600, "1.200", 7]], catalogue, forms).submissions
    (poor,) = [o for o in submission.observations if o.indicator_code == "poor_households"]
    assert (poor.ref, poor.raw, poor.value) == ("Biểu 1!E5", "1.200", Decimal(1200))
    assert submission.reporting_unit_id == dak_mil.unit_id
