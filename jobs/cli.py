"""`ansinh` on the command line: the same code as the DAGs, for one person at a terminal.

Exit status: 0 done (for `check`: acceptable), 1 the answer is no (rejected, failed), 2 unusable call.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from ingest.core.model import Finding
from ingest.core.periods import InvalidPeriodError, Period, parse_period
from runtime.errors import SetupError

app = typer.Typer(
    help="An Sinh: from what districts and communes submit to the provincial report.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

edition_app = typer.Typer(help="Frozen publications: what was published when, and what changed.", no_args_is_help=True)
app.add_typer(edition_app, name="edition")

EDITION_COLUMNS = (
    "edition_id",
    "report_code",
    "unit_id",
    "period",
    "edition_number",
    "published_at",
    "approved_by",
    "reason",
    "content_sha256",
)
FINDING_COLUMNS = ("rule_id", "severity", "ref", "refs", "lhs", "rhs", "difference", "message_vi", "message_en")


class OutputFormat(StrEnum):
    """How rows are printed."""

    csv = "csv"
    json = "json"
    table = "table"


ExistingFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, show_default=False)]
FormatOption = Annotated[OutputFormat, typer.Option("--format", help="How to print the rows")]


@app.command()
def extract(
    file: ExistingFile,
    output_format: FormatOption = OutputFormat.csv,
    explain: Annotated[
        int | None, typer.Option(help="Print why each number on this line of a written report got its meaning")
    ] = None,
) -> None:
    """Every value found in a file, with its place and its meaning. Needs no database."""
    from ingest.core.catalogue import load_catalogue
    from ingest.narrative.learned import load_phrasings
    from ingest.readers.dispatch import read_file
    from ingest.readers.payment_list.pseudonyms import use_passing_key
    from jobs.extraction import EXTRACT_COLUMNS, extraction_rows
    from runtime.settings import load_settings

    catalogue, phrasings = load_catalogue(), load_phrasings(load_settings().phrasings)
    if explain is not None:
        from ingest.review.explain import explain_line

        typer.echo(explain_line(file.read_bytes(), file.name, explain, catalogue, phrasings))
        return
    use_passing_key()
    result = read_file(file, file.name, catalogue, phrasings)
    _print_rows(EXTRACT_COLUMNS, extraction_rows(result, catalogue), output_format)
    for problem in result.findings:
        typer.echo(f"{problem.rule_id}: {problem.message_vi} | {problem.message_en}", err=True)


@app.command()
def check(
    file: ExistingFile,
    feedback: Annotated[Path | None, typer.Option(help="Also write the answer to the submitter here (.xlsx)")] = None,
    output_format: FormatOption = OutputFormat.csv,
) -> None:
    """The findings about a file, a row each; exit status 1 where it would be rejected. Needs no database."""
    from ingest.core.catalogue import load_catalogue
    from ingest.narrative.learned import load_phrasings
    from ingest.readers.dispatch import read_file
    from ingest.readers.payment_list.pseudonyms import use_passing_key
    from ingest.submitters.feedback import write_feedback
    from jobs.pipeline import check_batch
    from runtime.settings import load_settings

    catalogue = load_catalogue()
    use_passing_key()
    result = read_file(file, file.name, catalogue, load_phrasings(load_settings().phrasings))
    check_batch([result], catalogue, with_great_expectations=False)
    if feedback is not None:
        write_feedback(result, feedback, file.name, catalogue, file)
    _print_findings(result.all_findings, output_format)
    if any(f.severity == "error" for f in result.all_findings) or not result.submissions:
        raise typer.Exit(1)


@app.command()
def review(
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="A written report", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The workbook to write (.xlsx)", show_default=False)] = None,
    apply: Annotated[
        Path | None,
        typer.Option(
            "--apply", exists=True, dir_okay=False, readable=True, help="A filled workbook to take the answers of"
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Who answers (with --apply); kept for ever", show_default=False)
    ] = None,
    output_format: FormatOption = OutputFormat.csv,
) -> None:
    """A person confirms or corrects what was read out of a written report.

    `ansinh review FILE --out BOOK.xlsx` writes the workbook (needs no database); `ansinh review --apply BOOK.xlsx
    --by NAME` takes its answers, has the report read again with them, and remembers the confirmed wordings.
    """
    if apply is None:
        if file is None or out is None:
            _refuse("Name a report and --out BOOK.xlsx, or --apply BOOK.xlsx and --by NAME")
        _write_review(file, out, output_format)
    else:
        if out is not None or not (by or "").strip():
            _refuse("With --apply say who answers: --by NAME")
        _apply_review(apply, (by or "").strip(), file, output_format)


def _write_review(file: Path, out: Path, output_format: OutputFormat) -> None:
    from ingest.core.catalogue import load_catalogue
    from ingest.narrative.learned import load_phrasings
    from ingest.review.proposals import read_review
    from ingest.review.workbook import write_review
    from runtime.settings import load_settings

    catalogue, phrasings = load_catalogue(), load_phrasings(load_settings().phrasings)
    made, findings = read_review(file, file.name, catalogue, str(file), phrasings)
    if findings:
        _print_findings(findings, output_format)
    if made is None:
        raise typer.Exit(1)
    write_review(made, out, catalogue)
    typer.echo(out, err=bool(findings))


def _apply_review(book_path: Path, by: str, file: Path | None, output_format: OutputFormat) -> None:
    from ingest.core.catalogue import load_catalogue
    from ingest.core.findings import finding
    from ingest.review.answers import read_answers
    from ingest.review.apply import Applied, apply_answers
    from ingest.review.proposals import file_sha256
    from jobs import pipeline
    from jobs.connection import connected
    from runtime.settings import load_settings
    from runtime.warehouse.connect import prepare

    book = read_answers(book_path, load_catalogue())
    if file is not None and book.sha256 and file_sha256(file) != book.sha256:
        book.findings.append(finding("REV-005", "", name=book.name, sha256=book.sha256[:12]))
    if any(f.severity == "error" for f in book.findings):
        _print_findings(book.findings, output_format)
        raise typer.Exit(1)
    settings = load_settings()
    _set_up(prepare)
    with connected("ingest") as connection:
        applied: Applied = apply_answers(
            connection, book, by, book_path.name, file_sha256(book_path), settings.phrasings
        )
        if applied.answers:
            pipeline.process_batch(connection, settings, [book.sha256], batch_name="review")
    if applied.findings:
        _print_findings(applied.findings, output_format)
    verdicts = Counter(answer.verdict for answer in applied.answers)
    counts = [(f"answers: {verdict}", count) for verdict, count in sorted(verdicts.items())]
    counts.append(("wordings remembered", len(applied.remembered)))
    typer.echo("\n".join(f"{what}: {count}" for what, count in counts), err=True)
    if any(f.severity == "error" for f in applied.findings):
        raise typer.Exit(1)


@app.command()
def forms(output_format: FormatOption = OutputFormat.table) -> None:
    """The forms that are asked for: code, name, how often, by whom, on what legal basis."""
    from ingest.forms import load_forms

    rows = [
        {
            "form": form.code,
            "name_vi": form.head.name_vi,
            "name_en": form.head.name_en,
            "frequency": ", ".join(form.head.frequency),
            "reporters": ", ".join(dict.fromkeys(reporter.level for reporter in form.head.reporters)),
            "versions": ", ".join(version.version for version in form.versions),
            "layout": form.head.layout,
            "legal_basis": "; ".join(form.head.legal_basis),
        }
        for form in load_forms().values()
    ]
    _print_rows(tuple(rows[0]), rows, output_format)


@app.command()
def template(
    unit: Annotated[str, typer.Option(help="Official code of the reporting unit, such as 663")],
    period: Annotated[str, typer.Option(help="2023, 2023-Q3, 2023-09")],
    form: Annotated[str | None, typer.Argument(help="A form's code (see `ansinh forms`)", show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="Every form that the unit owes for the period")] = False,
    out: Annotated[Path | None, typer.Option(help="File to write (with --all: folder)")] = None,
) -> None:
    """Write the workbook that a unit fills in."""
    from ingest.core.catalogue import load_catalogue
    from ingest.forms import load_forms
    from ingest.submitters.form_template import write_template, write_templates_all

    catalogue, known = load_catalogue(), load_forms()
    asked = _period(period)
    reporting_unit = catalogue.unit_by_code(unit, asked.last_day)
    if reporting_unit is None:
        _refuse(f"There is no unit with code {unit} on {asked.last_day}")
    if every == (form is not None):
        _refuse("Name one form, or give --all")
    if form is None:
        folder = out or Path.cwd()
        folder.mkdir(parents=True, exist_ok=True)
        for path in write_templates_all(known, reporting_unit, asked.code, folder, catalogue):
            typer.echo(path)
        return
    if form not in known:
        _refuse(f"There is no form {form}; `ansinh forms` lists them")
    path = out or Path(f"{form}_{unit}_{asked.code}.xlsx")
    try:
        write_template(known[form], reporting_unit, asked.code, path, catalogue)
    except ValueError as problem:
        _refuse(str(problem))
    typer.echo(path)


@app.command()
def submit(
    paths: Annotated[list[Path], typer.Argument(exists=True, readable=True, show_default=False)],
) -> None:
    """Register and load files or folders, as the DAG does. Handing in the same again changes nothing."""
    from upath import UPath

    from ingest.store.inbox import InboxFile, list_files
    from jobs import pipeline
    from jobs.connection import connected
    from runtime.settings import load_settings
    from runtime.warehouse.connect import prepare

    settings = load_settings()
    _set_up(prepare)
    with connected("ingest") as connection:
        for path in paths:
            if path.is_dir():
                files: Iterable[InboxFile] = list_files(path)
                inbox: str | None = str(path)
            else:
                files, inbox = [InboxFile(UPath(path), path.name)], None
            pipeline.register_files(connection, settings, files, channel="command_line", inbox=inbox)
        planned = pipeline.plan_batches(connection)
        batches = {f"command_line_{number}": batch for number, batch in enumerate(planned)}
        totals = pipeline.process_batches(connection, settings, batches)
    rows = [{"what": key, "count": value} for key, value in _outcome_counts(totals)]
    _print_rows(("what", "count"), rows, OutputFormat.table)
    typer.echo(f"Feedback: {settings.outbox / 'feedback'}")


@app.command()
def build() -> None:
    """Build the warehouse's models from what was submitted (dbt), as the DAG does."""
    from jobs import build
    from runtime.warehouse.connect import prepare

    _set_up(prepare)
    for outcome, count in build.build_models().items():
        typer.echo(f"{outcome}: {count}")


