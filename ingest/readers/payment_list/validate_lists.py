"""Checks every payment list's definition: each problem with its file and line (`ansinh forms validate`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from ingest.core.catalogue import Catalogue, load_catalogue
from ingest.core.catalogue_files import FORMS
from ingest.forms.schema import ColumnNode
from ingest.forms.yaml_file import DefinitionError, Location, Problem, YamlFile, read_yaml
from ingest.readers.payment_list.list_schema import REQUIRED_COLUMNS, ColumnKey, ListVersion, list_files
from ingest.readers.spreadsheet.labels import label_key


def validate_lists(folder: Path = FORMS, catalogue: Catalogue | None = None) -> list[Problem]:
    """Everything wrong with the lists' definitions; an empty list when they can be used."""
    catalogue = catalogue or load_catalogue()
    problems: list[Problem] = []
    for path in list_files(folder):
        try:
            file = read_yaml(path)
            layout = file.parse(ListVersion)
        except DefinitionError as error:
            problems += error.problems
            continue
        if not path.with_name(f"{path.name.split('.')[0]}.yml").exists():
            problems.append(file.problem((), "has no version file beside it that says when it is valid"))
        problems += _column_problems(file, layout)
        problems += _category_problems(file, layout, catalogue)
        problems += _rate_problems(file, layout, catalogue)
        problems += _figure_problems(file, layout, catalogue)
    return problems


def _column_problems(file: YamlFile, layout: ListVersion) -> Iterator[Problem]:
    keys = set()
    for location, column in _columns(layout.columns, ("columns",)):
        keys.add(column.key)
        if column.key not in get_args(ColumnKey):
            yield file.problem((*location, "key"), f'no reader for a column "{column.key}"')
        if column.optional == (column.key in REQUIRED_COLUMNS):
            yield file.problem(location, f'column "{column.key}" is {"" if column.optional else "not "}required')
    for key in REQUIRED_COLUMNS:
        if key not in keys:
            yield file.problem(("columns",), f'the column "{key}" is missing')


def _columns(nodes: tuple[ColumnNode, ...], location: Location) -> Iterator[tuple[Location, ColumnNode]]:
    for index, node in enumerate(nodes):
        if node.key:
            yield (*location, index), node
        yield from _columns(node.columns, (*location, index, "columns"))


def _category_problems(file: YamlFile, layout: ListVersion, catalogue: Catalogue) -> Iterator[Problem]:
    codes = catalogue.code_lists.get(layout.category_list)
    if codes is None:
        yield file.problem(("category_list",), f'there is no list "{layout.category_list}" in codelists.csv')
        return
    meaning: dict[str, str] = {}
    for code, category in layout.categories.items():
        if code not in codes:
            yield file.problem(("categories", code), f'"{code}" is not in the list "{layout.category_list}"')
        for word in category.words:
            other = meaning.setdefault(label_key(word), code)
            if other != code:
                yield file.problem(("categories", code), f'"{word}" also stands for "{other}"')
    for index, code in enumerate(layout.added_to_others):
        if code not in layout.categories:
            yield file.problem(("added_to_others", index), f'"{code}" is not a category of this list')


def _rate_problems(file: YamlFile, layout: ListVersion, catalogue: Catalogue) -> Iterator[Problem]:
    known: dict[str, set[str]] = {}
    for rate in catalogue.rates:
        known.setdefault(rate.rate_code, set()).add(rate.category_code)
    for index, rule in enumerate(layout.rates):
        here: Location = ("rates", index)
        for name, code in (("rate", rule.rate), ("times", rule.times)):
            if code is not None and code not in known:
                yield file.problem((*here, name), f'there is no rate "{code}" in rates.csv')
        if rule.category is not None and rule.category not in layout.categories:
            yield file.problem((*here, "category"), f'"{rule.category}" is not a category of this list')
        if rule.rate_category is not None:
            first, last = rule.injury_pct or (0, 0)
            for share in (first, last):
                code = rule.rate_category.format(injury_pct=share)
                if code not in known.get(rule.rate, ()):
                    yield file.problem((*here, "rate_category"), f'"{rule.rate}" has no category "{code}" in rates.csv')
    if layout.coefficient_of is not None and layout.coefficient_of not in known:
        yield file.problem(("coefficient_of",), f'there is no rate "{layout.coefficient_of}" in rates.csv')


def _figure_problems(file: YamlFile, layout: ListVersion, catalogue: Catalogue) -> Iterator[Problem]:
    for index, figure in enumerate(layout.figures):
        here: Location = ("figures", index)
        indicator = catalogue.indicators.get(figure.indicator)
        if indicator is None:
            yield file.problem((*here, "indicator"), f'there is no indicator "{figure.indicator}" in indicators.csv')
            continue
        for name, code in figure.breakdown.items():
            if code not in catalogue.code_lists.get(name, {}):
                yield file.problem((*here, "breakdown", name), f'"{code}" is not in the list "{name}"')
        named = {layout.category_list if group == "category" else group for group in figure.by if group != "whole"}
        extra = sorted((named | set(figure.breakdown)) - set(indicator.breakdown_lists))
        if extra:
            yield file.problem((*here, "by"), f"{indicator.code} is not broken down by {', '.join(extra)}")
