"""Commands for developers. What they run is in the checkout and in no installation, so each is a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.arguments import refuse
from runtime.settings import PROJECT

app = typer.Typer()
PANEL = "For developers"


@app.command(rich_help_panel=PANEL, context_settings={"ignore_unknown_options": True})
def bench(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="Names of measurements (none: all), or one with arguments of its own", show_default=False),
    ] = None,
) -> None:
    """Measure speed and memory: `bench`, `bench forms lists`, `bench forms --rounds 5`."""
    given = arguments or []
    if given and not all(_is_measurement(name) for name in given):
        if not _is_measurement(given[0]):
            refuse(f"There is no measurement {given[0]}")
        _run_module(f"bench.{given[0]}", given[1:])
    _run_module("bench", given)


@app.command(rich_help_panel=PANEL)
def samples(
    folder: Annotated[Path | None, typer.Argument(help="Where to", show_default="samples/inbox")] = None,
) -> None:
    """Write the samples anew; files that say what they should are left alone."""
    _run_module("samples.generate", [str(folder.resolve())] if folder else [])


def _is_measurement(name: str) -> bool:
    return name.isidentifier() and (PROJECT / "bench" / f"{name}.py").exists()


def _run_module(name: str, arguments: Sequence[str]) -> None:
    """Runs a module of the checkout; the call ends with its exit status."""
    if not (PROJECT / name.partition(".")[0]).is_dir():
        refuse("This needs a checkout of the project, not an installed package")
    done = subprocess.run([sys.executable, "-m", name, *arguments], cwd=PROJECT, check=False)
    raise typer.Exit(done.returncode)
