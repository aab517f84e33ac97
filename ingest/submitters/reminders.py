"""Who owes a report still, and the reminder that says so: a workbook per unit, in Vietnamese with English beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter

from ingest.core.atomic_file import replacing
from ingest.core.catalogue import Catalogue
from ingest.core.period_labels import period_label
from ingest.core.periods import parse_period
from ingest.core.row_heights import LINE_POINTS, row_height
from ingest.forms.schema import Form
from ingest.store.due_reports import Missing

FILE_PREFIX = "nhac-nop-"
SUMMARY = "tong-hop.xlsx"

_COLUMNS = (
    ("Đơn vị", "Unit", 30),
    ("Biểu", "Form", 24),
    ("Tên biểu", "Name of the form", 56),
    ("Kỳ", "Period", 20),
    ("Hạn nộp", "Due on", 13),
    ("Quá hạn (ngày)", "Days late", 10),
    ("Tình trạng và việc cần làm", "State and what to do", 60),
    ("Cơ quan nhận", "Received by", 30),
)
_LATE = 5  # The column "Days late".
# A submission that is read and waits for its load is nobody's debt.
_STATES = {
    None: ("Chưa nhận được: hãy nộp báo cáo", "Not received: please hand it in"),
    "quarantined": (
        "Đã nhận nhưng chưa được tiếp nhận: hãy sửa các lỗi nêu trong phản hồi và gửi lại",
        "Received but not accepted: please mend what the feedback names and send it again",
    ),
    "withdrawn": ("Đã rút lại: hãy nộp bản thay thế", "Withdrawn: please hand in its replacement"),
}


def write_reminders(
    folder: Path, missing: Sequence[Missing], catalogue: Catalogue, forms: Mapping[str, Form], day: date
) -> list[Path]:
    """Writes a workbook for each unit that owes something and one of all of them; returns their paths.

    The reminder of a unit that owes nothing any more goes. The same debts on the same day give the same bytes.

    Args:
        folder: holds reminders only (`<outbox>/reminders`).
        missing: by unit, as `missing_submissions` gives them.
        catalogue: gives the units' names.
        forms: give the forms' names.
        day: as of which days late are counted.

    Raises:
        OSError: a file cannot be written; those before it are there.
    """
    wanted = {
        folder / f"{FILE_PREFIX}{unit_id}.xlsx": list(owed) for unit_id, owed in groupby(missing, lambda m: m.unit_id)
    }
    for path, owed in wanted.items():
        _write(path, _rows(owed, catalogue, forms, day), day)
    _write(folder / SUMMARY, _rows(missing, catalogue, forms, day), day)
    for path in folder.glob(f"{FILE_PREFIX}*.xlsx"):
        if path not in wanted:
            path.unlink()
    return [*wanted, folder / SUMMARY]


def _rows(
    missing: Iterable[Missing], catalogue: Catalogue, forms: Mapping[str, Form], day: date
) -> list[tuple[Any, ...]]:
    rows = []
    for owed in missing:
        unit, form = catalogue.units.get(owed.unit_id), forms.get(owed.form_code)
        period = parse_period(owed.period)
        agency = catalogue.agency_of(form.head.domain, period.last_day) if form else None
        rows.append(
            (
                unit.name if unit else owed.unit_id,
                owed.form_code,
                form.head.name_vi if form else owed.form_code,
                period_label(period),
                owed.due_on,
                max((day - owed.due_on).days, 0),
                "\n".join(_STATES[owed.state]),
                f"{agency.name_vi}\n{agency.name_en}" if agency else "",
            )
        )
    return rows


def _write(path: Path, rows: Sequence[tuple[Any, ...]], day: date) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with replacing(path) as temporary, xlsxwriter.Workbook(temporary, options) as book:
        # The file says the day that it speaks of, not the clock's.
        book.set_properties({"title": "Nhắc nộp báo cáo", "created": datetime.combine(day, time())})
        sheet = book.add_worksheet("Nhắc nộp báo cáo")
        heading = book.add_format(
            {
                "bold": True,
                "text_wrap": True,
                "align": "center",
                "valign": "vcenter",
                "border": 1,
                "bg_color": "#D9E2EC",
            }
        )
        kinds: dict[bool, dict[type, Any]] = {}
        for is_late, colour in ((True, "#FBE3E1"), (False, "#FFF6DA")):
            looks = {"text_wrap": True, "valign": "top", "border": 1, "bg_color": colour}
            kinds[is_late] = {
                str: book.add_format(looks),
                int: book.add_format({**looks, "num_format": "#,##0"}),
                date: book.add_format({**looks, "num_format": "dd/mm/yyyy"}),
            }
        sheet.write_string(0, 0, "NHẮC NỘP BÁO CÁO", book.add_format({"bold": True, "font_size": 14}))
        sheet.write_string(1, 0, f"Tính đến ngày {day:%d/%m/%Y} | As of {day:%Y-%m-%d}")
        if not rows:
            sheet.write_string(3, 0, "Không còn báo cáo nào phải nộp. | Nothing is owed.")
        else:
            for column, (name_vi, name_en, width) in enumerate(_COLUMNS):
                sheet.set_column(column, column, width)
                sheet.write_string(3, column, f"{name_vi}\n{name_en}", heading)
            sheet.set_row(3, 3 * LINE_POINTS)
            sheet.freeze_panes(4, 0)
            sheet.repeat_rows(3)
        widths = [width for _, _, width in _COLUMNS]
        for number, row in enumerate(rows, 4):
            sheet.set_row(number, row_height([str(value) for value in row], widths))
            for column, value in enumerate(row):
                sheet.write(number, column, value, kinds[row[_LATE] > 0][type(value)])
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
