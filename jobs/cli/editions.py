"""Commands about what was published."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.cli.arguments import FormatOption, refuse, set_up
from jobs.cli.output import OutputFormat, print_rows

app = typer.Typer()
PANEL = "Publications"

edition_app = typer.Typer(help="Frozen publications: what was published when, and what changed.", no_args_is_help=True)
app.add_typer(edition_app, name="edition", rich_help_panel=PANEL)

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


@edition_app.command("list")
def list_editions(
    report: Annotated[str | None, typer.Option(help="provincial_year or provincial_quarter")] = None,
    period: Annotated[str | None, typer.Option(help="Only this period")] = None,
    output_format: FormatOption = OutputFormat.table,
) -> None:
    """The editions there are, the newest of each report first."""
    from publish import edition
    from runtime.warehouse.connect import warehouse_url

    set_up()
    found = edition.list_editions(warehouse_url(), report, None, period)
    print_rows(EDITION_COLUMNS, [{c: getattr(e, c) for c in EDITION_COLUMNS} for e in found], output_format)


@edition_app.command("show")
def show_edition(
    edition_id: Annotated[int, typer.Argument(show_default=False)],
    output_format: FormatOption = OutputFormat.table,
) -> None:
    """The figures of the whole province that an edition froze."""
    from publish import edition
    from runtime.warehouse.connect import warehouse_url

    set_up()
    try:
        _, data = edition.show_edition(warehouse_url(), edition_id)
    except edition.UnknownEditionError as problem:
        refuse(str(problem))
    columns = ("indicator_code", "breakdown", "unit_of_measure", "total", "value_prior", "change", "basis")
    print_rows(columns, [{c: getattr(f, c) for c in columns} for f in data.figures], output_format)


@edition_app.command("diff")
def diff_editions(
    old: Annotated[int, typer.Argument(show_default=False)],
    new: Annotated[int, typer.Argument(show_default=False)],
    output_format: FormatOption = OutputFormat.table,
) -> None:
    """What the new edition states otherwise than the old one."""
    from publish import edition
    from runtime.warehouse.connect import warehouse_url

    set_up()
    try:
        revisions = edition.diff_editions(warehouse_url(), old, new)
    except edition.UnknownEditionError as problem:
        refuse(str(problem))
    columns = ("unit_name", "indicator_code", "name_vi", "unit_of_measure", "aspect", "old", "new", "difference")
    print_rows(columns, [{c: getattr(r, c) for c in columns} for r in revisions], output_format)
