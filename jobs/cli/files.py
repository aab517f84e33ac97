"""Commands about files and forms. None but `review --apply` needs the database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.arguments import ExistingFile, FormatOption, period_of, refuse, set_up
from jobs.cli.output import OutputFormat, print_findings, print_rows
from jobs.days import day_of

if TYPE_CHECKING:
    from ingest.forms.schema import LegalBasis

app = typer.Typer()
PANEL = "Files and forms"

forms_app = typer.Typer(help="The forms that are asked for; `forms validate` checks their definitions.")
app.add_typer(forms_app, name="forms", rich_help_panel=PANEL)


@app.command(rich_help_panel=PANEL)
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
    result = read_file(file, file.name, catalogue, phrasings, load_settings().province)
    print_rows(EXTRACT_COLUMNS, extraction_rows(result, catalogue), output_format)
    for problem in result.findings:
        typer.echo(f"{problem.rule_id}: {problem.message_vi} | {problem.message_en}", err=True)


@app.command(rich_help_panel=PANEL)
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
    settings = load_settings()
    result = read_file(file, file.name, catalogue, load_phrasings(settings.phrasings), settings.province)
    check_batch([result], catalogue, with_great_expectations=False)
    if feedback is not None:
        write_feedback(result, feedback, file.name, catalogue, file)
    print_findings(result.all_findings, output_format)
    if any(f.severity == "error" for f in result.all_findings) or not result.submissions:
        raise typer.Exit(1)


@app.command(rich_help_panel=PANEL)
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
            refuse("Name a report and --out BOOK.xlsx, or --apply BOOK.xlsx and --by NAME")
        _write_review(file, out, output_format)
    else:
        if out is not None or not (by or "").strip():
            refuse("With --apply say who answers: --by NAME")
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
        print_findings(findings, output_format)
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

    book = read_answers(book_path, load_catalogue())
    if file is not None and book.sha256 and file_sha256(file) != book.sha256:
        book.findings.append(finding("REV-005", "", name=book.name, sha256=book.sha256[:12]))
    if any(f.severity == "error" for f in book.findings):
        print_findings(book.findings, output_format)
        raise typer.Exit(1)
    settings = load_settings()
    set_up()
    with connected("ingest") as connection:
        applied: Applied = apply_answers(
            connection, book, by, book_path.name, file_sha256(book_path), settings.phrasings
        )
        if applied.answers:
            pipeline.process_batch(connection, settings, [book.sha256], batch_name="review")
    if applied.findings:
        print_findings(applied.findings, output_format)
    verdicts = Counter(answer.verdict for answer in applied.answers)
    counts = [(f"answers: {verdict}", count) for verdict, count in sorted(verdicts.items())]
    counts.append(("wordings remembered", len(applied.remembered)))
    typer.echo("\n".join(f"{what}: {count}" for what, count in counts), err=True)
    if any(f.severity == "error" for f in applied.findings):
        raise typer.Exit(1)


@forms_app.callback(invoke_without_command=True)
def forms(context: typer.Context, output_format: FormatOption = OutputFormat.table) -> None:
    """The forms that are asked for: code, name, how often, by whom, on what legal basis."""
    if context.invoked_subcommand is not None:
        return
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
            "legal_basis": "; ".join(map(_dated, form.head.legal_basis)),
        }
        for form in load_forms().values()
    ]
    print_rows(tuple(rows[0]), rows, output_format)


def _dated(basis: LegalBasis) -> str:
    """An act with the days on which a form begins and ceases to rest on it."""
    since = f" from {basis.valid_from}" if basis.valid_from > date.min else ""
    until = f" until {basis.valid_to - timedelta(days=1)}" if basis.valid_to < date.max else ""
    return f"{basis.act} ({(since + until).strip()})" if since or until else basis.act


@forms_app.command()
def validate(
    folder: Annotated[
        Path | None,
        typer.Argument(exists=True, file_okay=False, help="A folder of forms", show_default="catalogue/forms"),
    ] = None,
) -> None:
    """Check forms, payment lists and the law they rest on; a line per problem, exit status 1 where there is one.

    What is out of date is a warning: a list of rates that ended, an act that a form prints after its end.
    """
    from ingest.checks.validate import validate_rules
    from ingest.core.catalogue import load_catalogue
    from ingest.core.catalogue_files import FORMS
    from ingest.forms.law import acts_out_of_date, rate_problems, rates_out_of_date
    from ingest.forms.validate import validate_forms
    from ingest.readers.payment_list.validate_lists import validate_lists

    definitions, catalogue = folder or FORMS, load_catalogue()
    problems = [
        *validate_forms(definitions),
        *validate_lists(definitions),
        *rate_problems(catalogue.folder),
        *validate_rules(forms_folder=definitions),
    ]
    for problem in problems:
        typer.echo(problem)
    today = day_of(datetime.now(UTC))
    for warning in (*rates_out_of_date(catalogue.folder, today), *acts_out_of_date(definitions, catalogue)):
        typer.echo(f"warning: {warning}")
    if problems:
        raise typer.Exit(1)


@app.command(rich_help_panel=PANEL)
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
    asked = period_of(period)
    reporting_unit = catalogue.unit_by_code(unit, asked.last_day)
    if reporting_unit is None:
        refuse(f"There is no unit with code {unit} on {asked.last_day}")
    if every == (form is not None):
        refuse("Name one form, or give --all")
    if form is None:
        folder = out or Path.cwd()
        folder.mkdir(parents=True, exist_ok=True)
        for path in write_templates_all(known, reporting_unit, asked.code, folder, catalogue):
            typer.echo(path)
        return
    if form not in known:
        refuse(f"There is no form {form}; `ansinh forms` lists them")
    path = out or Path(f"{form}_{unit}_{asked.code}.xlsx")
    try:
        write_template(known[form], reporting_unit, asked.code, path, catalogue)
    except ValueError as problem:
        refuse(str(problem))
    typer.echo(path)
