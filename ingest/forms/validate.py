"""Checks every form against the schema and the catalogue: file and line of each problem (`ansinh forms validate`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ingest.core.catalogue import Catalogue, load_catalogue
from ingest.core.catalogue_files import FORMS
from ingest.core.model import breakdown_key
from ingest.forms import rules_of, version_files
from ingest.forms.layout import TOTAL
from ingest.forms.schema import CategoryRows, ColumnNode, Facets, FormHead, FormRule, Row, RowNode, Table, Version
from ingest.forms.yaml_file import DefinitionError, Location, Problem, YamlFile, read_yaml


def validate_forms(folder: Path = FORMS, catalogue: Catalogue | None = None) -> list[Problem]:
    """Everything wrong with the forms in a folder; an empty list when they can be used."""
    catalogue = catalogue or load_catalogue()
    problems: list[Problem] = []
    rule_ids: Counter[str] = Counter()
    for path in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(("_", "."))):
        if not (path / "form.yml").exists():
            problems.append(Problem(path / "form.yml", 1, "is missing: each form has one"))
            continue
        problems += _validate_form(path, catalogue, rule_ids)
    return problems


def _validate_form(folder: Path, catalogue: Catalogue, rule_ids: Counter[str]) -> list[Problem]:
    problems: list[Problem] = []
    layout = "own"
    try:
        head = read_yaml(folder / "form.yml")
        problems += _head_problems(head, folder.name, catalogue)
        layout = head.parse(FormHead).layout
    except DefinitionError as error:
        problems += error.problems
    versions: list[Version] = []
    for path in version_files(folder):
        try:
            file = read_yaml(path)
            version = file.parse(Version)
        except DefinitionError as error:
            problems += error.problems
            continue
        problems += _version_problems(file, version, catalogue)
        if versions and version.valid_from < versions[-1].valid_to:
            problems.append(file.problem(("valid_from",), f"overlaps with {versions[-1].version}; end that one first"))
        problems += _layout_problems(file, version, layout)
        versions.append(version)
    problems += _basis_problems(head, versions) if not problems else ()
    if not versions and not problems:
        problems.append(Problem(folder / "v01.yml", 1, "is missing: each form has at least one version"))
    if (folder / "rules.yml").exists():
        try:
            file = read_yaml(folder / "rules.yml")
            rules = rules_of(file)
            # Of a version that can't be read the keys are not known.
            problems += _rule_problems(file, rules, versions, rule_ids, catalogue) if not problems else ()
        except DefinitionError as error:
            problems += error.problems
    return problems


def _head_problems(file: YamlFile, folder_name: str, catalogue: Catalogue) -> Iterator[Problem]:
    head = file.parse(FormHead)
    if head.code != folder_name:
        yield file.problem(("code",), f'"{head.code}" is not the folder\'s name "{folder_name}"')
    if head.domain not in catalogue.code_lists["domain"]:
        yield file.problem(("domain",), f'"{head.domain}" is not in the list "domain" of codelists.csv')
    for index, rule in enumerate(head.due):
        if rule.period not in head.frequency:
            yield file.problem(("due", index, "period"), f'the form is not asked for by "{rule.period}"')
    for kind in head.frequency:
        if kind not in {rule.period for rule in head.due}:
            yield file.problem(("frequency",), f'no due rule for "{kind}"')


def _basis_problems(file: YamlFile, versions: list[Version]) -> Iterator[Problem]:
    """On every day on which a form is used it rests on some act."""
    head = file.parse(FormHead)
    changes = {day for basis in head.legal_basis for day in (basis.valid_from, basis.valid_to)}
    for version in versions:
        for day in sorted({version.valid_from, *changes}):
            if version.is_valid_on(day) and not head.acts_on(day):
                yield file.problem(("legal_basis",), f"there is no act on which {version.version} rests on {day}")


def _layout_problems(file: YamlFile, version: Version, layout: str) -> Iterator[Problem]:
    """An official table names the number that it has in its regulation; without one it is the project's own."""
    for index, table in enumerate(version.tables):
        if (table.layout or layout) == "official" and not table.official_code:
            yield file.problem(("tables", index), f'"{table.code}": an official table names its official_code')


def _version_problems(file: YamlFile, version: Version, catalogue: Catalogue) -> Iterator[Problem]:
    if version.version != file.path.stem:
        yield file.problem(("version",), f'"{version.version}" is not the file\'s name "{file.path.stem}"')
    tables: Counter[str] = Counter()
    unit_columns: Counter[str] = Counter()
    category_rows: Counter[str] = Counter()
    for index, table in enumerate(version.tables):
        here: Location = ("tables", index)
        tables[table.code] += 1
        if tables[table.code] > 1:
            yield file.problem((*here, "code"), f'table "{table.code}" stands twice')
        yield from _facet_problems(file, here, table, catalogue)
        keys = unit_columns if table.has_unit_rows else Counter[str]()
        for location, column in _column_nodes(table.columns, (*here, "columns")):
            yield from _facet_problems(file, location, column, catalogue)
            if column.key:
                keys[column.key] += 1
                if keys[column.key] > 1:
                    yield file.problem((*location, "key"), f'column "{column.key}" stands twice')
        if isinstance(table.rows, CategoryRows):
            column_keys = {column.key for column in table.leaves}
            for location, row in _row_nodes(table.rows.rows, (*here, "rows", "rows")):
                yield from _facet_problems(file, location, row, catalogue)
                for name, special in row.cells.items():
                    if name not in column_keys:
                        yield file.problem((*location, "cells", name), f'there is no column "{name}"')
                    elif special is not None:
                        yield from _facet_problems(file, (*location, "cells", name), special, catalogue)
                if row.key:
                    category_rows[row.key] += 1
                    if category_rows[row.key] > 1:
                        yield file.problem((*location, "key"), f'row "{row.key}" stands twice')
        else:
            for number, line in enumerate(table.rows.lines):
                yield from _facet_problems(file, (*here, "rows", "lines", number), line, catalogue)
        yield from _cell_problems(file, table, here, catalogue)


