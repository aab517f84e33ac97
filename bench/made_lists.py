"""Payment lists made up for measurements and tests: names, numbers and accounts belong to nobody."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import xlsxwriter

from ingest.core.catalogue import Catalogue, load_catalogue

HEADINGS = (
    "STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Xã, phường, thị trấn", "Đối tượng", "Hưởng từ tháng",
    "Hệ số", "Mức trợ cấp", "Số tháng", "Truy lĩnh", "Tổng số tiền", "Phương thức chi trả", "Số tài khoản",
)  # fmt: skip

# What districts add for themselves, and nobody needs.
MORE_HEADINGS = (
    "Dân tộc", "Thôn", "Số sổ", "Số quyết định", "Ngày quyết định", "Người nhận thay", "Quan hệ", "Nơi chi trả",
    "Người lập", "Ghi chú",
)  # fmt: skip

_SURNAMES = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương",
    "Lý", "Đinh", "Trịnh", "Đoàn", "Lâm", "Mai", "Cao", "Tạ", "Châu", "Hà", "Tống",
)  # fmt: skip
_MIDDLE_NAMES = (
    "Văn", "Thị", "Hữu", "Đức", "Ngọc", "Thanh", "Minh", "Xuân", "Quang", "Thu", "Kim", "Bá", "Công", "Đình", "Mạnh",
)  # fmt: skip
_GIVEN_NAMES = (
    "An", "Anh", "Bình", "Chi", "Cường", "Dung", "Dũng", "Đào", "Giang", "Hà", "Hạnh", "Hiền", "Hoa", "Hùng", "Hương",
    "Khánh", "Lan", "Liên", "Long", "Mai", "Minh", "Nam", "Nga", "Oanh", "Phúc", "Phương", "Quý", "Sơn", "Tâm", "Thảo",
    "Thắng", "Thủy", "Trang", "Tuấn", "Uyên", "Vân", "Vinh", "Xuân", "Yến",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """A category, its legal coefficient, and the years in which its members were born."""

    label: str
    coefficient: float
    first_year: int
    last_year: int


_GROUPS = (
    _Group("Người từ đủ 80 tuổi trở lên không có lương hưu", 1.0, 1920, 1942),
    _Group("Người khuyết tật nặng", 1.5, 1965, 2006),
    _Group("Người khuyết tật đặc biệt nặng", 2.0, 1965, 2006),
    _Group("Trẻ em khuyết tật nặng", 2.0, 2009, 2020),
    _Group("Người đơn thân nghèo đang nuôi con", 1.0, 1970, 2000),
)
_STANDARD_VND = 360_000  # Decree 20/2021/NĐ-CP, 1 July 2021 to 30 June 2024


@dataclass(frozen=True, slots=True)
class MadeList:
    """A list of social assistance of a unit for September 2023, all of whose lines are in order.

    `is_wide` puts ten columns beside the fifteen that a list has.
    """

    unit_code: str = "67"
    lines: int = 60_000
    seed: int = 1
    is_wide: bool = False

    @property
    def headings(self) -> Sequence[str]:
        """The columns' headings."""
        return (*HEADINGS, *MORE_HEADINGS) if self.is_wide else HEADINGS

    def title(self, catalogue: Catalogue) -> Sequence[str]:
        """The lines above the table."""
        unit = catalogue.unit_by_code(self.unit_code, date(2023, 9, 30))
        assert unit is not None
        return (
            f"Đơn vị báo cáo: {unit.name}",
            "DANH SÁCH ĐỐI TƯỢNG NHẬN TRỢ CẤP XÃ HỘI HẰNG THÁNG",
            "Kỳ báo cáo: Tháng 9 năm 2023",
        )

    def rows(self, catalogue: Catalogue) -> Iterator[tuple[object, ...]]:
        """The lines below the headings."""
        day = date(2023, 9, 30)
        unit = catalogue.unit_by_code(self.unit_code, day)
        assert unit is not None
        below = catalogue.children_of(unit, day)
        communes = [c for child in below for c in (catalogue.children_of(child, day) or [child])]
        # A name that two communes of a province bear would need its district.
        names = [c.name for c in communes if sum(other.name == c.name for other in communes) == 1]
        chance = random.Random(self.seed)  # noqa: S311 - made up, and the same every time
        for number in range(1, self.lines + 1):
            group = chance.choice(_GROUPS)
            year = chance.randint(group.first_year, group.last_year)
            sex = chance.randrange(2)
            months = chance.choice((1, 1, 1, 2))
            monthly = round(group.coefficient * _STANDARD_VND)
            has_account = chance.random() < 0.7
            line = (
                number,
                f"{chance.choice(_SURNAMES)} {chance.choice(_MIDDLE_NAMES)} {chance.choice(_GIVEN_NAMES)}",
                f"{chance.randint(1, 28):02d}/{chance.randint(1, 12):02d}/{year}",
                ("Nam", "Nữ")[sex],
                f"067{2 * (year >= 2000) + sex}{year % 100:02d}{number:06d}",
                chance.choice(names),
                group.label,
                f"{chance.randint(1, 12):02d}/{max(year, 2021)}",
                group.coefficient,
                monthly,
                months,
                0,
                monthly * months,
                "Tài khoản ngân hàng" if has_account else "Bưu điện",
                f"6310{chance.randrange(10**9):09d}" if has_account else "",
            )
            yield (*line, *self._more(number)) if self.is_wide else line

    @staticmethod
    def _more(number: int) -> tuple[object, ...]:
        return (
            "Kinh", f"Thôn {number % 40}", f"S{number:07d}", f"{number % 9_000}/QĐ-UBND",
            f"{number % 28 + 1:02d}/02/2022", "", "con", "Bưu điện", "Phòng", f"đã rà soát lần {number}",
        )  # fmt: skip


def write_made_list(made: MadeList, path: Path) -> None:
    """Writes a list as a workbook."""
    catalogue = load_catalogue()
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Danh sách")
        for number, text in enumerate(made.title(catalogue)):
            sheet.write_string(number, 0, text)
        for column, heading in enumerate(made.headings):
            sheet.write_string(4, column, heading)
        total, last = 0, 4
        for last, row in enumerate(made.rows(catalogue), start=5):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    if value:
                        sheet.write_string(last, column, value)
                else:
                    sheet.write_number(last, column, value)
            total += row[12]  # type: ignore[operator]
        sheet.write_string(last + 1, 1, "Tổng cộng")
        sheet.write_number(last + 1, 12, total)


def write_made_text(made: MadeList, path: Path) -> None:
    """Writes a list as delimited text."""
    catalogue = load_catalogue()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerows([text] for text in made.title(catalogue))
        writer.writerow([])
        writer.writerow(made.headings)
        writer.writerows(made.rows(catalogue))
