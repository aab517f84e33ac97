"""Who owes a report still, and the reminder that says so: a workbook per unit, in Vietnamese with English beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, LiteralString

import xlsxwriter
from psycopg import Connection

from ingest.catalogue import Catalogue
from ingest.forms.periods_vi import period_label
from ingest.forms.schema import Form
from ingest.periods import parse_period
from ingest.row_height import LINE_POINTS, row_height
from ingest.whole_file import replacing

# What is due within these days is named before it is late; what is later than a year is a matter of `ansinh status`.
DAYS_AHEAD = 7
DAYS_BACK = 366
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

# Of several submissions of one scope the accepted one counts, else the newest.
_MISSING: LiteralString = """
select calendar.reporting_unit_id, calendar.form_code, calendar.period, calendar.due_on, latest.state
from registry.calendar
left join lateral (
    select submission.state
    from registry.submission
    where (submission.form_code, submission.reporting_unit_id, submission.period)
        = (calendar.form_code, calendar.reporting_unit_id, calendar.period)
    order by (submission.state = 'accepted') desc, submission.submission_id desc
    limit 1
) as latest on true
where calendar.due_on between %(first)s and %(last)s
    and coalesce(latest.state, 'missing') in ('missing', 'quarantined', 'withdrawn')
order by calendar.reporting_unit_id, calendar.due_on, calendar.form_code, calendar.period
"""


@dataclass(frozen=True, slots=True)
class Missing:
    """A report that is due and not accepted; `state` is that of what came last, None where nothing came."""

    unit_id: str
    form_code: str
    period: str
    due_on: date
    state: str | None


def missing_submissions(connection: Connection, day: date) -> list[Missing]:
    """What is owed on a day: late by up to a year, or due within a week; by unit and due date.

    Args:
        connection: acts as a role that reads the registry.
        day: in the calendar of Viet Nam.
    """
    within = {"first": day - timedelta(days=DAYS_BACK), "last": day + timedelta(days=DAYS_AHEAD)}
    return [Missing(*row) for row in connection.execute(_MISSING, within).fetchall()]


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
