"""Findings from rules: the texts are data (`rules.yml`), a finding fills in what was met.

A rule's id is permanent: it is never given to another rule, since check results keep it for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from ingest.core.catalogue_files import RULES
from ingest.core.model import Finding, Severity

RULES_FILE = RULES / "findings.yml"


class Rule(BaseModel):
    """A rule's texts; `{name}` in them is filled with what the check met."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Z]{2,6}-\d{3}$")
    severity: Severity
    what_vi: str
    what_en: str
    mend_vi: str
    mend_en: str


@lru_cache(maxsize=1)
def load_rules(path: Path = RULES_FILE) -> Mapping[str, Rule]:
    """Reads every general rule by its id.

    Raises:
        ValueError: a rule lacks a field, or an id is used twice.
    """
    rules: dict[str, Rule] = {}
    for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
        rule = Rule.model_validate(entry)
        if rule.id in rules:
            raise ValueError(f"{path.name}: rule id {rule.id} is used twice")
        rules[rule.id] = rule
    return rules


def finding(
    rule_id: str,
    ref: str,
    *,
    refs: tuple[str, ...] = (),
    lhs: Decimal | None = None,
    rhs: Decimal | None = None,
    **values: object,
) -> Finding:
    """Makes the finding of a general rule at a place.

    `values` fill the rule's texts. `difference` is `lhs - rhs` where both are given.

    Raises:
        KeyError: there is no such rule, or its texts name a value that was not given.
    """
    rule = load_rules()[rule_id]
    values = {key: _bounded(value) for key, value in values.items()}
    return Finding(
        rule_id=rule.id,
        severity=rule.severity,
        ref=ref,
        refs=refs,
        lhs=lhs,
        rhs=rhs,
        difference=lhs - rhs if lhs is not None and rhs is not None else None,
        message_vi=f"{rule.what_vi} {rule.mend_vi}".format_map(values),
        message_en=f"{rule.what_en} {rule.mend_en}".format_map(values),
    )


@lru_cache(maxsize=1)
def answer_title() -> str:
    """The title of the sheet on which a sender is answered: by it the sheet is known when it comes back."""
    texts = yaml.load((RULES / "answer_texts.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return str(texts["title"])


def _bounded(value: object, limit: int = 200) -> object:
    """Keeps a hostile cell of a million characters out of a message."""
    return f"{value[:limit]}…" if isinstance(value, str) and len(value) > limit else value
