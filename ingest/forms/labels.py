"""How forms name units of measure and scales of money: `unit_labels` and `money_labels` of the forms' vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from ingest.core.catalogue_files import FORMS

VOCABULARY_FILE = FORMS / "vocabulary.yml"


@lru_cache(maxsize=1)
def unit_labels() -> Mapping[str, str]:
    """The Vietnamese label of each unit of measure, by its code."""
    return dict(_vocabulary()["unit_labels"])


@lru_cache(maxsize=1)
def money_labels() -> Mapping[int, str]:
    """The Vietnamese label of each scale of money, by how many dong it stands for."""
    return dict(_vocabulary()["money_labels"])


def _vocabulary() -> Mapping[str, Any]:
    read: Mapping[str, Any] = yaml.load(VOCABULARY_FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return read