def _column_nodes(nodes: tuple[ColumnNode, ...], location: Location) -> Iterator[tuple[Location, ColumnNode]]:
    for index, node in enumerate(nodes):
        yield (*location, index), node
        yield from _column_nodes(node.columns, (*location, index, "columns"))


def _row_nodes(nodes: tuple[RowNode, ...], location: Location) -> Iterator[tuple[Location, RowNode]]:
    for index, node in enumerate(nodes):
        yield (*location, index), node
        yield from _row_nodes(node.rows, (*location, index, "rows"))


def _facet_problems(file: YamlFile, location: Location, facets: Facets, catalogue: Catalogue) -> Iterator[Problem]:
    if facets.indicator and facets.indicator not in catalogue.indicators:
        yield file.problem((*location, "indicator"), f'there is no indicator "{facets.indicator}" in indicators.csv')
    for name, code in facets.breakdown.items():
        if name not in catalogue.code_lists:
            yield file.problem((*location, "breakdown", name), f'there is no list "{name}" in codelists.csv')
        elif code not in catalogue.code_lists[name]:
            yield file.problem((*location, "breakdown", name), f'"{code}" is not in the list "{name}"')


def _cell_problems(file: YamlFile, table: Table, here: Location, catalogue: Catalogue) -> Iterator[Problem]:
    """What only shows where a row and a column meet."""
    rows: list[Row | None] = [row for row in table.row_list if not row.is_heading] or [None]
    lines = {column.key: location for location, column in _column_nodes(table.columns, (*here, "columns"))}
    meanings: dict[str, str] = {}
    for column in table.leaves:
        if column.role != "value":
            continue
        for row in rows:
            facets = table.facets(row, column)
            if facets is None:
                continue
            where = f'row "{row.key}", ' if row else ""
            indicator = catalogue.indicators.get(facets.indicator or "")
            if facets.indicator is None:
                yield file.problem(lines[column.key], f'{where}column "{column.key}": no indicator is given')
            elif indicator is not None:
                meaning = f"{facets.indicator} {breakdown_key(facets.breakdown)} {facets.measure} {facets.accumulation}"
                cell = f'{where}column "{column.key}"'
                if meaning in meanings:
                    yield file.problem(lines[column.key], f"{cell} means the same as {meanings[meaning]}")
                meanings[meaning] = cell
                extra = sorted(set(facets.breakdown) - set(indicator.breakdown_lists))
                if extra:
                    text = f'{where}column "{column.key}": {indicator.code} is not broken down by {", ".join(extra)}'
                    yield file.problem(lines[column.key], text)


def _rule_problems(
    file: YamlFile, rules: list[FormRule], versions: list[Version], rule_ids: Counter[str], catalogue: Catalogue
) -> Iterator[Problem]:
    columns = {c.key for v in versions for t in v.tables for c in t.leaves}
    rows = {r.key for v in versions for t in v.tables for r in t.row_list if r.key}
    for index, rule in enumerate(rules):
        rule_ids[rule.id] += 1
        if rule_ids[rule.id] > 1:
            yield file.problem((index, "id"), f"rule id {rule.id} is used twice")
        known, kind = (rows, "row") if rule.along == "rows" else (columns, "column")
        for key in rule.keys:
            if key not in known:
                yield file.problem((index,), f'{rule.id}: there is no {kind} "{key}" in any version')
        for key in rule.columns:
            if key not in columns:
                yield file.problem((index, "columns"), f'{rule.id}: there is no column "{key}" in any version')
        for key in (*rule.except_rows, *(row for rates in rule.rates for row in rates.rows)):
            if key not in rows:
                yield file.problem((index,), f'{rule.id}: there is no row "{key}" in any version')
        for row, column in rule.cells:
            if column not in columns or (row not in rows and row.split("/")[0] != TOTAL):
                yield file.problem((index,), f'{rule.id}: there is no cell "{row}.{column}" in any version')
        yield from _rate_problems(file, index, rule, catalogue)
    if versions and any(v.tables for v in versions) and not any(rule.kind == "count" for rule in rules):
        yield file.problem((), "every form has a rule of kind count: nothing else looks for fractions and minus signs")


def _rate_problems(file: YamlFile, index: int, rule: FormRule, catalogue: Catalogue) -> Iterator[Problem]:
    known = {(rate.rate_code, rate.category_code) for rate in catalogue.rates}
    codes = {code for code, _ in known}
    for number, entry in enumerate(rule.rates):
        here: Location = (index, "rates", number)
        for code in filter(None, (entry.rate, entry.times, entry.in_proportion_to)):
            if code not in codes:
                yield file.problem(here, f'{rule.id}: there is no rate "{code}" in rates.csv')
        for name in (*entry.categories, *entry.plus):
            begins = name.removesuffix("*")
            if not any(
                code == entry.rate and (c.startswith(begins) if "*" in name else c == name) for code, c in known
            ):
                yield file.problem(here, f'{rule.id}: the rate "{entry.rate}" has no category "{name}"')
        if not entry.categories and entry.category_list not in catalogue.code_lists:
            yield file.problem(here, f"{rule.id}: a rate names categories, or a code list of its rows")
