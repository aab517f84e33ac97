"""How answers are printed: as CSV, JSON or a table for a person."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import typer

from ingest.core.model import Finding

FINDING_COLUMNS = ("rule_id", "severity", "ref", "refs", "lhs", "rhs", "difference", "message_vi", "message_en")


class OutputFormat(StrEnum):
    """How rows are printed."""

    csv = "csv"
    json = "json"
    table = "table"


def print_findings(findings: Iterable[Finding], output_format: OutputFormat) -> None:
    """Prints findings, a row each."""
    rows = [
        {
            "rule_id": f.rule_id,
            "severity": f.severity,
            "ref": f.ref,
            "refs": "; ".join(f.refs),
            "lhs": f.lhs,
            "rhs": f.rhs,
            "difference": f.difference,
            "message_vi": f.message_vi,
            "message_en": f.message_en,
        }
        for f in findings
    ]
    print_rows(FINDING_COLUMNS, rows, output_format)


def print_rows(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], output_format: OutputFormat) -> None:
    """Prints the columns of rows; numbers without an exponent or zeros at their end."""
    if output_format is OutputFormat.json:
        typer.echo(json.dumps([{c: _plain(row[c]) for c in columns} for row in rows], ensure_ascii=False, indent=2))
    elif output_format is OutputFormat.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_csv_text(row[c]) for c in columns] for row in rows)
    else:
        _print_table(columns, rows)


def _print_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """A table for a person: a column that says the same in every row is said once, above."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    said_once = {column: _text(rows[0][column]) for column in columns if len({row[column] for row in rows}) == 1}
    if len(rows) < 2 or len(said_once) == len(columns):
        said_once = {}
    shown = [column for column in columns if column not in said_once]
    # Nothing is folded to the width of a terminal that is not there.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 240)
    above = ", ".join(f"{column} {value}" for column, value in said_once.items() if value)
    if above:
        console.print(above, markup=False)
    table = Table(*shown, box=box.SIMPLE, pad_edge=False)
    for row in rows:
        table.add_row(*(escape(_text(row[column])) for column in shown))
    console.print(table)


def _text(value: Any) -> str:
    """Numbers without an exponent or trailing zeros, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def _csv_text(value: Any) -> str:
    """As `_text`, but a text from a file never opens as a formula in an office program."""
    text = _text(value)
    is_risky = isinstance(value, str) and len(text) > 1 and text[0] in "=+-@\t\r"
    return f"'{text}" if is_risky and not text[1:].replace(".", "").replace(",", "").isdigit() else text


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
