"""Which unit or category a row means: by its name in any spelling, and never by a guess between two."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.core.catalogue import Catalogue, Unit
from ingest.readers.form.match_rows import UnitNames, unit_names

DAY = date(2023, 12, 31)
BEFORE_AND_AFTER = (
    "{}", " {} ", "1. {}", "12) {}", "III. {}", "- {}", "+ {}", "* {}", "{}:", "{}.",
)  # fmt: skip


@pytest.fixture(scope="module")
def names(dak_mil: Unit, catalogue: Catalogue) -> UnitNames:
    """The names of the ten communes of Đắk Mil."""
    return unit_names(dak_mil, DAY, catalogue)


def without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "capitals": str.upper,
    "small": str.lower,
    "without marks": without_marks,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "without kind": lambda text: text.removeprefix("Xã ").removeprefix("Thị trấn "),
    "wide blanks": lambda text: text.replace(" ", "\u00a0 "),
}


@given(data=st.data())
def test_a_commune_is_known_in_every_spelling_of_its_name(names: UnitNames, data: st.DataObject) -> None:
    unit = data.draw(st.sampled_from(names.units))
    spelled = data.draw(st.sampled_from(sorted(SPELLINGS)))
    around = data.draw(st.sampled_from(BEFORE_AND_AFTER))
    label = around.format(SPELLINGS[spelled](unit.name))
    found = names.match(label)
    # A commune and a town may share a name; then the kind has to be there.
    if found.how != "ambiguous":
        assert found.unit == unit, label
    assert not names.is_total(label)


@given(data=st.data())
def test_a_wrong_letter_gives_the_commune_or_nothing(names: UnitNames, data: st.DataObject) -> None:
    unit = data.draw(st.sampled_from(names.units))
    at = data.draw(st.integers(3, len(unit.name) - 1))
    letter = data.draw(st.sampled_from("aeioubcdghklmnpqrstvxy"))
    found = names.match(unit.name[:at] + letter + unit.name[at + 1 :])
    assert found.unit in (unit, None)
    if found.unit is None:
        assert found.how in ("ambiguous", "unknown")


@pytest.mark.parametrize(
    "label",
    ["Xã Quảng Khê", "Xã Trường Xuân", "Huyện Cư Jút", "Xã Không Có Thật", "Thôn 3", "xyz", "", "Nguyễn Thị An"],
)
def test_a_name_of_elsewhere_is_none_of_the_communes(names: UnitNames, label: str) -> None:
    assert names.match(label).unit is None


@pytest.mark.parametrize(
    "label",
    ["Tổng cộng", "TỔNG SỐ", "Cộng", "Tổng cộng (10 xã)", "Toàn huyện", "Cộng toàn huyện Đắk Mil", "Huyện Đắk Mil"],
)
def test_a_row_that_sums_the_communes_is_known(names: UnitNames, label: str) -> None:
    assert names.is_total(label)
    assert names.is_expected(label)


@pytest.mark.parametrize("label", ["Tổng số hộ tái nghèo", "Tổng Cốt", "Xã Đắk Lao", "Huyện Cư Jút"])
def test_what_only_looks_like_a_sum_is_none(names: UnitNames, label: str) -> None:
    assert not names.is_total(label)


@pytest.mark.parametrize("label", ["Trong đó: hộ DTTS", "- Thôn 2", "Khu vực nông thôn", "Cộng khu vực thành thị"])
def test_a_row_that_details_or_sums_some_of_them_is_an_aside(names: UnitNames, label: str) -> None:
    assert names.is_aside(label)
    assert names.match(label).unit is None


def test_a_commune_that_reports_itself_is_its_own_only_row(catalogue: Catalogue) -> None:
    commune = catalogue.unit_by_code("24667", DAY)
    assert commune is not None
    names = unit_names(commune, DAY, catalogue)
    assert names.units == [commune]
    assert names.match("Đắk Lao").unit == commune
    assert not names.is_total("Xã Đắk Lao")


def test_after_the_reform_the_names_are_todays(catalogue: Catalogue) -> None:
    province = catalogue.unit_by_code("68", date(2025, 12, 31))
    assert province is not None
    names = unit_names(province, date(2025, 12, 31), catalogue)
    assert names.match("Xã Thuận An").unit is not None
    # A commune that was merged is none of them, and what is said of it names its heir.
    told = names.explain("Xã Long Sơn")
    assert told.unit is None
    assert told.how in ("former", "unknown")
