"""Commands about this installation: the demo, the services of this machine, the settings."""

from __future__ import annotations

from dataclasses import asdict

import typer

from jobs.cli.arguments import FormatOption, fail
from jobs.cli.output import OutputFormat, print_rows
from runtime.errors import SetupError

app = typer.Typer()
PANEL = "This machine"
SETTING_COLUMNS = ("variable", "value", "source", "description")

services_app = typer.Typer(help="Postgres and Airflow as processes of this machine.", no_args_is_help=True)
app.add_typer(services_app, name="services", rich_help_panel=PANEL)


@app.command(rich_help_panel=PANEL)
def demo() -> None:
    """Run the whole path over the samples, with Airflow: ingest, build, consolidate."""
    from jobs import demo

    raise typer.Exit(demo.main())


@app.command(rich_help_panel=PANEL)
def settings(output_format: FormatOption = OutputFormat.table) -> None:
    """Every setting with its value and where that comes from: default, environment or file. Secrets are hidden."""
    from runtime.process_environment import child_environment
    from runtime.settings import show_settings, unknown_variables

    print_rows(SETTING_COLUMNS, [asdict(each) for each in show_settings()], output_format)
    for name in unknown_variables(child_environment()):
        typer.echo(f"{name} is set and is no setting", err=True)


@services_app.command()
def up() -> None:
    """Start Postgres and Airflow and let every DAG run; does nothing where they are up."""
    from runtime.airflow import configuration
    from runtime.local import services
    from runtime.settings import load_settings

    settings = load_settings()
    typer.echo("==> starting Postgres and Airflow")
    try:
        services.up(settings)
    except SetupError as problem:
        fail(cause_of(problem))
    password = configuration.password(settings)
    typer.echo(f"==> {configuration.base_url(settings)}  user: {configuration.USER}  password: {password}")
    typer.echo(f"    inbox: {settings.inbox}  logs: {settings.logs}  stop it with `make down`")


@services_app.command()
def down() -> None:
    """Stop what `up` started."""
    from runtime.local import services
    from runtime.settings import load_settings

    services.down(load_settings())


@services_app.command()
def remove() -> None:
    """Stop everything and delete the embedded Postgres with its data, for good."""
    from runtime.local import services
    from runtime.settings import load_settings

    services.remove(load_settings())


def cause_of(problem: SetupError) -> str:
    """What to tell of a failure: that the disk is full, where it is; else the problem itself."""
    from runtime.local import home
    from runtime.settings import load_settings

    try:
        return home.cause_of(problem, load_settings())
    except SetupError:
        # A setting that cannot be used is the problem.
        return str(problem)
