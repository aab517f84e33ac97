"""What a page shows of cells: sections of number formats, looks in .ods files."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.spreadsheet.cells import read_text
from ingest.readers.spreadsheet.sheet_details import ods_details
from ingest.readers.spreadsheet.shown import format_sections, shown_format


@pytest.mark.parametrize(
    ("code", "is_odd"),
    [
        ("General", False), ("0", False), ("#,##0", False), ("#,##0.00", False), ("0.00%", False),
        ("dd/mm/yyyy", False), ("#,##0.###", False),
        ('_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-', False), ('#,##0 "₫"', False),
        ("#,##0,", True), ("#,##0.0,,", True), ('0.00"%"', True), ("0.00\\%", True), (";;;", True), ("0.000", True),
        ('0"000"', True), ("[White]0", True), ('0 "triệu"', True),
    ],
)  # fmt: skip
def test_formats_that_show_something_else(code: str, is_odd: bool) -> None:
    assert any(section.is_odd for section in format_sections(code)) is is_odd


@given(commas=st.integers(0, 3), decimals=st.integers(0, 6), sign=st.sampled_from(["", "%", '"%"', "\\%"]))
def test_a_format_says_what_it_does(commas: int, decimals: int, sign: str) -> None:
    code = "#,##0" + ("." + "0" * decimals if decimals else "") + "," * commas + sign
    shown = shown_format(code, 5)
    assert (shown.divides, shown.decimals) == (commas, decimals)
    assert shown.is_percent == (sign == "%")
    assert shown.has_literal_percent == (sign not in ("", "%"))


@given(code=st.text(alphabet='0#?.,;%"\\[]_*@ dE+Generalx-', max_size=30), value=st.integers(-5, 5))
def test_no_format_breaks_anything(code: str, value: int) -> None:
    shown_format(code, value)


@given(st.integers(1, 999), st.integers(100, 999), st.sampled_from(["\n", "\r\n", "  ", "\t", " \n", "\u2028"]))
def test_two_numbers_in_a_cell_are_no_number(one: int, other: int, between: str) -> None:
    assert read_text(f"{one}{between}{other}").kind == "text"


@given(st.integers(1, 999), st.integers(100, 999), st.sampled_from([" ", "\u00a0", "\u202f"]))
def test_a_blank_between_groups_is_a_number(one: int, other: int, between: str) -> None:
    assert read_text(f"{one}{between}{other:03d}").value == Decimal(one * 1000 + other)


_ODS = """<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0">
<office:automatic-styles>
<number:number-style
 style:name="N1"><number:number number:decimal-places="0" number:display-factor="1000"/>
</number:number-style>
<style:style style:name="thousands" style:family="table-cell" style:data-style-name="N1"/>
<style:style style:name="gone" style:family="table-cell"><style:text-properties
 style:text-line-through-style="solid"/></style:style>
<style:style style:name="white" style:family="table-cell"><style:text-properties fo:color="#ffffff"/></style:style>
<style:style style:name="old" style:family="text"><style:text-properties
 style:text-line-through-style="solid"/></style:style>
<style:style style:name="mark" style:family="text">
<style:text-properties style:text-position="super 58%"/></style:style>
</office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="A"><table:table-row>
<table:table-cell
 table:style-name="thousands" office:value-type="float" office:value="5000">
<text:p>5</text:p></table:table-cell>
<table:table-cell
 table:style-name="gone" office:value-type="float" office:value="7">
<text:p>7</text:p></table:table-cell>
<table:table-cell
 table:style-name="white" office:value-type="float" office:value="8">
<text:p>8</text:p></table:table-cell>
<table:table-cell
 office:value-type="string">
<text:p><text:span text:style-name="old">45</text:span> 312</text:p></table:table-cell>
<table:table-cell
 office:value-type="string">
<text:p>15<text:span text:style-name="mark">1</text:span></text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


def test_an_ods_tells_how_its_cells_look() -> None:
    details = ods_details(io.BytesIO(_ODS.encode()), 100)["A"]
    assert details.number_format(0, 0) == "0,"
    assert details.has_odd_formats
    assert (details.struck, details.unseen) == ({(0, 1)}, {(0, 2)})
    assert {place: tuple(shown) for place, shown in details.left_out.items()} == {
        (0, 3): ("312", "struck"),
        (0, 4): ("15", "raised"),
    }
