"""Checks the register of rules against its schemas and the catalogue (`ansinh forms validate`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import BaseModel, ConfigDict

from ingest.checks.between import BetweenRule, problems_of_between
from ingest.checks.expectations import ExpectationRule
from ingest.core.catalogue import load_catalogue
from ingest.core.catalogue_files import FORMS, RULES
from ingest.core.findings import Rule
from ingest.forms import load_forms
from ingest.forms.schema import FormRule, RuleKind
from ingest.forms.slips import SlipKind
from ingest.forms.yaml_file import DefinitionError, Problem, YamlFile, read_yaml

Model = TypeVar("Model", bound=BaseModel)


class RetiredId(BaseModel):
    """An id that is never given again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    why: str


# Each file of rules, the schema of its entries, and the name of the id.
_FILES: tuple[tuple[str, type[BaseModel], str], ...] = (
    ("findings.yml", Rule, "id"),
    ("every_form.yml", FormRule, "id"),
    ("expectations.yml", ExpectationRule, "rule_id"),
    ("between.yml", BetweenRule, "id"),
    ("retired.yml", RetiredId, "id"),
)
# Texts that every kind has, in both languages.
_BOTH = ("vi", "en")


def validate_rules(folder: Path = RULES, forms_folder: Path = FORMS) -> list[Problem]:
    """Everything wrong with the register; an empty list when it can be used."""
    problems: list[Problem] = []
    seen: dict[str, Path] = {}
    for name, model, id_field in _FILES:
        problems += _entries(folder / name, model, id_field, seen)
    for path in sorted(forms_folder.glob("*/rules.yml")):
        problems += _entries(path, FormRule, "id", seen)
    problems += _texts(folder / "rule_texts.yml", [*get_args(RuleKind), "suspect", "others", "also", "pattern"])
    problems += _texts(folder / "slip_texts.yml", list(get_args(SlipKind)))
    if not problems:
        problems += problems_of_between(load_catalogue(), frozenset(load_forms()), folder / "between.yml")
    return problems


def _entries(path: Path, model: type[Model], id_field: str, seen: dict[str, Path]) -> Iterator[Problem]:
    try:
        file = read_yaml(path)
    except DefinitionError as error:
        yield from error.problems
        return
    if not isinstance(file.value, list):
        yield file.problem((), f"{path.name} is a list of rules")
        return
    for index in range(len(file.value)):
        yield from _entry(file, index, model, id_field, seen)


def _entry(file: YamlFile, index: int, model: type[Model], id_field: str, seen: dict[str, Path]) -> Iterator[Problem]:
    try:
        rule = file.parse(model, (index,))
    except DefinitionError as error:
        yield from error.problems
        return
    rule_id = str(getattr(rule, id_field))
    if rule_id in seen:
        yield file.problem((index, id_field), f"rule id {rule_id} is used twice, first in {seen[rule_id].name}")
    seen.setdefault(rule_id, file.path)


def _texts(path: Path, kinds: list[str]) -> Iterator[Problem]:
    try:
        file = read_yaml(path)
    except DefinitionError as error:
        yield from error.problems
        return
    for kind in kinds:
        said = file.value.get(kind)
        if not isinstance(said, dict):
            yield file.problem((), f'there is no text for "{kind}"')
            continue
        for language in _BOTH:
            if not said.get(language):
                yield file.problem((kind,), f'"{kind}" says nothing in {language}')