@app.command()
def status(
    period: Annotated[str | None, typer.Option(help="Only this period")] = None,
    output_format: FormatOption = OutputFormat.table,
) -> None:
    """Who has submitted what, and what became of it."""
    from ingest.core.catalogue import load_catalogue
    from ingest.store.status import STATUS_COLUMNS, status_rows
    from jobs.connection import connected
    from runtime.warehouse.connect import prepare

    code = _period(period).code if period else None
    _set_up(prepare)
    with connected("ingest") as connection:
        rows = status_rows(connection, load_catalogue(), code)
    _print_rows(STATUS_COLUMNS, rows, output_format)


@app.command()
def remind(
    day: Annotated[str | None, typer.Option("--on", help="As of this day (YYYY-MM-DD); empty is today")] = None,
) -> None:
    """Write a reminder for each unit that owes a report: what, since when, and what to do."""
    from datetime import UTC, datetime

    from jobs import remind
    from runtime.settings import load_settings
    from runtime.warehouse.connect import prepare

    try:
        chosen = remind.choose_day(day, datetime.now(UTC))
    except ValueError:
        _refuse(f"{day!r} is no day; write it as 2026-01-31")
    _set_up(prepare)
    remind.expect_last_periods(chosen)
    rows = [{"what": what, "count": count} for what, count in remind.write_reminders(chosen).items()]
    _print_rows(("what", "count"), rows, OutputFormat.table)
    typer.echo(f"Reminders: {load_settings().outbox / 'reminders'}")


