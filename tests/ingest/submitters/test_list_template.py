"""The template of a payment list: filled in like any workbook, it reads back line by line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from ingest.core.catalogue import Catalogue, Unit
from ingest.forms.schema import Form
from ingest.readers.dispatch import read_file
from ingest.readers.payment_list.pseudonyms import load_pseudonyms
from ingest.submitters.form_template import write_templates_all
from ingest.submitters.template_parts import HIDDEN_SHEET

LISTS = ("list_merit_subsidy", "list_social_assistance")
HEADINGS, FIRST_LINE = 8, 11
AMOUNT = 4_000_000


@pytest.fixture
def known_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key for pseudonyms, forgotten afterwards."""
    monkeypatch.setenv("ANSINH_PSEUDONYM_KEY", "a key for tests, which is long enough for HMAC")
    load_pseudonyms.cache_clear()


@pytest.fixture
def templates(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path: Path) -> Mapping[str, Path]:
    """What a district is asked for by month: the lists."""
    written = write_templates_all(forms, dak_mil, "2023-09", tmp_path, catalogue)
    return {path.name.split("_663_")[0]: path for path in written}


def test_the_lists_of_a_month_are_written(templates: Mapping[str, Path]) -> None:
    assert sorted(templates) == sorted(LISTS)


@pytest.mark.parametrize("code", LISTS)
def test_a_list_is_ready_to_be_filled(code: str, templates: Mapping[str, Path]) -> None:
    book = openpyxl.load_workbook(templates[code])
    sheet, hidden = book["Danh sách"], book[HIDDEN_SHEET]
    assert hidden.sheet_state == "hidden"
    assert [cell.value for cell in hidden[2]][:4] == [code, "v01", "663", "2023-09"]
    choices = [v.formula1 for v in sheet.data_validations.dataValidation if v.type == "list"]
    named = [[cell[0].value for cell in hidden[choice.split("!")[1].replace("$", "")]] for choice in choices]
    assert ["Nam", "Nữ"] in named
    assert any("Xã Đắk Lao" in names and len(names) == 10 for names in named)
    assert sheet.freeze_panes == "C10"
    assert sheet.page_setup.orientation == "landscape"


@pytest.mark.parametrize("code", LISTS)
def test_a_filled_list_is_read_back(
    code: str, templates: Mapping[str, Path], catalogue: Catalogue, known_key: None
) -> None:
    path = templates[code]
    book = openpyxl.load_workbook(path)
    sheet, hidden = book["Danh sách"], book[HIDDEN_SHEET]
    column = {str(cell.value).split(" (")[0]: cell.column for cell in sheet[HEADINGS] if cell.value}
    for line in range(3):
        values: dict[str, str | int] = {
            "STT": line + 1,
            "Họ và tên": f"Trần Thử {['Một', 'Hai', 'Ba'][line]}",
            "Ngày, tháng, năm sinh": "12/03/1935",
            "Giới tính": "Nam",
            "Số định danh cá nhân": f"06703500012{line}",
            "Xã, phường, thị trấn": "Xã Đắk Lao",
            "Mức trợ cấp một tháng": AMOUNT,
            "Số tháng hưởng": 1,
            "Tổng số tiền": AMOUNT,
            "Phương thức chi trả": "Tài khoản ngân hàng",
            "Số tài khoản": f"63102050{line}",
        }
        for heading, value in values.items():
            sheet.cell(FIRST_LINE + line, column[heading], value)
        group = "Nhóm đối tượng" if "Nhóm đối tượng" in column else "Đối tượng"
        sheet.cell(FIRST_LINE + line, column[group], hidden.cell(2, 11).value)
    book.save(path)
    read = read_file(path, path.name, catalogue)
    (submission,) = read.submissions
    assert (submission.form_code, submission.period, submission.reporting_unit_id) == (code, "2023-09", "663@base")
    assert submission.payment_lines is not None
    assert submission.payment_lines.count == 3
    assert any(o.unit_of_measure == "vnd" and o.value == 3 * AMOUNT for o in submission.observations)
    # Whatever is noticed is about made-up persons, not about the template.
    assert not [f for f in read.all_findings if f.rule_id.startswith(("WB", "FORM", "LST-00", "LST-01"))]
