"""Reads one workbook with calamine in a process of its own, with bounded memory and time.

Not imported: `book.py` runs this file with the workbook's path as its argument. It prints one JSON
object. Formats that keep sheets as a rectangle or repeat cells by a number can ask for any amount of
memory with a few bytes; here that ends this process and nothing else.
"""

from __future__ import annotations

import datetime
import json
import sys

import python_calamine


def main(path: str, memory_bytes: int, cpu_seconds: int, row_limit: int) -> None:
    """Prints the sheets of a workbook as JSON, dates and times as `{"d": …}`."""
    limit_resources(memory_bytes, cpu_seconds)
    sheets = []
    with python_calamine.CalamineWorkbook.from_path(path) as workbook:
        for meta in workbook.sheets_metadata:
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            sheets.append(
                {
                    "name": meta.name,
                    "is_hidden": meta.visible != python_calamine.SheetVisibleEnum.Visible,
                    "height": sheet.total_height + (sheet.start[0] if sheet.start else 0),
                    "merged": sheet.merged_cell_ranges or [],
                    "rows": sheet.to_python(skip_empty_area=False, nrows=row_limit),
                }
            )
    json.dump(sheets, sys.stdout, default=plain)


def limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    """Bounds this process, where the system can."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))


def plain(value: object) -> object:
    """What JSON has no type for."""
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return {"d": str(value)}
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    except python_calamine.PasswordError:
        sys.exit(3)
    except MemoryError:
        sys.exit(4)
    except (python_calamine.CalamineError, OSError, ValueError):
        sys.exit(5)