@app.command()
def trace(
    fact_id: Annotated[
        int | None, typer.Argument(help="A row of a fact table; or ask by the options", show_default=False)
    ] = None,
    unit: Annotated[str | None, typer.Option(help="Official code of the unit that the figure is about")] = None,
    period: Annotated[str | None, typer.Option(help="2023, 2023-Q3, 2023-09")] = None,
    indicator: Annotated[str | None, typer.Option(help="An indicator's code, such as poor_households")] = None,
    breakdown: Annotated[str, typer.Option(help='Such as "ethnicity=kinh"; empty is the whole')] = "",
    measure: Annotated[str, typer.Option(help="actual, target, plan, change, prior")] = "actual",
) -> None:
    """From a fact back to the cell or sentence it was read from: a fact's row, or every statement of a figure."""
    from ingest.core.catalogue import load_catalogue
    from jobs.connection import connected
    from jobs.trace import Question, trace_fact, trace_figure
    from runtime.settings import load_settings
    from runtime.warehouse.connect import prepare

    catalogue, archive = load_catalogue(), load_settings().archive
    question = None
    if fact_id is None:
        if unit is None or period is None or indicator is None:
            _refuse("Give a fact's number, or --unit, --period and --indicator")
        asked = _period(period)
        subject = catalogue.unit_by_code(unit, asked.last_day)
        if subject is None:
            _refuse(f"There is no unit with code {unit} on {asked.last_day}")
        if indicator not in catalogue.indicators:
            _refuse(f"There is no indicator {indicator}")
        question = Question(subject.unit_id, asked.code, indicator, breakdown, measure)
    _set_up(prepare)
    # The role that reads the statements behind the facts; the archived file is read from disk.
    with connected("transform") as connection:
        if question is not None:
            found = trace_figure(connection, question, archive, catalogue)
        else:
            assert fact_id is not None
            found = trace_fact(connection, fact_id, archive, catalogue)
    if not found:
        typer.echo("No fact states this figure.", err=True)
        raise typer.Exit(1)
    typer.echo("\n\n".join(found))


