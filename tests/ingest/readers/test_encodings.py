"""Text in the fonts of the nineties, and in the wrong code page."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ingest.core.catalogue import Catalogue, Unit
from ingest.forms.schema import Form
from ingest.readers.encodings import DECODERS, from_tcvn3, from_vni, legacy_encoding
from ingest.readers.form.read_form import read_workbook
from ingest.submitters.form_template import write_template
from tests.ingest.readers.cell_mutations import in_old_font
from tests.ingest.readers.sheets import read_book, write_book

WORDS = frozenset(
    ("tổng", "số", "hộ", "nghèo", "cận", "xã", "phường", "thị", "trấn", "huyện", "đơn", "vị", "báo", "cáo", "năm")
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Tæng sè hé nghÌo", "Tổng số hộ nghèo"),
        ("HuyÖn §¾k Mil", "Huyện Đắk Mil"),
        ("Tû lÖ ng\u00adêi lao ®éng", "Tỷ lệ người lao động"),
        ("470", "470"),
    ],
)
def test_tcvn3(typed: str, meant: str) -> None:
    assert from_tcvn3(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Toång soá hoä ngheøo", "Tổng số hộ nghèo"),
        ("Huyeän Ñaék Mil", "Huyện Đắk Mil"),
        ("Tyû leä ngöôøi lao ñoäng", "Tỷ lệ người lao động"),
        ("UÛY BAN NHAÂN DAÂN", "ỦY BAN NHÂN DÂN"),
    ],
)
def test_vni(typed: str, meant: str) -> None:
    assert from_vni(typed) == meant


def test_the_words_tell_the_encoding() -> None:
    assert legacy_encoding(["Tæng sè hé nghÌo", "X·, ph­êng, thÞ trÊn"], WORDS) == "TCVN3"
    assert legacy_encoding(["Toång soá hoä ngheøo", "Xaõ, phöôøng, thò traán"], WORDS) == "VNI"
    assert legacy_encoding(["Tổng số hộ nghèo".encode().decode("cp1252", "replace")] * 2, WORDS) in ("UTF-8", None)


def test_unicode_is_left_alone() -> None:
    assert legacy_encoding(["Tổng số hộ nghèo", "Xã", "Huyện Đắk Mil", "Crème brûlée à la façon"], WORDS) is None


@pytest.mark.parametrize("name", ["TCVN3", "VNI"])
def test_a_workbook_in_an_old_font_is_read(
    name: str, forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("old") / "old.xlsx"
    form = forms["poverty_reasons"]
    write_template(
        form, dak_mil, "2023", path, catalogue, {("24667", "reason_1"): 12, ("24667", "poor_households"): 30}
    )
    book = read_book(path.read_bytes())
    book.drop_hidden()
    for grid in book.grids:
        grid.map_text(lambda text: in_old_font(text, name))
    assert DECODERS[name](in_old_font("Thị trấn Đắk Mil", name)) == "Thị trấn Đắk Mil"
    read = read_workbook(write_book(book), "old.xlsx", catalogue, forms)
    assert [finding.rule_id for finding in read.findings] == ["WB-029"]
    (submission,) = read.submissions
    assert (submission.reporting_unit_id, submission.period) == (dak_mil.unit_id, "2023")
    assert {int(observation.value) for observation in submission.observations if "24667" in observation.unit_id} == {
        12,
        30,
    }
