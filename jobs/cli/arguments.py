"""What commands share: their arguments, and how a call ends that cannot be answered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ingest.core.periods import InvalidPeriodError, Period, parse_period
from jobs.cli.output import OutputFormat
from runtime.errors import SetupError

ExistingFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, show_default=False)]
FormatOption = Annotated[OutputFormat, typer.Option("--format", help="How to print the rows")]


def period_of(text: str) -> Period:
    """Reads a period; ends the call where it is none."""
    try:
        return parse_period(text)
    except InvalidPeriodError as problem:
        refuse(str(problem))


def refuse(message: object) -> NoReturn:
    """Ends a call that cannot be answered: the message, exit status 2."""
    typer.echo(message, err=True)
    raise typer.Exit(2)


def fail(message: object) -> NoReturn:
    """Ends a call whose answer is no: the message, exit status 1."""
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(1)


def set_up() -> None:
    """Makes the warehouse ready, its schema up to date; ends the call where it cannot be."""
    from runtime.warehouse.connect import prepare

    try:
        prepare()
    except SetupError as problem:
        refuse(problem)
