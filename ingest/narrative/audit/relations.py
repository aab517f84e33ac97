"""What figures of one report must agree on, as data (`lexicon/relations.yml`)."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from pydantic import BaseModel, Field

from ingest.narrative.text.data import FOLDER, STRICT, read_data


class _Entry(BaseModel):
    model_config = STRICT


class Bound(_Entry):
    """What one of `count` is worth in `over`, at least and at most."""

    over: str
    count: str
    min: Decimal
    max: Decimal


class Legal(_Entry):
    """An amount for each of `count` by a legal rate."""

    amount: str
    count: str
    rate: str
    with_: dict[str, str] = Field(default={}, alias="with")
    step: bool = False
    months: bool = False
    min: Decimal = Decimal(0)
    max: Decimal = Decimal(1)


class Relations(_Entry):
    """What figures of one report must agree on (`lexicon/relations.yml`)."""

    partitions: dict[str, list[list[str]]]
    shares: dict[str, str]
    subsets: list[tuple[str, str]]
    bounds: list[Bound]
    legal: list[Legal]


@lru_cache(maxsize=1)
def load_relations() -> Relations:
    """Reads the relations. Raises LexiconError where the file breaks the schema."""
    relations: Relations = read_data(FOLDER / "relations.yml", Relations)
    return relations
