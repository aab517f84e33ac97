"""Days in Viet Nam, by which deadlines and periods are reckoned."""

from __future__ import annotations

from datetime import date, datetime

from runtime.settings import OFFICE_TIMEZONE


def day_of(run_at: datetime) -> date:
    """The day in Viet Nam of an instant."""
    return run_at.astimezone(OFFICE_TIMEZONE).date()
