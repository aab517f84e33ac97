"""The settings of an installation: every variable, and every place below the home, once.

A setting comes from its environment variable, else from the file `settings.env` in the home (`NAME=value`, a line
each), else it is the default. `ansinh settings` shows what holds and where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from runtime import places
from runtime.errors import SetupError

PROJECT = places.PROJECT
# Deadlines and days are those of the office, wherever the machine stands; Viet Nam has one hour.
OFFICE_TIMEZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PREFIX = "ANSINH_"
_HIDDEN = "(hidden)"
# What pydantic says of a default that follows from a value which cannot be used.
_FOLLOWS = "default_factory_not_called"


def _absolute(path: Path) -> Path:
    return path.expanduser().resolve()


def _port(given: object) -> int:
    text = str(given)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text)


AbsolutePath = Annotated[Path, AfterValidator(_absolute)]
Port = Annotated[int, BeforeValidator(_port)]


class Settings(BaseSettings):
    """The settings of one installation.

    A field is the environment variable of its name in capitals with `ANSINH_` before it. A variable that is set but
    empty stands for the default; `ingest_schedule` alone can be set to nothing.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True
    )

    home: AbsolutePath = Field(default=places.DEFAULT_HOME, description="where everything is written")
    database_url: str | None = Field(
        default=None,
        repr=False,
        description="libpq URL of the warehouse, Postgres 15 or later; empty: an embedded Postgres 16",
    )
    inbox: str = Field(
        default_factory=lambda found: str(found["home"] / places.INBOX),
        description="where submissions arrive; any fsspec address",
    )
    postgres_port: Port = Field(default=54320, description="TCP port of the embedded Postgres on 127.0.0.1")
    web_port: Port = Field(default=8080, description="TCP port of Airflow's web interface and API on 127.0.0.1")
    province: str = Field(
        default="68",
        pattern=r"^\d{2}$",
        description="code of the province whose department runs this; what scheduled consolidations publish",
    )
    phrasings: AbsolutePath = Field(
        default_factory=lambda found: found["home"] / places.PHRASINGS,
        description="wordings of reports that persons confirmed; one file for all machines that read",
    )
    ingest_schedule: str = Field(
        default="*/15 * * * *", description="how often the inbox is looked through (cron); empty: by hand"
    )
    alert_webhook: SecretStr | None = Field(default=None, description="is told when a task has failed for good")
    pseudonym_key: SecretStr | None = Field(
        default=None, description="the key of the pseudonyms of persons in payment lists"
    )
    pseudonym_key_file: Path | None = Field(default=None, description="a file that holds that key")
    pseudonym_key_cmd: SecretStr | None = Field(default=None, description="a command that prints that key")
    xdg_config_home: Path = Field(
        default=Path("~/.config"),
        validation_alias="XDG_CONFIG_HOME",
        description="the user's configuration folder, where the key of a first run is made",
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value != "" or name == "ingest_schedule"}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before variables before the file in the home that those two name."""
        home = init_settings().get("home") or env_settings().get("home") or places.DEFAULT_HOME
        return init_settings, env_settings, _file_source(settings_cls, Path(home))

    def changed(self, **changes: Any) -> Settings:
        """The same settings but for some; the others stay as they are, also where their default would be another."""
        return self.model_copy(update=changes)

    @property
    def has_pseudonym_key(self) -> bool:
        """Whether somebody has said where the key of the pseudonyms is."""
        return any((self.pseudonym_key, self.pseudonym_key_file, self.pseudonym_key_cmd))

    # Places below the home. Their names are in runtime/places.py, which `make clean` reads as well.

    @property
    def archive(self) -> Path:
        """Original files by their SHA-256, write-once."""
        return self.home / places.ARCHIVE

    @property
    def outbox(self) -> Path:
        """What goes back to submitters and out to readers."""
        return self.home / places.OUTBOX

    @property
    def feedback(self) -> Path:
        """The answer to each file."""
        return self.outbox / "feedback"

    @property
    def reports(self) -> Path:
        """Published editions."""
        return self.outbox / "reports"

    @property
    def reminders(self) -> Path:
        """A workbook for each unit that owes a report."""
        return self.outbox / "reminders"

    @property
    def docs(self) -> Path:
        """Generated documentation."""
        return self.home / places.DOCS

    @property
    def data_docs(self) -> Path:
        """Great Expectations' Data Docs, a folder for each batch."""
        return self.docs / "great_expectations"

    @property
    def logs(self) -> Path:
        """Logs of processes and tasks."""
        return self.home / places.LOGS

    @property
    def run(self) -> Path:
        """What is known of running processes."""
        return self.home / places.RUN

    @property
    def secrets(self) -> Path:
        """Generated passwords and keys, mode 600."""
        return self.home / places.SECRETS

    @property
    def airflow(self) -> Path:
        """Airflow's own home."""
        return self.home / places.AIRFLOW

    @property
    def dbt(self) -> Path:
        """dbt's target and logs."""
        return self.home / places.DBT

    @property
    def postgres(self) -> Path:
        """The embedded Postgres; a link where its system user may not enter the home."""
        return self.home / places.POSTGRES

    @property
    def postgres_lock(self) -> Path:
        """Held by the process that makes, starts or stops the embedded Postgres."""
        return self.home / places.POSTGRES_LOCK

    @property
    def mark(self) -> Path:
        """The file by which the home is known for the project's own."""
        return self.home / places.MARK

    # Places elsewhere.

    @property
    def user_secrets(self) -> Path:
        """Secrets of this machine's user, never where the data is.

        Raises:
            RuntimeError: the user has no home folder.
        """
        return _absolute(self.xdg_config_home) / "ansinh" / "secrets"


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """A setting as it may be shown: `source` is default, environment or file; secrets are hidden."""

    variable: str
    value: str
    source: str
    description: str


