"""Checks the law in the catalogue, and the acts that forms print, by date.

What is wrong in itself is a problem; what is merely out of date is a warning: a rate that ended without another in its
place, a form that prints an act after its end. The register of acts is `acts.csv`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path

from ingest.core.catalogue import Catalogue
from ingest.forms.schema import FormHead
from ingest.forms.yaml_file import DefinitionError, Problem, read_yaml

# How well a rate is known: read in the act, in two sources or one, worked out, not read by anybody; of older rows
# whether it was looked up at all. Words may follow.
VERIFIED = ("act", "two_sources", "one_source", "derived", "not_known", "lookup", "from_memory")
# Rates read in a report that quotes them.
_QUOTED = re.compile(r"^[a-z_]+_\d{4} \(")
# 335/2026/NĐ-CP, 74/2025/QH15, 90/QĐ-TTg: a number, perhaps a year, and the symbol of kind and issuer.
_NUMBER = re.compile(r"\d+(?:/\d{4})?/[A-ZĐ]+\d*(?:-[A-ZĐa-z]+)*")

_Row = tuple[int, dict[str, str]]


def rate_problems(folder: Path) -> Iterator[Problem]:
    """What is wrong in itself in the lists of rates of a folder: values, dates, how well they are known."""
    for name, keys in (("rates", ("rate_code", "category_code")), ("province_rates", _PROVINCE_KEYS)):
        path = folder / f"{name}.csv"
        rows = _rows(path)
        for line, row in rows:
            yield from (Problem(path, line, text) for text in _row_problems(row))
        for (line, row), (_, following) in pairwise(sorted(rows, key=lambda one: _key(one, (*keys, "valid_from")))):
            is_same = all(row[key] == following[key] for key in keys)
            if is_same and (row["valid_to"] or "9999") > (following["valid_from"] or "0000"):
                yield Problem(path, line, f"{_name(row)}: overlaps with the row from {following['valid_from'] or '-'}")


_PROVINCE_KEYS = ("province_code", "rate_code", "category_code")


def rates_out_of_date(folder: Path, day: date) -> Iterator[Problem]:
    """Rates of the country that ended before a day while nothing says what followed."""
    path = folder / "rates.csv"
    rows = sorted(_rows(path), key=lambda one: _key(one, ("rate_code", "category_code")))
    for _, group in groupby(rows, key=lambda one: _key(one, ("rate_code", "category_code"))):
        line, last = max(group, key=lambda one: one[1]["valid_to"] or "9999")
        if last["valid_to"] and date.fromisoformat(last["valid_to"]) <= day and not last["ended_by"]:
            yield Problem(
                path,
                line,
                f"{_name(last)}: ended on {last['valid_to']} with nothing after it; add the rate, a row without a"
                " value (not_known), or the act that ended it (ended_by)",
            )


def acts_out_of_date(folder: Path, catalogue: Catalogue) -> Iterator[Problem]:
    """Acts that a form prints for periods in which they are no longer in force."""
    for path in sorted(folder.glob("*/form.yml")):
        try:
            file = read_yaml(path)
            head = file.parse(FormHead)
        except DefinitionError:
            continue  # said by the check of the form itself
        for index, basis in enumerate(head.legal_basis):
            for number in _NUMBER.findall(basis.act):
                act = catalogue.acts.get(number)
                if act is not None and act.valid_to < basis.valid_to:
                    after = f"; {act.replaced_by} replaced it" if act.replaced_by else ""
                    text = f"prints {number} also from {act.valid_to}, when it is no longer in force{after}"
                    yield file.problem(("legal_basis", index), text)


def _row_problems(row: dict[str, str]) -> Iterator[str]:
    name, verified = _name(row), row["verified_in"]
    if not verified.startswith(VERIFIED) and not _QUOTED.match(verified):
        yield f'{name}: verified_in "{verified}" is none of {", ".join(VERIFIED)}'
    if (row["value"] == "") != (verified == "not_known"):
        yield f"{name}: a rate has no value exactly where verified_in is not_known"
    if row["value"] and not re.fullmatch(r"\d+(\.\d+)?", row["value"]):
        yield f'{name}: "{row["value"]}" is no number'
    if "tolerance" in row and (row["tolerance"] != "") != (verified == "derived"):
        yield f"{name}: a tolerance is given exactly where verified_in is derived"
    if row["valid_to"] and row["valid_to"] <= row["valid_from"]:
        yield f"{name}: valid_to is not later than valid_from"
    if row.get("former_until") and row["former_until"] <= row["valid_from"]:
        yield f"{name}: former_until is not later than valid_from"


def _rows(path: Path) -> list[_Row]:
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        return [(reader.line_num, row) for row in reader]


def _key(row: _Row, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(row[1][name] for name in names)


def _name(row: dict[str, str]) -> str:
    return " ".join(filter(None, (row.get("province_code"), row["rate_code"], row["category_code"])))
