"""Commands about submissions: what came, what became of it, what is owed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from jobs.cli.arguments import FormatOption, period_of, refuse, set_up
from jobs.cli.output import OutputFormat, print_rows

app = typer.Typer()
PANEL = "Submissions"


@app.command(rich_help_panel=PANEL)
def submit(
    paths: Annotated[list[Path], typer.Argument(exists=True, readable=True, show_default=False)],
) -> None:
    """Register and load files or folders, as the DAG does. Handing in the same again changes nothing."""
    from ingest.store.inbox import InboxFile, list_files, look_at
    from jobs import pipeline
    from jobs.connection import connected
    from runtime.settings import load_settings

    settings = load_settings()
    set_up()
    with connected("ingest") as connection:
        for path in paths:
            if path.is_dir():
                files: Iterable[InboxFile] = list_files(path)
                inbox: str | None = str(path)
            else:
                files, inbox = [look_at(path)], None
            arrivals = pipeline.register_files(connection, settings, files, channel="command_line", inbox=inbox)
            for line in arrivals.told():
                typer.echo(line, err=True)
        planned = pipeline.plan_batches(connection)
        batches = {f"command_line_{number}": batch for number, batch in enumerate(planned)}
        totals = pipeline.process_batches(connection, settings, batches)
    rows = [{"what": key, "count": value} for key, value in _outcome_counts(totals)]
    print_rows(("what", "count"), rows, OutputFormat.table)
    typer.echo(f"Feedback: {settings.outbox / 'feedback'}")


@app.command(rich_help_panel=PANEL)
def status(
    period: Annotated[str | None, typer.Option(help="Only this period")] = None,
    output_format: FormatOption = OutputFormat.table,
) -> None:
    """Who has submitted what, and what became of it."""
    from ingest.core.catalogue import load_catalogue
    from ingest.store.status import STATUS_COLUMNS, status_rows
    from jobs.connection import connected

    code = period_of(period).code if period else None
    set_up()
    with connected("ingest") as connection:
        rows = status_rows(connection, load_catalogue(), code)
    print_rows(STATUS_COLUMNS, rows, output_format)


@app.command(rich_help_panel=PANEL)
def remind(
    day: Annotated[str | None, typer.Option("--on", help="As of this day (YYYY-MM-DD); empty is today")] = None,
) -> None:
    """Write a reminder for each unit that owes a report: what, since when, and what to do."""
    from datetime import UTC, datetime

    from jobs import remind
    from runtime.settings import load_settings

    try:
        chosen = remind.choose_day(day, datetime.now(UTC))
    except ValueError:
        refuse(f"{day!r} is no day; write it as 2026-01-31")
    set_up()
    remind.expect_last_periods(chosen)
    rows = [{"what": what, "count": count} for what, count in remind.write_reminders(chosen).items()]
    print_rows(("what", "count"), rows, OutputFormat.table)
    typer.echo(f"Reminders: {load_settings().outbox / 'reminders'}")


@app.command(rich_help_panel=PANEL)
def withdraw(
    submission_id: Annotated[int, typer.Argument(show_default=False)],
    reason: Annotated[str, typer.Option(help="Kept for ever in the event log")],
) -> None:
    """Take an accepted submission back; the one before it counts again."""
    from ingest.store import registry
    from jobs.connection import connected

    set_up()
    with connected("ingest") as connection, connection.transaction():
        try:
            registry.withdraw(connection, submission_id, reason)
        except registry.UnknownSubmissionError as problem:
            refuse(str(problem))


@app.command(rich_help_panel=PANEL)
def reread(
    sha256: Annotated[str, typer.Argument(help="The SHA-256 of a stored file", show_default=False)],
    reason: Annotated[str, typer.Option(help="Kept for ever in the event log")],
) -> None:
    """Have a stored file read again by the present reader and forms, with the next ingestion."""
    from ingest.store import registry
    from jobs.connection import connected

    set_up()
    with connected("ingest") as connection, connection.transaction():
        if not registry.files_by_sha256(connection, [sha256]):
            refuse(f"There is no stored file {sha256}")
        registry.request_reread(connection, sha256, reason)


def _outcome_counts(outcome: Any) -> list[tuple[str, int]]:
    return [
        ("files read", outcome.files),
        ("files without a usable submission", outcome.unusable_files),
        *((f"submissions {state}", count) for state, count in sorted(outcome.submissions.items())),
        *((f"findings: {severity}", count) for severity, count in sorted(outcome.findings.items())),
    ]
