"""Binary workbooks (.xlsb) go the same way as all others."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from bench.made_forms import consistent_values
from ingest.core.catalogue import Catalogue, Unit
from ingest.core.model import ReadFile
from ingest.forms.schema import Form
from ingest.readers.dispatch import read_file
from ingest.readers.payment_list.pseudonyms import load_pseudonyms
from ingest.readers.spreadsheet.open_book import open_book
from ingest.submitters.form_template import write_template
from tests.ingest.readers.sheets import Book, Grid, read_book
from tests.ingest.readers.xlsb import write_xlsb
from tests.made_lines import list_book, people


def _figures(read: ReadFile) -> dict[tuple[str, ...], Decimal]:
    return {
        (o.ref, o.unit_id, o.indicator_code, o.breakdown, o.measure): o.value
        for submission in read.submissions
        for o in submission.observations
    }


@pytest.mark.parametrize("code", ["poverty_review", "social_protection", "merit_subsidy", "employment"])
def test_a_filled_form_says_the_same(
    code: str, forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path: Path
) -> None:
    form, path, binary = forms[code], tmp_path / "form.xlsx", tmp_path / "form.xlsb"
    period = "2023" if "year" in form.head.frequency else "2023-Q3"
    values = consistent_values(form, dak_mil, period, catalogue, Random(2))
    write_template(form, dak_mil, period, path, catalogue, values)
    binary.write_bytes(write_xlsb(read_book(path.read_bytes())))
    expected, read = read_file(path, path.name, catalogue), read_file(binary, binary.name, catalogue)
    assert _figures(expected)
    assert _figures(read) == _figures(expected)
    # What the format does not tell is said, and nothing else.
    assert [finding.rule_id for finding in read.all_findings] == ["WB-030"]
    assert ".xlsb" in read.findings[0].message_vi


def test_hidden_sheets_texts_and_truth_values_arrive() -> None:
    cells = {(0, 0): "Xã Đắk R'La", (2, 1): 1234.5, (2, 3): True, (3, 0): "x" * 300}
    book = Book([Grid("Biểu 1", dict(cells), merges=[(0, 0, 0, 2)]), Grid("_ansinh", {(0, 0): "a"}, is_hidden=True)])
    opened = open_book(write_xlsb(book), "x.xlsb")
    assert opened.kind == "xlsb"
    assert [(sheet.name, sheet.is_hidden) for sheet in opened.sheets] == [("Biểu 1", False), ("_ansinh", True)]
    assert {place: opened.sheets[0].value(*place) for place in cells} == cells


def test_a_payment_list_is_recognised_and_read(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSINH_PSEUDONYM_KEY", "a key for tests, which is long enough for HMAC")
    load_pseudonyms.cache_clear()
    path, binary = tmp_path / "list.xlsx", tmp_path / "list.xlsb"
    path.write_bytes(list_book(people(5)))
    binary.write_bytes(write_xlsb(_values_of(path)))
    expected, read = read_file(path, path.name, catalogue), read_file(binary, binary.name, catalogue)
    load_pseudonyms.cache_clear()
    lines = [b"".join(one.submissions[0].payment_lines.blocks(1)) for one in (expected, read)]  # type: ignore[union-attr]
    assert lines[0] and lines[0] == lines[1]


def _values_of(path: Path) -> Book:
    (sheet,) = open_book(path.read_bytes(), path.name).sheets
    cells = {
        (row, column): value
        for row, values in enumerate(sheet.rows)
        for column, value in enumerate(values)
        if value != ""
    }
    return Book([Grid(sheet.name, cells)])