def load_settings() -> Settings:
    """The settings that hold for this process now.

    Raises:
        SetupError: a value cannot be used; the message names its variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            f"{_variable(str(each['loc'][0]))}: {_reason(each)}" for each in error.errors() if each["type"] != _FOLLOWS
        ]
        raise SetupError("; ".join(problems)) from None


def show_settings() -> Iterator[ShownSetting]:
    """Every setting with its value and source.

    Raises:
        SetupError: a value cannot be used.
    """
    settings = load_settings()
    found = {"file": _file_source(Settings, settings.home)(), "environment": EnvSettingsSource(Settings)()}
    sources: dict[str, str] = {}
    for source, values in found.items():
        for name, value in values.items():
            # What is set but empty puts the default in force again.
            sources[name] = source if value != "" or name == "ingest_schedule" else "default"
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        alias = str(field.validation_alias or name)
        yield ShownSetting(
            _variable(name),
            _shown(name, value),
            sources.get(alias, sources.get(name, "default")),
            field.description or "",
        )


def unknown_variables(names: Iterable[str]) -> list[str]:
    """Those of some variables that begin like settings and are none: misspelt, most likely."""
    known = {_variable(name) for name in Settings.model_fields}
    return sorted(name for name in names if name.startswith(PREFIX) and name not in known)


def _file_source(settings_cls: type[BaseSettings], home: Path) -> DotEnvSettingsSource:
    return DotEnvSettingsSource(settings_cls, env_file=_absolute(home) / places.SETTINGS_FILE)


def _variable(name: str) -> str:
    """A field's environment variable; that of a name from the file which is no field is the name itself."""
    field = Settings.model_fields.get(name)
    if field is None:
        return name.upper()
    return str(field.validation_alias or f"{PREFIX}{name.upper()}")


def _reason(problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        return f"there is no such setting ({places.SETTINGS_FILE})"
    return str(problem["msg"]).removeprefix("Value error, ")


def _shown(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return _HIDDEN
    return _without_password(str(value)) if name in {"database_url", "inbox"} else str(value)


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    if not separator or not at or ":" not in login:
        return url if "password=" not in url else _HIDDEN
    return f"{scheme}://{login.partition(':')[0]}:{_HIDDEN}@{place}"
