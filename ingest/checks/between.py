"""Rules that need more than one submission, as data: what a rule compares, and in which relation."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from ingest.core.catalogue import Catalogue
from ingest.core.catalogue_files import RULES
from ingest.forms.schema import RuleHead
from ingest.forms.yaml_file import DefinitionError, Problem, read_yaml

BETWEEN_FILE = RULES / "between.yml"

Relation = Literal["equal", "at_most", "at_least", "repeated"]
WhichPeriod = Literal["same", "year_before", "before", "year_of", "fourth_quarter"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Term(_Strict):
    """A quantity: an indicator with its breakdown (empty: the whole) in one measure."""

    indicator: str
    breakdown: dict[str, str] = {}
    measure: str = "actual"


class Side(_Strict):
    """One side of a comparison: named quantities (`terms`), or every quantity that both sides state (`every`).

    `every` is all quantities (`any`), those cumulated from January, or those that may be summed over units.
    """

    terms: tuple[Term, ...] = ()
    every: Literal["any", "since_january", "summable"] | None = None
    forms: tuple[str, ...] = ()
    period: WhichPeriod = "same"
    of: Literal["unit", "children"] = "unit"
    level: Literal["province", "district", "commune"] | None = None
    source: Literal["form", "list", "report"] | None = None
    months: bool = False

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if bool(self.terms) == (self.every is not None):
            raise ValueError("a side names terms, or every; not both")
        return self


class BetweenRule(RuleHead):
    """A rule over several submissions. `least_figures` is how many equal figures are no chance (`repeated`)."""

    kind: Literal["between_forms", "over_time", "between_levels", "prose_or_list_against_form", "law"]
    relation: Relation
    left: Side
    right: Side
    least_figures: int = 0

    @model_validator(mode="after")
    def _sides_fit(self) -> Self:
        if (self.left.every is None) != (self.right.every is None):
            raise ValueError("both sides name terms, or both name every")
        if self.relation == "repeated" and self.least_figures < 1:
            raise ValueError("a rule of relation repeated needs least_figures")
        if self.mend_vi is None:
            raise ValueError("mend_vi and mend_en are needed: there is no text of a kind")
        return self


@lru_cache(maxsize=2)
def between_rules(path: Path = BETWEEN_FILE) -> tuple[BetweenRule, ...]:
    """Every rule over several submissions.

    Raises:
        DefinitionError: an entry does not fit the schema; file and line are told.
    """
    file = read_yaml(path)
    if not isinstance(file.value, list):
        raise DefinitionError([file.problem((), f"{path.name} is a list of rules")])
    return tuple(file.parse(BetweenRule, (index,)) for index in range(len(file.value)))


def problems_of_between(catalogue: Catalogue, forms: frozenset[str], path: Path = BETWEEN_FILE) -> list[Problem]:
    """What the rules name that does not exist, with file and line."""
    try:
        rules, file = between_rules(path), read_yaml(path)
    except DefinitionError as error:
        return error.problems
    found = []
    for index, rule in enumerate(rules):
        for name, side in (("left", rule.left), ("right", rule.right)):
            where = (index, name)
            found += [
                file.problem((*where, "forms"), f'there is no form "{form}"')
                for form in side.forms
                if form not in forms
            ]
            for number, term in enumerate(side.terms):
                here = (*where, "terms", number)
                indicator = catalogue.indicators.get(term.indicator)
                if indicator is None:
                    found.append(file.problem(here, f'there is no indicator "{term.indicator}" in indicators.csv'))
                    continue
                for key, code in term.breakdown.items():
                    if key not in indicator.breakdown_lists:
                        found.append(file.problem(here, f"{term.indicator} is not broken down by {key}"))
                    elif code not in catalogue.code_lists.get(key, ()):
                        found.append(file.problem(here, f'"{code}" is not in the list "{key}"'))
    return found
