"""Nothing that a file holds becomes a formula or a link in what is written of it."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import openpyxl
import pytest
from typer.testing import CliRunner

from ingest.core.catalogue import load_catalogue
from ingest.core.model import Finding, Observation, ReadFile, ReadSubmission
from ingest.submitters.feedback import write_feedback
from jobs.cli.main import app

HOSTILE = ["=cmd|' /C calc'!A0", "+1+cmd", "-2+3+cmd|x", "@SUM(1+1)", "\t=1+1", '=HYPERLINK("http://x")', "http://x/y"]


def reading(text: str) -> ReadFile:
    """A file in which whatever can be quoted is hostile."""
    problem = Finding("WB-017", "error", text, text, text, refs=(text,), lhs=Decimal(1), rhs=Decimal(2))
    figure = Observation(text, text, Decimal(1), "person", "poor_persons", "663@base", "2023", issuer=text)
    submission = ReadSubmission("poverty_review", "v01", "form", "663@base", "2023", part=text)
    submission.findings, submission.observations = [problem], [figure]
    return ReadFile([submission], [problem])


@pytest.mark.parametrize("text", HOSTILE)
def test_an_answer_holds_no_formula_and_no_link(tmp_path, text):
    path = tmp_path / "answer.xlsx"
    write_feedback(reading(text), path, text, load_catalogue())
    cells = [cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row]
    assert any(text.strip() in str(cell.value) for cell in cells)
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]


@pytest.mark.parametrize("command", ["extract", "check"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_table_of_text_opens_without_a_formula(tmp_path, monkeypatch, command, text):
    monkeypatch.setattr("ingest.readers.dispatch.read_file", lambda *_: reading(text))
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"x")
    result = CliRunner().invoke(app, [command, str(path)])
    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert len(rows) > 1
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+@\t\r")]
    assert not [cell for row in rows for cell in row if cell.startswith("-") and not cell[1:].isdigit()]