@app.command()
def withdraw(
    submission_id: Annotated[int, typer.Argument(show_default=False)],
    reason: Annotated[str, typer.Option(help="Kept for ever in the event log")],
) -> None:
    """Take an accepted submission back; the one before it counts again."""
    from ingest.store import registry
    from jobs.connection import connected
    from runtime.warehouse.connect import prepare

    _set_up(prepare)
    with connected("ingest") as connection, connection.transaction():
        try:
            registry.withdraw(connection, submission_id, reason)
        except registry.UnknownSubmissionError as problem:
            _refuse(str(problem))


@app.command()
def reread(
    sha256: Annotated[str, typer.Argument(help="The SHA-256 of a stored file", show_default=False)],
    reason: Annotated[str, typer.Option(help="Kept for ever in the event log")],
) -> None:
    """Have a stored file read again by the present reader and forms, with the next ingestion."""
    from ingest.store import registry
    from jobs.connection import connected
    from runtime.warehouse.connect import prepare

    _set_up(prepare)
    with connected("ingest") as connection, connection.transaction():
        if not registry.files_by_sha256(connection, [sha256]):
            _refuse(f"There is no stored file {sha256}")
        registry.request_reread(connection, sha256, reason)


@edition_app.command("list")
def list_editions(
    report: Annotated[str | None, typer.Option(help="provincial_year or provincial_quarter")] = None,
    period: Annotated[str | None, typer.Option(help="Only this period")] = None,
    output_format: FormatOption = OutputFormat.table,
) -> None:
    """The editions there are, the newest of each report first."""
    from publish import edition
    from runtime.warehouse.connect import prepare, warehouse_url

    _set_up(prepare)
    found = edition.list_editions(warehouse_url(), report, None, period)
    _print_rows(EDITION_COLUMNS, [{c: getattr(e, c) for c in EDITION_COLUMNS} for e in found], output_format)


@edition_app.command("show")
def show_edition(
    edition_id: Annotated[int, typer.Argument(show_default=False)],
    output_format: FormatOption = OutputFormat.table,
) -> None:
    """The figures of the whole province that an edition froze."""
    from publish import edition
    from runtime.warehouse.connect import prepare, warehouse_url

    _set_up(prepare)
    try:
        _, data = edition.show_edition(warehouse_url(), edition_id)
    except edition.UnknownEditionError as problem:
        _refuse(str(problem))
    columns = ("indicator_code", "breakdown", "unit_of_measure", "total", "value_prior", "change", "basis")
    _print_rows(columns, [{c: getattr(f, c) for c in columns} for f in data.figures], output_format)


@edition_app.command("diff")
def diff_editions(
    old: Annotated[int, typer.Argument(show_default=False)],
    new: Annotated[int, typer.Argument(show_default=False)],
    output_format: FormatOption = OutputFormat.table,
) -> None:
    """What the new edition states otherwise than the old one."""
    from publish import edition
    from runtime.warehouse.connect import prepare, warehouse_url

    _set_up(prepare)
    try:
        revisions = edition.diff_editions(warehouse_url(), old, new)
    except edition.UnknownEditionError as problem:
        _refuse(str(problem))
    columns = ("unit_name", "indicator_code", "name_vi", "unit_of_measure", "aspect", "old", "new", "difference")
    _print_rows(columns, [{c: getattr(r, c) for c in columns} for r in revisions], output_format)


def main() -> None:
    """Entry point of the console script."""
    try:
        app()
    except SetupError as problem:
        typer.echo(str(problem), err=True)
        sys.exit(2)


def _period(text: str) -> Period:
    try:
        return parse_period(text)
    except InvalidPeriodError as problem:
        _refuse(str(problem))


def _refuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)


def _set_up(prepare: Any) -> None:
    try:
        prepare()
    except SetupError as problem:
        _refuse(str(problem))


def _outcome_counts(outcome: Any) -> list[tuple[str, int]]:
    return [
        ("files read", outcome.files),
        ("files without a usable submission", outcome.unusable_files),
        *((f"submissions {state}", count) for state, count in sorted(outcome.submissions.items())),
        *((f"findings: {severity}", count) for severity, count in sorted(outcome.findings.items())),
    ]


def _print_findings(findings: Iterable[Finding], output_format: OutputFormat) -> None:
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
    _print_rows(FINDING_COLUMNS, rows, output_format)


def _print_rows(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], output_format: OutputFormat) -> None:
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
