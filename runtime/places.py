"""The names of what the project writes below its home, for `runtime.settings` and for `make clean`.

Standard library only, and any Python from 3.8: `make clean` works where the environment is broken. Every capital name
is a file or folder that the project makes, but for those in `_NOT_DELETED`.
"""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DEFAULT_HOME = PROJECT / ".ansinh"

AIRFLOW = "airflow"
ARCHIVE = "archive"
DBT = "dbt"
DOCS = "docs"
INBOX = "inbox"
LOGS = "logs"
OUTBOX = "outbox"
PHRASINGS = "phrasings.yml"
POSTGRES = "postgres"
POSTGRES_LOCK = "postgres.lock"
RUN = "run"
SECRETS = "secrets"
# By it a home is known for the project's own: see runtime/local/home.py.
MARK = ".ansinh-home"
# Written by a person, who may want it again.
SETTINGS_FILE = "settings.env"

_NOT_DELETED = frozenset({MARK, SETTINGS_FILE})


def made_in_home() -> list[str]:
    """What `make clean` deletes in a home, the mark apart: all the names above."""
    names = [value for name, value in globals().items() if name.isupper() and isinstance(value, str)]
    return [name for name in names if name not in _NOT_DELETED]
