"""Commands about the warehouse: its schema, its models, its figures, its readers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from jobs.cli.arguments import fail, period_of, refuse, set_up

app = typer.Typer()
PANEL = "Warehouse"

as_known_app = typer.Typer(help="Facts and reports as they were known at an instant.", no_args_is_help=True)
logins_app = typer.Typer(help="Logins for BI tools, and which units' rows each reads.", no_args_is_help=True)
app.add_typer(as_known_app, name="as-known", rich_help_panel=PANEL)
app.add_typer(logins_app, name="logins", rich_help_panel=PANEL)


@app.command(rich_help_panel=PANEL)
def migrate() -> None:
    """Bring the database to the newest schema; every command that needs it does so by itself."""
    set_up()


@app.command(rich_help_panel=PANEL)
def build() -> None:
    """Build the warehouse's models from what was submitted (dbt), as the DAG does."""
    from jobs import build
    from runtime.warehouse.dbt import BuildFailedError

    set_up()
    try:
        outcomes = build.build_models()
    except BuildFailedError as problem:
        fail(problem)
    for outcome, count in outcomes.items():
        typer.echo(f"{outcome}: {count}")


@app.command(rich_help_panel=PANEL)
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

    catalogue, archive = load_catalogue(), load_settings().archive
    question = None
    if fact_id is None:
        if unit is None or period is None or indicator is None:
            refuse("Give a fact's number, or --unit, --period and --indicator")
        asked = period_of(period)
        subject = catalogue.unit_by_code(unit, asked.last_day)
        if subject is None:
            refuse(f"There is no unit with code {unit} on {asked.last_day}")
        if indicator not in catalogue.indicators:
            refuse(f"There is no indicator {indicator}")
        question = Question(subject.unit_id, asked.code, indicator, breakdown, measure)
    set_up()
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


@app.command(rich_help_panel=PANEL)
def docs() -> None:
    """Write the site of the warehouse's models, columns and lineage (one HTML file)."""
    from runtime.settings import load_settings
    from runtime.warehouse.docs import DocsFailedError, generate

    try:
        typer.echo(f"The warehouse's site: {generate(load_settings())}")
    except DocsFailedError as problem:
        fail(problem)


@app.command(rich_help_panel=PANEL)
def rekey() -> None:
    """Put the lines of stored payment lists under the present key of the pseudonyms (docs/pseudonyms.md)."""
    from ingest.core.catalogue import load_catalogue
    from ingest.readers.payment_list.pseudonyms import load_pseudonyms
    from jobs.connection import connected
    from jobs.rekey import rekey_lines
    from runtime.settings import load_settings

    set_up()
    with connected(None) as connection:
        outcome = rekey_lines(connection, load_settings(), load_catalogue())
    typer.echo(f"{outcome.replaced} lists are under the key {load_pseudonyms().key_id} now")
    for submission_id, reason in outcome.failed.items():
        typer.echo(f"submission {submission_id} is not: {reason}", err=True)
    if outcome.failed:
        raise typer.Exit(1)


@as_known_app.command("build")
def build_as_known(
    instant: Annotated[str, typer.Argument(help="Such as 2024-03-01T00:00:00+07:00", show_default=False)],
) -> None:
    """Build the facts and reports of an instant in schemas of their own; prints that of the marts."""
    from runtime.warehouse.as_known import InvalidInstantError, build_as_known_at, parse_instant
    from runtime.warehouse.connect import warehouse_url
    from runtime.warehouse.dbt import BuildFailedError

    try:
        asked = parse_instant(instant)
    except InvalidInstantError as problem:
        refuse(problem)
    set_up()
    try:
        typer.echo(f"marts{build_as_known_at(warehouse_url(), asked)}")
    except BuildFailedError as problem:
        fail(problem)


@as_known_app.command("list")
def list_as_known() -> None:
    """Show the schemas that were built."""
    from runtime.warehouse.as_known import list_suffixes
    from runtime.warehouse.connect import warehouse_url

    set_up()
    for suffix in list_suffixes(warehouse_url()):
        typer.echo(f"marts{suffix}")


@as_known_app.command("remove")
def remove_as_known(
    schema: Annotated[str, typer.Argument(help="The name that `build` printed", show_default=False)],
) -> None:
    """Drop the schemas of an instant."""
    from runtime.warehouse.as_known import remove
    from runtime.warehouse.connect import warehouse_url

    set_up()
    try:
        remove(warehouse_url(), schema.removeprefix("marts"))
    except LookupError as problem:
        fail(problem)


@logins_app.command("add")
def add_login(
    name: Annotated[str, typer.Argument(show_default=False)],
    units: Annotated[list[str], typer.Argument(help="663@base …, or * for everything", show_default=False)],
) -> None:
    """Make a login, or set anew what it reads; prints its new password, once."""
    import secrets

    from jobs.connection import connected
    from runtime.warehouse import bi_logins

    set_up()
    password = secrets.token_urlsafe(24)
    with _failures_told(), connected(None) as connection:
        bi_logins.add_login(connection, name, units, password)
    typer.echo(password)


@logins_app.command("list")
def list_logins() -> None:
    """Show every login and the units whose rows it reads."""
    from jobs.connection import connected
    from runtime.warehouse import bi_logins

    set_up()
    with connected(None) as connection:
        for name, unit_ids in bi_logins.list_logins(connection).items():
            typer.echo("\t".join((name, *(unit_ids or ["(nothing)"]))))


@logins_app.command("remove")
def remove_login(name: Annotated[str, typer.Argument(show_default=False)]) -> None:
    """Delete a login."""
    from jobs.connection import connected
    from runtime.warehouse import bi_logins

    set_up()
    with _failures_told(), connected(None) as connection:
        bi_logins.remove_login(connection, name)


@contextmanager
def _failures_told() -> Iterator[None]:
    """Ends the call with a line where a login cannot be made or deleted."""
    import psycopg

    from runtime.warehouse import bi_logins

    try:
        yield
    except (bi_logins.UnknownUnitError, bi_logins.UnknownLoginError) as problem:
        fail(problem)
    except psycopg.Error as problem:
        fail(f"the database refuses: {problem}")
