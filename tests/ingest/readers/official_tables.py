"""The tables of the poverty review as a province's system prints them: headings, rows in its order, made figures.

Headings are typed from the printed reports of annex VII, not copied from a file: a title, the headings of each
column from the top down, and which column of ours each of them is (None where no form of ours has it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from ingest.core.catalogue import Unit
from tests.ingest.readers.sheets import Book, Grid

Path = tuple[str, ...]
Heading = tuple[Path, str | None]

LINES = ("Hộ", "Nhân khẩu")


@dataclass(frozen=True)
class OfficialTable:
    """A printed table: `table` is the code of ours, `by_line` whether rows come as households and then persons."""

    name: str
    form: str
    table: str
    title: str
    headings: tuple[Heading, ...]
    by_line: bool = False


def _measures(class_vi: str, prefix: str) -> tuple[Heading, ...]:
    """Tables 12 and 13: by measure, then by ethnicity, with the residents before."""
    found: list[Heading] = []
    for group, meas in (("Tổng số hộ chung (Hộ dân cư trên địa bàn)", "households"), ("Tổng số khẩu chung", "persons")):
        first = 1 if meas == "households" else 5
        found += [
            ((group, f"Tổng số ({first}={first + 1}+{first + 2})"), None),
            ((group, "Kinh"), f"kinh_{meas}"),
            ((group, "DTTS chung"), f"minority_{meas}"),
            ((group, "Trong đó DT Tại chỗ"), f"local_minority_{meas}"),
        ]
    for group, meas in ((f"Tổng số hộ {class_vi}", "households"), (f"Tổng số khẩu hộ {class_vi}", "persons")):
        found += [
            ((group, "Tổng số"), None),
            ((group, "Kinh"), f"{prefix}_kinh_{meas}"),
            ((group, "DTTS chung"), f"{prefix}_minority_{meas}"),
            ((group, "DT Tại chỗ"), f"{prefix}_local_minority_{meas}"),
        ]
        if meas == "households":
            found += [
                (("Trong đó", "Hộ CSCC"), f"{prefix}_merit_households"),
                (("Trong đó", "Hộ KCKNLĐ"), f"{prefix}_no_labour_households"),
                (("Trong đó", "Chủ hộ là nữ"), f"{prefix}_female_head_households"),
            ]
    return tuple(found)


def _deprivations(prefix: str, class_vi: str, *, short: bool) -> tuple[Heading, ...]:
    long_labels = (
        "Việc làm", "Người phụ thuộc", "Dinh dưỡng", "Bảo hiểm y tế", "Trình độ giáo dục của người lớn",
        "Tình trạng đi học của trẻ em", "Chất lượng nhà ở", "Diện tích nhà ở", "Nguồn nước sinh hoạt",
        "Nhà tiêu hợp vệ sinh", "Dịch vụ viễn thông", "Phương tiện tiếp cận thông tin",
    )  # fmt: skip
    short_labels = (
        "Việc làm", "Người phụ thuộc", "Dinh dưỡng", "BHYT", "Giáo dục NL", "Giáo dục TE", "CL nhà ở", "DT nhà ở",
        "Nguồn nước", "Nhà tiêu", "Viễn thông", "PT thông tin",
    )  # fmt: skip
    group = "Các chỉ số thiếu hụt dịch vụ xã hội cơ bản"
    labels = short_labels if short else long_labels
    return (
        ((f"Tổng số hộ {class_vi}",), f"{prefix}_total"),
        (("Tổng số thiếu hụt",), f"{prefix}_deprivations"),
        *(((group, f"{n}. {label}"), f"{prefix}_d{n:02d}") for n, label in enumerate(labels, start=1)),
    )


_CLASSES = ("Hộ nghèo", "Hộ cận nghèo", "Hộ làm nông, lâm, ngư nghiệp có mức sống trung bình")
_CLASS_KEYS = ("poor", "near_poor", "avg_living_agri")


def _review(*, flat: bool) -> tuple[Heading, ...]:
    found: list[Heading] = [
        (("Tổng số hộ dân cư", "Số hộ"), "total_households"),
        (("Tổng số hộ dân cư", "Nhân khẩu"), "total_population"),
    ]
    short = ("nghèo", "cận nghèo", "nông, lâm, ngư nghiệp")
    for what, measure, leaf in (("hộ", "households", "Số hộ"), ("khẩu", "persons", "Số khẩu")):
        group = f"Kết quả rà soát về {what} (chính thức)"
        for label, key, words in zip(_CLASSES, _CLASS_KEYS, short, strict=True):
            if flat:
                found += [
                    ((group, f"Tổng số {what} {words}"), f"{key}_{measure}"),
                    ((group, f"Tỷ lệ {what} {words} (%)"), None),
                ]
            else:
                found += [((group, label, leaf), f"{key}_{measure}"), ((group, label, "Tỷ lệ"), None)]
    return tuple(found)


def _groups() -> tuple[Heading, ...]:
    labels = ("Tổng số", "Hộ DTTS", "Hộ không có khả năng lao động", "Hộ có người có công", "Khác")
    keys = ("total", "minority", "no_labour", "merit", "other")
    return tuple(
        ((group, label), f"{prefix}_{key}")
        for group, prefix in (("Hộ nghèo", "poor"), ("Hộ cận nghèo", "near_poor"))
        for label, key in zip(labels, keys, strict=True)
    )


_REVIEW_TITLE = (
    "TỔNG HỢP KẾT QUẢ CHÍNH THỨC RÀ SOÁT HỘ NGHÈO; HỘ CẬN NGHÈO; HỘ LÀM NÔNG, LÂM, NGƯ NGHIỆP CÓ MỨC SỐNG TRUNG BÌNH"
)

TABLES: tuple[OfficialTable, ...] = (
    OfficialTable(
        "1 flat", "poverty_review", "POV01",
        _REVIEW_TITLE,
        _review(flat=True),
    ),
    OfficialTable(
        "1 by class", "poverty_review", "POV01",
        _REVIEW_TITLE,
        _review(flat=False),
    ),
    OfficialTable(
        "2", "poverty_changes", "POV02", "TỔNG HỢP DIỄN BIẾN HỘ NGHÈO",
        (
            (("Tổng số hộ nghèo đầu kỳ",), "poor_opening"),
            (("Số hộ thoát nghèo", "Trở thành cận nghèo"), "poor_to_near_poor"),
            (("Số hộ thoát nghèo", "Vượt chuẩn cận nghèo"), "poor_above_near_poor"),
            (("Số hộ khác giảm",), "poor_other_decrease"),
            (("Số hộ cận nghèo trở thành",), "poor_from_near_poor"),
            (("Số hộ nghèo bổ sung", "Tái nghèo"), "poor_relapse"),
            (("Số hộ nghèo bổ sung", "Phát sinh mới"), "poor_new"),
            (("Số hộ khác tăng",), "poor_other_increase"),
            (("Tổng số hộ nghèo cuối kỳ",), "poor_closing"),
        ),
        by_line=True,
    ),
    OfficialTable(
        "3", "poverty_changes", "POV03", "TỔNG HỢP DIỄN BIẾN HỘ CẬN NGHÈO",
        (
            (("Tổng số hộ cận nghèo đầu kỳ",), "near_poor_opening"),
            (("Số hộ thoát cận nghèo", "Trở thành hộ nghèo"), "near_poor_to_poor"),
            (("Số hộ thoát cận nghèo", "Vượt chuẩn cận nghèo"), "near_poor_above_near_poor"),
            (("Số hộ khác giảm",), "near_poor_other_decrease"),
            (("Số hộ nghèo trở thành hộ cận nghèo",), "near_poor_from_poor"),
            (("Số hộ cận nghèo bổ sung", "Tái cận nghèo"), "near_poor_relapse"),
            (("Số hộ cận nghèo bổ sung", "Phát sinh mới"), "near_poor_new"),
            (("Số hộ khác tăng",), "near_poor_other_increase"),
            (("Tổng số hộ cận nghèo cuối kỳ",), "near_poor_closing"),
        ),
        by_line=True,
    ),
    *(
        OfficialTable(
            f"{number} {kind}", "poverty_deprivation", table,
            f"PHÂN TÍCH CÁC CHỈ SỐ THIẾU HỤT DỊCH VỤ XÃ HỘI CƠ BẢN CỦA HỘ {class_vi.upper()}",
            _deprivations(prefix, class_vi, short=kind == "short"),
        )
        for number, table, prefix, class_vi in ((4, "POV04", "poor", "nghèo"), (6, "POV06", "near_poor", "cận nghèo"))
        for kind in ("long", "short")
    ),
    OfficialTable(
        "8", "poverty_groups", "POV08", "PHÂN TÍCH HỘ NGHÈO, HỘ CẬN NGHÈO THEO CÁC NHÓM ĐỐI TƯỢNG", _groups(),
        by_line=True,
    ),
    OfficialTable(
        "12", "poverty_review", "POV12", "TỔNG HỢP KẾT QUẢ RÀ SOÁT HỘ NGHÈO THEO CHUẨN NGHÈO ĐA CHIỀU",
        _measures("nghèo", "poor"),
    ),
    OfficialTable(
        "13", "poverty_review", "POV13", "TỔNG HỢP KẾT QUẢ RÀ SOÁT HỘ CẬN NGHÈO THEO CHUẨN NGHÈO ĐA CHIỀU",
        _measures("cận nghèo", "near_poor"),
    ),
)  # fmt: skip

# Tables 5 and 7: rates of the counts of 4 and 6, under the same labels.
RATES = OfficialTable(
    "5", "poverty_deprivation", "POV05", "PHÂN TÍCH TỶ LỆ CÁC CHỈ SỐ THIẾU HỤT DỊCH VỤ XÃ HỘI CƠ BẢN CỦA HỘ NGHÈO",
    tuple(
        ((("Tỷ lệ các chỉ số thiếu hụt dịch vụ xã hội cơ bản (%)", path[-1]) if len(path) > 1 else path), None)
        for path, key in _deprivations("poor", "nghèo", short=False)
        if key != "poor_deprivations"
    ),
)  # fmt: skip


def official_book(table: OfficialTable, district: Unit, communes: Sequence[Unit], year: int, random: Random) -> Book:
    """A sheet as the system prints it: the district as the first row, its communes below, in blocks by line."""
    grid = Grid("Sheet1")
    cells = grid.cells
    cells[0, 0] = "ỦY BAN NHÂN DÂN"
    cells[1, 0] = f"{table.title} NĂM {year} - {district.name.upper()}"
    cells[2, 0] = "Kèm theo báo cáo kết quả rà soát định kỳ"
    first = 3 if table.by_line else 2
    depth = max(len(path) for path, _ in table.headings)
    top, bottom = 4, 3 + depth
    for column, label in enumerate(("STT", "Phường/Xã", "Phân tổ")[:first]):
        cells[top, column] = label
        if bottom > top:
            grid.merges.append((top, column, bottom, column))
    _write_headings(grid, table.headings, top, bottom, first)
    numbering = bottom + 1
    letters = ("A", "B", "C")[:first]
    cells.update({(numbering, column): letter for column, letter in enumerate(letters)})
    for number in range(1, len(table.headings) + 1):
        cells[numbering, first + number - 1] = f"{number}={number - 1}/1*100" if number == 4 else str(number)
    row = numbering + 1
    for line in LINES if table.by_line else ("",):
        values = [[random.randrange(1, 900) for _ in table.headings] for _ in communes]
        sums = [sum(column) for column in zip(*values, strict=True)]
        for at, (unit, figures) in enumerate(zip([district, *communes], [sums, *values], strict=True)):
            cells[row, 0] = "1" if at == 0 else f"1.{at}"
            cells[row, 1] = unit.name
            if table.by_line:
                cells[row, 2] = line
            cells.update({(row, first + n): value for n, value in enumerate(figures)})
            row += 1
    return Book([grid])


def _write_headings(grid: Grid, headings: Sequence[Heading], top: int, bottom: int, first: int) -> None:
    """Headings from the top down; neighbours under one group are merged, a short path reaches down to the bottom."""
    paths = [path for path, _ in headings]
    for level in range(bottom - top + 1):
        column = 0
        while column < len(paths):
            path, start = paths[column], column
            if level >= len(path):
                column += 1
                continue
            is_last = level == len(path) - 1
            column += 1
            while not is_last and column < len(paths) and paths[column][: level + 1] == path[: level + 1]:
                column += 1
            row, end = top + level, bottom if is_last else top + level
            grid.cells[row, first + start] = path[level]
            if end > row or column > start + 1:
                grid.merges.append((row, first + start, end, first + column - 1))
