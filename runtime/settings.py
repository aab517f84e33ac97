"""Where the project keeps things and how it reaches the database: environment variables, one place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

PROJECT = Path(__file__).resolve().parent.parent
# Deadlines and days are those of the office, wherever the machine stands; Viet Nam has one hour.
OFFICE_TIMEZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one installation.

    Attributes:
        home: everything the project writes (`ANSINH_HOME`, default `.ansinh` in the project).
        database_url: libpq URL of the warehouse (`ANSINH_DATABASE_URL`); None means the embedded
            Postgres, whose URL `runtime.local.embedded_postgres.ensure_running` gives.
        inbox: where submissions arrive (`ANSINH_INBOX`, any fsspec URL; default `<home>/inbox`).
        postgres_port: TCP port of the embedded Postgres on 127.0.0.1 (`ANSINH_POSTGRES_PORT`).
        web_port: port of Airflow's web interface and API on 127.0.0.1 (`ANSINH_WEB_PORT`).
        province_code: the province whose department runs this installation (`ANSINH_PROVINCE`); only
            the default of scheduled consolidations.
        phrasings: wordings of written reports that persons confirmed (`ANSINH_PHRASINGS`, default
            `<home>/phrasings.yml`); where several machines read reports, a file that all of them see.
    """

    home: Path
    database_url: str | None
    inbox: str
    postgres_port: int
    web_port: int
    phrasings: Path
    province_code: str = "68"

    @property
    def archive(self) -> Path:
        """Original files by their SHA-256, write-once."""
        return self.home / "archive"

    @property
    def outbox(self) -> Path:
        """What goes back to submitters (feedback) and out to readers (reports)."""
        return self.home / "outbox"

    @property
    def docs(self) -> Path:
        """Generated documentation: Great Expectations' Data Docs, dbt's docs."""
        return self.home / "docs"


def load_settings() -> Settings:
    """Reads the settings from the environment. Raises ValueError for a port that is no number."""
    home = Path(os.environ.get("ANSINH_HOME") or PROJECT / ".ansinh").expanduser().resolve()
    return Settings(
        home=home,
        database_url=os.environ.get("ANSINH_DATABASE_URL") or None,
        inbox=os.environ.get("ANSINH_INBOX") or str(home / "inbox"),
        postgres_port=_port("ANSINH_POSTGRES_PORT", 54320),
        web_port=_port("ANSINH_WEB_PORT", 8080),
        phrasings=Path(os.environ.get("ANSINH_PHRASINGS") or home / "phrasings.yml").expanduser().resolve(),
        province_code=os.environ.get("ANSINH_PROVINCE") or "68",
    )


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ValueError(f"{name}={text!r} is not a port; give a number from 1 to 65535")
    return int(text)
