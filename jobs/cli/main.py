"""The entry point: every group of commands under one name."""

from __future__ import annotations

import sys

import typer

from jobs.cli import development, editions, files, installation, submissions, warehouse
from runtime.errors import SetupError

app = typer.Typer(
    help="An Sinh: from what districts and communes submit to the provincial report.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _group in (files, submissions, warehouse, editions, installation, development):
    app.add_typer(_group.app)


def main() -> None:
    """Entry point of the console script."""
    try:
        app()
    except SetupError as problem:
        typer.echo(f"error: {installation.cause_of(problem)}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
