"""The labels of a form's tables, made comparable once: columns with the headings above them, rows, titles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from ingest.forms.schema import Column, Form, Row, Table, Version
from ingest.readers.spreadsheet.labels import best_match, label_key


@dataclass(frozen=True, eq=False)
class TableLabels:
    """A table of a form's version with its labels made comparable."""

    form: Form
    version: Version
    table: Table
    is_derived: bool = False

    @cached_property
    def leaves(self) -> tuple[tuple[Column, tuple[frozenset[str], ...]], ...]:
        """Each column with the keys that each part of its path may have, from the top down; other paths at the end."""
        found = []
        for column in self.table.leaves:
            parts = zip(column.path, column.path_variants, strict=True)
            found.append((column, tuple(frozenset(map(label_key, (label, *others))) for label, others in parts)))
        for column in self.table.leaves:
            found += [(column, tuple(frozenset({label_key(part)}) for part in path)) for path in column.also]
        return tuple(found)

    @property
    def width(self) -> int:
        """How many columns it has."""
        return len(self.table.leaves)

    @cached_property
    def keys(self) -> Mapping[str, frozenset[tuple[int, int]]]:
        """Every key of a column or group, with the columns and levels at which it may stand."""
        found: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for index, (_, path) in enumerate(self.leaves):
            for level, keys in enumerate(path):
                for key in keys:
                    found[key].add((index, level))
        return {key: frozenset(places) for key, places in found.items()}

    @cached_property
    def leaves_of(self) -> Mapping[str, tuple[int, ...]]:
        """The columns that each key of a column's own label may mean."""
        return _by_key((index, path[-1]) for index, (_, path) in enumerate(self.leaves))

    @cached_property
    def named_alone(self) -> Mapping[str, int]:
        """The one column that a key means without the group above it.

        A label that several columns share means the one that is so called in the form; the heading of a
        group that stands for itself means the group's total.
        """
        own = list(enumerate(self.leaves))[: self.width]
        first = _by_key((i, {label_key(column.path[-1])}) for i, (column, _) in own)
        totals = _by_key((i, path[-2]) for i, (_, path) in own if len(path) > 1 and path[-1] & _TOTALS)
        found = {key: columns[0] for key, columns in totals.items() if len(columns) == 1 and key not in self.leaves_of}
        for key, columns in _by_key((i, path[-1]) for i, (_, path) in own).items():
            meant = columns if len(columns) == 1 else first.get(key, ())
            if len(meant) == 1:
                found[key] = meant[0]
        return found

    @cached_property
    def title_keys(self) -> frozenset[str]:
        """The keys of its titles."""
        return frozenset(map(label_key, (self.table.title_vi, *self.table.title_variants)))

    @cached_property
    def title_pairs(self) -> frozenset[tuple[str, str]]:
        """The pairs of neighbouring words in its titles."""
        return frozenset(pair for title in self.title_keys for pair in pairwise(title.split()))

    @property
    def name(self) -> tuple[str, str]:
        """Form and table, whatever the version."""
        return self.form.code, self.table.code

    @property
    def numbers(self) -> frozenset[int]:
        """The number of the official table, if there is one."""
        code = self.table.official_code
        return frozenset({int(code)}) if code.isdigit() else frozenset()

    @cached_property
    def code_key(self) -> str:
        """The table's code as a label."""
        return label_key(self.table.code)

    @cached_property
    def row_keys(self) -> Mapping[str, list[Row]]:
        """The rows of a table of categories, or lines of one of units, by the keys of their labels."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.table.row_list:
            for key in {label_key(label) for label in (row.label, *row.variants)}:
                found[key].append(row)
        return found

    @lru_cache(maxsize=16_384)  # noqa: B019 - tables are made once and stay
    def row_meant(self, key: str) -> str | None:
        """The key of a row that a key with typing errors was meant to be."""
        return best_match(key, self.row_keys)


def _by_key(named: Iterable[tuple[int, Iterable[str]]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = defaultdict(tuple)
    for index, keys in named:
        for key in keys:
            found[key] += (index,)
    return dict(found)


# What the first column of a group is called when it holds the whole group.
_TOTALS = frozenset({"tong so", "tong", "tong cong", "chung"})


def table_labels(forms: Iterable[Form]) -> list[TableLabels]:
    """The labels of every table of every version of the forms."""
    return [labels for form in forms for version in form.versions for labels in labels_of(form, version)]


@lru_cache(maxsize=256)
def labels_of(form: Form, version: Version) -> tuple[TableLabels, ...]:
    """The labels of the tables of a form's version, derived ones last, made comparable once."""
    asked = [TableLabels(form, version, table) for table in version.tables]
    return (*asked, *(TableLabels(form, version, table, is_derived=True) for table in version.derived_tables))
