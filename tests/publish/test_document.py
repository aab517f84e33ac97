"""The document: its text against a golden file, and the layout that Decree 30/2020/NĐ-CP asks for."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm
from docx.table import Table

from publish.definition import ReportDefinition
from publish.document import quality_sentences, write_document
from publish.model import ReportData
from publish.prose import Speaker
from publish.revisions import changed_figures

Golden = Callable[[str, str], None]


@pytest.fixture
def speaker(data: ReportData, definition: ReportDefinition) -> Speaker:
    return Speaker(data, definition)


def written(path: Path, data: ReportData, definition: ReportDefinition) -> Document:
    write_document(path / "report.docx", data, definition, 1)
    return docx.Document(str(path / "report.docx"))


def lines_of(document: Document) -> Iterator[str]:
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from (" | ".join(cell.text.replace("\n", " / ") for cell in row.cells) for row in block.rows)
        elif block.text.strip():
            yield block.text.replace("\u00a0", " ")
        elif block._p.xpath(".//pic:pic"):
            yield "[chart]"


def test_text_is_as_agreed(tmp_path: Path, data: ReportData, definition: ReportDefinition, golden: Golden) -> None:
    golden("provincial_year.docx.txt", "\n".join(lines_of(written(tmp_path, data, definition))) + "\n")


def test_page_is_as_the_decree_asks(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    document = written(tmp_path, data, definition)
    section = document.sections[0]
    # Word keeps lengths in twentieths of a point.
    twip = 635
    assert (section.page_width, section.page_height) == pytest.approx((Mm(210), Mm(297)), abs=twip)
    assert section.left_margin == pytest.approx(Mm(30), abs=twip)
    for margin in (section.right_margin, section.top_margin, section.bottom_margin):
        assert margin == pytest.approx(Mm(20), abs=twip)
    # The number stands at the top centre of every page but the first.
    assert section.different_first_page_header_footer
    (page,) = section.header.paragraphs
    assert page.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert 'w:instr="PAGE"' in page._p.xml
    assert section.first_page_header.paragraphs[0].text == ""
    for footer in (section.footer, section.first_page_footer):
        assert footer.paragraphs[0].text == "Lần phát hành số 1; số liệu tính đến ngày 15/01/2024"
    assert document.styles["Normal"].font.name == "Times New Roman"
    assert document.styles["Normal"].font.size.pt == 14
    assert document.styles.element.xpath("./w:docDefaults//w:lang/@w:val") == ["vi-VN"]


def test_number_day_and_signature_are_left_to_the_signatory(
    tmp_path: Path, data: ReportData, definition: ReportDefinition
) -> None:
    head = [cell.text for row in written(tmp_path, data, definition).tables[0].rows for cell in row.cells]
    assert head[0].split("\n")[:3] == ["UBND TỈNH ĐẮK NÔNG", "SỞ LAO ĐỘNG -", "THƯƠNG BINH VÀ XÃ HỘI"]
    assert head[1].split("\n")[:2] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    assert head[2].split() == ["Số:", "/BC-SLĐTBXH"]
    assert head[3].split() == ["Đắk", "Nông,", "ngày", "tháng", "năm"]


@pytest.mark.parametrize(
    ("period", "agency"),
    [("2024", "SỞ LAO ĐỘNG -\nTHƯƠNG BINH VÀ XÃ HỘI"), ("2025", "SỞ NỘI VỤ")],
)
def test_responsible_department_is_by_date(
    tmp_path: Path, data: ReportData, definition: ReportDefinition, period: str, agency: str
) -> None:
    document = written(tmp_path, replace(data, period_code=period), definition)
    assert agency in document.tables[0].cell(0, 0).text


def test_after_the_split_each_field_names_its_department(
    tmp_path: Path, data: ReportData, definition: ReportDefinition
) -> None:
    text = list(lines_of(written(tmp_path, replace(data, period_code="2025"), definition)))
    assert "Cơ quan theo dõi: Sở Nông nghiệp và Môi trường." in text
    assert "Cơ quan theo dõi: Sở Y tế." in text
    assert not any("Cơ quan theo dõi: Sở Nội vụ" in line for line in text)
    assert not any("Cơ quan theo dõi" in line for line in lines_of(written(tmp_path, data, definition)))


def test_incomplete_sum_is_never_a_total(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    lines = list(lines_of(written(tmp_path, data, definition)))
    told = [line for line in lines if "4.321" in line]
    assert len(told) == 1
    assert told[0].endswith("Cộng riêng các đơn vị đã báo cáo được 4.321 người.")
    assert any(line.startswith(" | Toàn tỉnh | Chưa đủ (2/3)") for line in lines)


def test_forms_that_lack_the_same_units_share_a_sentence(speaker: Speaker) -> None:
    first, second, third = speaker.data.dues
    other = tuple(replace(due, form_name_vi="Trợ giúp xã hội") for due in speaker.data.dues)
    nobody = tuple(replace(due, form_name_vi="Công tác trẻ em", period="2023-Q4", state="") for due in other)
    dues = (first, second, third, *other, *nobody)
    total, missing, nobody_sent = quality_sentences(replace(speaker, data=replace(speaker.data, dues=dues)))
    assert total == "Các đơn vị phải gửi 9 lượt báo cáo số liệu năm 2023; đã chấp nhận 4 lượt."
    assert missing.startswith("Chưa có số liệu được chấp nhận của huyện Tuy Đức về: ")
    assert missing.endswith(": Lao động và giải quyết việc làm; Trợ giúp xã hội.")
    assert nobody_sent == "Chưa có đơn vị nào có số liệu được chấp nhận về: Công tác trẻ em (quý IV năm 2023)."
    whole = replace(speaker, data=replace(speaker.data, dues=(first, second)))
    assert list(quality_sentences(whole))[1:] == ["Các đơn vị đã gửi đủ báo cáo."]
    assert list(quality_sentences(replace(speaker, data=replace(speaker.data, dues=())))) == []


def test_contradictions_beyond_the_annex_are_counted(
    tmp_path: Path, data: ReportData, definition: ReportDefinition
) -> None:
    many = replace(data, findings=data.findings * 5)
    lines = list(lines_of(written(tmp_path, many, definition.model_copy(update={"annex_max_rows": 2}))))
    assert "Ngoài ra còn 3 điểm khác, xem trang “Đối chiếu” của sổ số liệu kèm theo." in lines
    assert any("có 5 điểm số liệu" in line for line in lines)


def test_remarks_on_forms_are_counted_and_stand_in_the_workbook(
    tmp_path: Path, data: ReportData, definition: ReportDefinition
) -> None:
    remark = replace(data.findings[0], lhs=None, rhs=None, difference=None)
    lines = list(lines_of(written(tmp_path, replace(data, findings=(remark,)), definition)))
    assert "Không phát hiện số liệu mâu thuẫn trong các báo cáo đã được chấp nhận." in lines
    assert "Có 1 lưu ý khác về biểu mẫu và báo cáo, xem trang “Đối chiếu” của sổ số liệu kèm theo." in lines
    assert not any("Phụ lục" in line for line in lines)


def test_without_contradictions_there_is_no_annex(
    tmp_path: Path, data: ReportData, definition: ReportDefinition
) -> None:
    lines = list(lines_of(written(tmp_path, replace(data, findings=()), definition)))
    assert not any("Phụ lục" in line for line in lines)
    assert "Không phát hiện số liệu mâu thuẫn trong các báo cáo đã được chấp nhận." in lines


def test_changed_figures_have_an_annex(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    first = data.figures[0]
    new = replace(data, figures=(replace(first, value=first.value_prior), *data.figures[1:]))
    write_document(tmp_path / "report.docx", new, definition, 2, changed_figures(data, new))
    lines = list(lines_of(docx.Document(str(tmp_path / "report.docx"))))
    assert "So với lần phát hành số 1, có 1 số liệu được điều chỉnh, nêu tại Phụ lục II." in lines
    assert "1 | Tỉnh Đắk Nông | Số hộ nghèo | Hộ | Thực hiện kỳ này | 2.170 | 2.800" in lines
    few = definition.model_copy(update={"annex_max_rows": 1})
    write_document(tmp_path / "report.docx", new, few, 2, changed_figures(data, new) * 3)
    lines = list(lines_of(docx.Document(str(tmp_path / "report.docx"))))
    assert "Ngoài ra còn 2 số liệu khác, xem trang “Điều chỉnh” của sổ số liệu kèm theo." in lines


def test_text_that_xml_cannot_hold_is_left_out(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    odd = replace(data.findings[0], message_vi="a\x00b\x0bc\ufffe")
    lines = list(lines_of(written(tmp_path, replace(data, findings=(odd,)), definition)))
    assert any("| abc |" in line for line in lines)


def test_table_heads_repeat_and_rows_stay_whole(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    for table in written(tmp_path, data, definition).tables[1:-2]:
        assert "w:tblHeader" in table.rows[0]._tr.xml
        assert all("w:cantSplit" in row._tr.xml for row in table.rows)


def test_column_without_any_number_is_left_out(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    no_prior = tuple(replace(f, value_prior=None, change=None, change_pct=None) for f in data.figures)
    no_prior_units = tuple(replace(f, value_prior=None, change=None) for f in data.unit_figures)
    first_year = replace(data, figures=no_prior, unit_figures=no_prior_units)
    heads = [line for line in lines_of(written(tmp_path, first_year, definition)) if line.startswith("STT | Đơn vị |")]
    assert heads[0] == "STT | Đơn vị | Hộ nghèo (hộ) | Tỷ lệ hộ nghèo (%)"
    assert not any("Cùng kỳ" in head or "Tăng" in head for head in heads)


def test_signature_is_never_alone_on_a_page(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    blocks = list(written(tmp_path, data, definition).iter_inner_content())
    (place,) = (i for i, block in enumerate(blocks) if isinstance(block, Table) and "GIÁM ĐỐC" in block.cell(0, 1).text)
    before = blocks[place - 1]
    assert not isinstance(before, Table)
    assert before.paragraph_format.keep_with_next
    assert "w:cantSplit" in blocks[place].rows[0]._tr.xml  # type: ignore[union-attr]


def test_charts_have_a_text_for_those_who_cannot_see_them(
    tmp_path: Path, data: ReportData, definition: ReportDefinition
) -> None:
    pictures = written(tmp_path, data, definition).inline_shapes
    assert [p._inline.docPr.get("descr") for p in pictures] == ["Biểu đồ 1. Tỷ lệ hộ nghèo theo huyện, thành phố"]


def test_same_edition_gives_the_same_bytes(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    files = [tmp_path / "a.docx", tmp_path / "b.docx"]
    for path in files:
        write_document(path, data, definition, 1)
    assert files[0].read_bytes() == files[1].read_bytes()
    with zipfile.ZipFile(files[0]) as package:
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = package.read("docProps/core.xml").decode()
    assert core.count("2024-01-14T20:30:00Z") == 2
    assert "python-docx" not in core
