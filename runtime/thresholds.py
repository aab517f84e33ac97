"""The numbers that Python and dbt both compare with: `catalogue/rules/thresholds.yml`."""

from __future__ import annotations

from functools import lru_cache

import yaml
from pydantic import BaseModel, ConfigDict, Field

from runtime.settings import PROJECT

THRESHOLDS = PROJECT / "catalogue" / "rules" / "thresholds.yml"


class Thresholds(BaseModel):
    """The thresholds; each is a variable of dbt by the same name.

    Attributes:
        minimum_confidence: below it (0 to 1) a figure of prose waits for a person and does not count.
        small_count_threshold: smaller counts, of what is counted in `small_count_units`, are not published.
        small_count_units: units of measure that count persons or households.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    minimum_confidence: float = Field(gt=0, lt=1)
    small_count_threshold: int = Field(ge=1)
    small_count_units: tuple[str, ...] = Field(min_length=1)


@lru_cache(maxsize=1)
def load_thresholds() -> Thresholds:
    """Reads the thresholds once per process.

    Raises:
        pydantic.ValidationError: one is missing, or no such number.
    """
    return Thresholds.model_validate(yaml.safe_load(THRESHOLDS.read_text(encoding="utf-8")))
