"""Which row of a form each row of a sheet is: units by their names in every spelling, categories by labels."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from ingest.core.catalogue import Catalogue, Unit, UnitMatch, unit_name_key
from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.forms.layout import LaidOutTable, TableRow
from ingest.forms.schema import Row
from ingest.readers.spreadsheet.cells import cell_text, folded, is_total_label, load_vocabulary, read_cell
from ingest.readers.spreadsheet.labels import label_key, nearest
from ingest.readers.spreadsheet.open_book import Sheet
from ingest.readers.spreadsheet.tables import Block

# `1.`, `2)`, `III.`, `- ` before a unit's name; letters are left alone, since `P.` and `X.` are kinds.
_ROW_NUMBER = re.compile(r"^(?:(?:\d{1,3}|[ivx]{1,5})\s*[.)/:]\s*|[-+*•–—]\s*)+(?=\S)")
# A unit's code before its name: `24670 Xã Đắk Lao`, `24670 - Xã Đắk Lao`.
_CODE_BEFORE = re.compile(r"^\d{2,5}\s*[-–:.]?\s+(?=[a-z])")
# What stands behind a name in brackets, or is said of it: `(12 thôn)`, `(huyện Đắk Mil)`, `- huyện Đắk Mil`.
_BEHIND = re.compile(r"\s*(?:\((?P<aside>[^()]*)\)?|[-–,;]\s*(?P<within>(?:huyen|thi xa|thanh pho|tp|quan|tinh)\b.*))$")
_PLACE_ABOVE = re.compile(r"(?:thuoc )?(?P<kind>huyen|thi xa|thanh pho|tp\.?|quan|tinh)\s+(?P<name>.+)")

# "Cộng cụm 1", "Tổng số khu vực thành thị": what is summed follows.
_SUM_OF = re.compile(r"^(?:(?:tong|cong|so|tc)\b[ :.]*)+")

# Letters in which names may differ and still be worth naming as like each other.
_RESEMBLING = 4

# Rows of unknown units that get a finding each; the rest share one.
_SAID_ONE_BY_ONE = 50
_MANY_NAMES = 20_000


@dataclass
class RowsFound:
    """The form's rows by the sheet's rows, and what was noticed on the way."""

    rows: dict[int, TableRow] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    row_of: dict[str, int] = field(default_factory=dict)


@lru_cache(maxsize=1_024)
def unit_names(reporting: Unit, day: date, catalogue: Catalogue) -> UnitNames:
    """The names that the rows of a unit's tables may bear on a day: of the units below it, else its own."""
    return UnitNames(reporting, catalogue.children_of(reporting, day) or [reporting], day, catalogue)


class UnitNames:
    """The units that a table's rows may name, found in any spelling."""

    def __init__(self, reporting: Unit, units: list[Unit], day: date, catalogue: Catalogue) -> None:
        self.reporting, self.day, self.catalogue, self.units = reporting, day, catalogue, units
        self._units = frozenset(units)
        self._known: dict[str, UnitMatch] = {}
        self._expected: dict[str, bool] = {}

    @cached_property
    def _by_full_name(self) -> Mapping[str, Unit]:
        return {folded(unit.name): unit for unit in self.units}

    @cached_property
    def _by_letters(self) -> Mapping[str, list[Unit]]:
        """Units by the letters of their names alone: `Đắk R'La` is also written `Đắk Rla`."""
        found: dict[str, list[Unit]] = {}
        for unit in self.units:
            found.setdefault(unit_name_key(unit.name).replace(" ", ""), []).append(unit)
        return found

    @cached_property
    def _by_short_name(self) -> Mapping[str, list[Unit]]:
        found: dict[str, list[Unit]] = {}
        for unit in self.units:
            found.setdefault(unit_name_key(unit.name), []).append(unit)
        return found

    def is_expected(self, name: str) -> bool:
        """Whether a label is the total's or names a unit without typing errors."""
        if name not in self._expected:
            if len(self._expected) > _MANY_NAMES:
                self._expected.clear()
            plain = _ROW_NUMBER.sub("", folded(name))
            is_plain = plain in self._by_full_name or unit_name_key(plain) in self._by_short_name
            self._expected[name] = is_plain or self.is_total(name)
        return self._expected[name]

    @cached_property
    def _by_former_name(self) -> Mapping[str, Unit]:
        return {
            folded(former.name): unit for unit in self.units for former in self.catalogue.former_names(unit, self.day)
        }

    def match(self, name: str) -> UnitMatch:
        """What unit a row's label means."""
        if name not in self._known:
            # A sheet of thousands of names is no table of ten communes: stop looking for typing errors.
            if len(self._known) > _MANY_NAMES:
                return UnitMatch(None, "unknown")
            self._known[name] = self._match(name)
        return self._known[name]

    def _match(self, name: str) -> UnitMatch:
        plain = _ROW_NUMBER.sub("", folded(name))
        match = self._match_plain(plain)
        if match.unit is None and match.how != "ambiguous" and (bare := self._without_asides(plain)) not in ("", plain):
            return self._match_plain(bare)
        return match

    def _without_asides(self, plain: str) -> str:
        """A name without the code before it and what is said behind it; empty where that is another place."""
        bare = _CODE_BEFORE.sub("", plain)
        behind = _BEHIND.search(bare)
        if behind is not None and behind.start():
            said = _PLACE_ABOVE.fullmatch((behind["aside"] or behind["within"] or "").strip(" .:"))
            if said is not None and unit_name_key(said["name"]) not in self._places_above:
                return ""
            bare = bare[: behind.start()]
        return bare.strip(" .:-–")

    @cached_property
    def _places_above(self) -> frozenset[str]:
        """The names of the reporting unit and those above it, and of the districts that its communes lay in."""
        found: set[str] = set()
        current: Unit | None = self.reporting
        while current is not None:
            found.add(unit_name_key(current.name))
            current = self.catalogue.parent_of(current, self.day)
        former = (old for unit in self.units for old in self.catalogue.former_names(unit, self.day))
        found |= {unit_name_key(parent.name) for old in former if (parent := self._former_parent(old)) is not None}
        return frozenset(found)

    def _former_parent(self, old: Unit) -> Unit | None:
        day = old.valid_to - timedelta(days=1) if old.valid_to < date.max else self.day
        return self.catalogue.parent_of(old, day)

    def _match_plain(self, plain: str) -> UnitMatch:
        exact = self._by_full_name.get(plain)
        if exact is not None:
            return UnitMatch(exact, "exact")
        short = unit_name_key(plain)
        known = self._by_short_name.get(short) or self._by_letters.get(short.replace(" ", "")) or []
        named = [unit for unit in known if _same_kind(plain, unit)]
        if len(named) == 1:
            return UnitMatch(named[0], "folded")
        if named:
            return UnitMatch(None, "ambiguous", tuple(named))
        alias = [unit for unit in self.catalogue.units_named(plain, self.day) if unit in self._units]
        if len(alias) == 1:
            return UnitMatch(alias[0], "alias")
        if plain in self._by_former_name:
            return UnitMatch(self._by_former_name[plain], "renamed")
        return self._mistyped(plain)

    def _mistyped(self, plain: str) -> UnitMatch:
        """The unit whose name differs by a typing error; none when two are equally near."""
        scored = sorted(((OSA.distance(plain, name), unit) for name, unit in self._by_full_name.items()), key=_by_score)
        near = tuple(unit for distance, unit in scored if distance <= _RESEMBLING)[:3]
        if not near or scored[0][0] > _typing_errors(plain) or not _same_kind(plain, near[0]):
            return UnitMatch(None, "unknown", near)
        if self._is_elsewhere(plain):
            return UnitMatch(None, "unknown", near)
        if len(scored) > 1 and scored[0][0] == scored[1][0]:
            return UnitMatch(None, "ambiguous", near)
        return UnitMatch(scored[0][1], "fuzzy", near)

    def _is_elsewhere(self, plain: str) -> bool:
        """Whether a name is borne by a unit of the same province that the table is not about."""
        province = self.catalogue.province_of(self.reporting, self.day)
        others = self.catalogue.units_named(plain, self.day, self.units[0].level)
        return any(self.catalogue.province_of(unit, self.day) == province for unit in others)

    def explain(self, name: str) -> UnitMatch:
        """What is known about a name that is none of the units': a former unit, or the nearest names."""
        within = self.reporting if self.units != [self.reporting] else None
        found = self.catalogue.find_unit(_ROW_NUMBER.sub("", folded(name)), self.day, within=within)
        former = [
            unit for unit in found.nearest if unit.parent_code in (self.reporting.code, self.reporting.parent_code)
        ]
        if found.how == "former" and former:
            heirs = [heir for unit in former for heir in self.catalogue.successors_of(unit, self.day)]
            return UnitMatch(None, "former", tuple(dict.fromkeys(heirs or former)))
        return UnitMatch(None, "unknown", self.match(name).nearest)

    def is_aside(self, name: str) -> bool:
        """Whether a label is that of a row that details a unit or sums some of them.

        "Trong đó: …", "- Thôn 2", "Khu vực nông thôn": no unit of the table, and no mistake either.
        """
        words = load_vocabulary()
        plain = _ROW_NUMBER.sub("", folded(name)).strip(" :.")
        summed = _SUM_OF.sub("", plain)
        if plain in words.subtotal_labels or summed in words.subtotal_labels:
            return True
        if summed != plain and f"{summed} ".startswith(words.places_within):
            return True
        if any(plain.startswith(among) and not plain[len(among) :][:1].isalpha() for among in words.among_labels):
            return True
        return plain.startswith(words.places_within)

    def sums_some(self, name: str) -> bool:
        """Whether a label says that its row is a sum, whatever of: "Cộng các xã phía Bắc", "Cộng mục I"."""
        plain = _ROW_NUMBER.sub("", folded(name)).strip(" :.")
        return _SUM_OF.sub("", plain) != plain

    def is_total(self, name: str) -> bool:
        """Whether a label is that of the row that sums the units."""
        if is_total_label(folded(name)):
            return True
        words = label_key(name).split()
        for total in load_vocabulary().total_labels:
            length = total.count(" ") + 1
            # "Tổng cộng (10 xã)", "Cộng toàn huyện Đắk Mil", but not "Tổng số hộ tái nghèo".
            if " ".join(words[:length]) == total and all(w in self._beside_total or len(w) < 3 for w in words[length:]):
                return True
        return self.units != [self.reporting] and folded(name) in (folded(self.reporting.name), folded(f"Toàn {name}"))

    @cached_property
    def _beside_total(self) -> frozenset[str]:
        own = folded(f"{self.reporting.name} {self.units[0].kind} nam {self.day.year}")
        kinds = "toan cac chung dia ban don vi huyen tinh quan thanh pho xa phuong thi tran dac khu cong"
        return frozenset([*own.split(), *kinds.split(), *label_key(own).split()])


def _by_score(scored: tuple[int, Unit]) -> int:
    return scored[0]


def _typing_errors(name: str) -> int:
    """How many letters of a name may be wrong for it to be a typing error and no other name."""
    return 1 if len(name) <= 12 else 2


def _same_kind(plain: str, unit: Unit) -> bool:
    """Whether a written kind (`xã`, `thị trấn`), if there is one, does not name another kind than the unit's."""
    kinds = ("xa ", "phuong ", "thi tran ", "dac khu ", "huyen ", "quan ", "thi xa ", "thanh pho ")
    written = next((kind for kind in kinds if plain.startswith(kind)), None)
    return written is None or folded(unit.name).startswith(written)


def find_unit_rows(block: Block, laid_out: LaidOutTable, names: UnitNames) -> RowsFound:
    """The units' rows and the total below a heading block."""
    sheet, found = block.sheet, RowsFound()
    first = block.bottom + 1
    rows = range(first, block.last_row)
    label_column = _unit_column(block, rows, names)
    line_column = _line_column(block, rows) if block.labels.table.row_list else None
    by_key = {row.key: row for row in laid_out.rows}
    total = {row.line.key if row.line else "": row for row in laid_out.total_rows}
    taken = _units_named(block, rows, label_column, line_column, names)
    unknown: list[tuple[int, str]] = []
    current: Unit | str | None = None
    value_columns = _value_columns(block)
    for row in rows:
        if row <= first + 1 and _is_numbering_row(sheet, row, block):
            continue
        label = _label_at(sheet, row, label_column, min(block.columns))
        line = _line_at(block, row, line_column)
        if label:
            line_taken = taken[line.key if line else ""]
            is_total = names.is_total(label) and not names.is_aside(label)
            current = "total" if is_total else _unit_of(label, names, line_taken)
            if current is None and (names.is_aside(label) or names.sums_some(label)):
                current = "aside"
        has_figures = _has_figures(sheet, row, value_columns)
        if not label and not has_figures:
            if line is None:
                current = None
            continue
        if line_column is not None and line is None and has_figures:
            if _is_below(block, row, found.rows):
                found.findings.append(finding("WB-041", sheet.ref(row, label_column), label=label))
            else:
                found.findings.append(finding("WB-013", sheet.ref(row, line_column), label=label, nearest=""))
            continue
        if not label and (line_column is None or current is None):
            found.findings.append(finding("WB-014", sheet.ref(row, min(block.columns))))
            continue
        line_key = line.key if line else ""
        if current == "total":
            matched = total.get(line_key) or _own_total(laid_out, line_key)
        elif isinstance(current, Unit):
            matched = by_key.get(f"{current.code}/{line_key}" if line_key else current.code)
        else:
            matched = None
        if matched is None:
            if has_figures and current == "aside":
                if label:
                    found.findings.append(finding("WB-036", sheet.ref(row, label_column), label=label))
            elif has_figures:
                unknown.append((row, label))
            continue
        how = names.match(label).how if label and isinstance(current, Unit) else ""
        rule = {"fuzzy": "WB-019", "ambiguous": "WB-024", "renamed": "WB-033"}.get(how)
        if rule is not None:
            found.findings.append(finding(rule, sheet.ref(row, label_column), label=label, unit=matched.label))
        _add(found, block, row, matched, has_figures)
    below = [row for row, _ in unknown if _is_below(block, row, found.rows)]
    found.findings += [finding("WB-041", sheet.ref(r, label_column), label=label) for r, label in unknown if r in below]
    unknown = [(row, label) for row, label in unknown if row not in below]
    found.findings += [
        _unknown_unit(sheet, row, label_column, label, names) for row, label in unknown[:_SAID_ONE_BY_ONE]
    ]
    if len(unknown) > _SAID_ONE_BY_ONE:
        left = unknown[_SAID_ONE_BY_ONE:]
        at = sheet.ref(left[0][0], label_column)
        found.findings.append(finding("WB-032", at, count=len(left), unit=names.reporting.name))
    return found


def _is_below(block: Block, row: int, known: Container[int]) -> bool:
    """Whether a row stands apart below a table and holds a single number, such as a telephone's."""
    values = [column for column, meant in block.columns.items() if meant.role == "value"]
    figures = sum(read_cell(block.sheet.value(row, column)).kind == "number" for column in values)
    if figures > 1 or len(values) <= 2:
        return False
    for other in range(row - 1, block.bottom, -1):
        if other in known:
            return False
        if not any(cell_text(value) for value in block.sheet.rows[other]):
            return not any(later in known for later in range(row, block.last_row))
    return False


def _unit_of(label: str, names: UnitNames, taken: Container[Unit]) -> Unit | None:
    """The unit that a label names; of several equally near ones the only one that no other row names."""
    match = names.match(label)
    if match.how != "ambiguous":
        return match.unit
    left = [unit for unit in match.nearest if unit not in taken]
    return left[0] if len(left) == 1 else None


def _units_named(
    block: Block, rows: range, label_column: int, line_column: int | None, names: UnitNames
) -> Mapping[str, set[Unit]]:
    """The units that some row names beyond doubt, by line."""
    named: dict[str, set[Unit]] = defaultdict(set)
    for row in rows:
        label = _label_at(block.sheet, row, label_column, min(block.columns))
        unit = names.match(label).unit if label else None
        if unit is not None:
            line = _line_at(block, row, line_column)
            named[line.key if line else ""].add(unit)
    return named


def _own_total(laid_out: LaidOutTable, line_key: str) -> TableRow | None:
    """A commune that reports itself may write its only row as the total."""
    rows = [row for row in laid_out.rows if (row.line.key if row.line else "") == line_key]
    return rows[0] if len(rows) == 1 else None


def _unit_column(block: Block, rows: range, names: UnitNames) -> int:
    """The sheet column whose cells name units most often."""
    texts: dict[int, set[str]] = defaultdict(set)
    for row, column, text in block.sheet.texts():
        if rows.start <= row < rows.stop and column not in block.columns:
            texts[column].add(text)
    # Exact look-ups only: a column of notes must not be searched for typing errors.
    counted = {column: sum(map(names.is_expected, found)) for column, found in texts.items()}
    if counted and max(counted.values()) > 0:
        return max(counted, key=lambda column: (counted[column], -column))
    heading = next(
        (c for c, path in block.paths.items() if c not in block.columns and set(path) & _headings(block)), None
    )
    return heading if heading is not None else max(0, min(block.columns) - 1)


def _headings(block: Block) -> set[str]:
    return set(load_vocabulary().unit_headings) | {label_key(block.labels.table.rows.label)}


def _line_column(block: Block, rows: range) -> int | None:
    width = max((len(block.sheet.rows[row]) for row in rows), default=0)
    counted = {
        column: sum(label_key(cell_text(block.sheet.value(row, column))) in block.labels.row_keys for row in rows)
        for column in range(width)
        if column not in block.columns
    }
    best = max(counted, key=lambda column: counted[column], default=None)
    return best if best is not None and counted[best] > 0 else None


def _line_at(block: Block, row: int, column: int | None) -> Row | None:
    if column is None:
        return None
    key = label_key(cell_text(block.sheet.value(row, column)))
    lines = block.labels.row_keys.get(key)
    return lines[0] if lines else None


def _label_at(sheet: Sheet, row: int, column: int, first_value: int) -> str:
    """A row's label: in its column, or where a merge over the numbering moved it."""
    text = sheet.value(row, column)
    if isinstance(text, str) and text.strip():
        return cell_text(text)
    for other in range(min(column, first_value)):
        text = sheet.value(row, other)
        if isinstance(text, str) and len(label_key(text)) > 2:
            return cell_text(text)
    return ""


def _unknown_unit(sheet: Sheet, row: int, column: int, label: str, names: UnitNames) -> Finding:
    match = names.explain(label)
    near = match.nearest or tuple(sorted(names.units, key=lambda u: -_likeness(label, u)))[:3]
    rule = "WB-018" if match.how == "former" else "WB-012"
    return finding(
        rule,
        sheet.ref(row, column),
        label=label,
        unit=names.reporting.name,
        nearest=", ".join(unit.name for unit in near[:3]) or "-",
    )


def _likeness(label: str, unit: Unit) -> float:
    return fuzz.ratio(unit_name_key(label), unit_name_key(unit.name))


def find_category_rows(block: Block, laid_out: LaidOutTable) -> RowsFound:
    """The rows of a table of categories below a heading block.

    A label that stands under several headings ("Dưới 4 tuổi") is told by the row it stands under.
    """
    sheet, found = block.sheet, RowsFound()
    rows = range(block.bottom + 1, block.last_row)
    label_column = _category_column(block, rows)
    expected = {row.line: row for row in laid_out.rows if row.line is not None}
    order = {line: index for index, line in enumerate(expected)}
    used: set[Row] = set()
    above: list[Row] = []
    value_columns, first_column = _value_columns(block), min(block.columns)
    for row in rows:
        if row <= block.bottom + 2 and _is_numbering_row(sheet, row, block):
            continue
        label = _label_at(sheet, row, label_column, first_column)
        has_figures = _has_figures(sheet, row, value_columns)
        if not label:
            if has_figures:
                found.findings.append(finding("WB-014", sheet.ref(row, min(block.columns))))
            continue
        line = _category(label_key(label), block, above, used, order)
        if line is None:
            if has_figures and folded(label).startswith(tuple(load_vocabulary().among_labels)):
                found.findings.append(finding("WB-036", sheet.ref(row, label_column), label=label))
            elif has_figures and _is_below(block, row, found.rows):
                found.findings.append(finding("WB-041", sheet.ref(row, label_column), label=label))
            elif has_figures:
                near = nearest(label_key(label), [line.label for line in expected])
                found.findings.append(
                    finding("WB-013", sheet.ref(row, label_column), label=label, nearest=", ".join(near))
                )
            continue
        del above[line.depth :]
        above.append(line)
        used.add(line)
        if not line.is_heading:
            _add(found, block, row, expected[line], has_figures)
    return found


def _category(key: str, block: Block, above: list[Row], used: set[Row], order: Mapping[Row, int]) -> Row | None:
    by_key = block.labels.row_keys
    candidates = by_key.get(key)
    if candidates is None:
        meant = block.labels.row_meant(key) if len(key) > 3 else None
        candidates = by_key[meant] if meant is not None else []
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    keys_above = {row.key or row.label for row in above}
    here = [line for line in candidates if line.parent in keys_above and line not in used]
    left = here or [line for line in candidates if line not in used]
    # Of those under the nearest heading above; else the next one in the form's own order.
    left.sort(key=lambda line: (-max((r.depth for r in above if r.key == line.parent), default=-1), order[line]))
    return left[0] if left else candidates[0]


def _category_column(block: Block, rows: range) -> int:
    counted: Counter[int] = Counter()
    for row, column, text in block.sheet.texts():
        if rows.start <= row < rows.stop and column not in block.columns and label_key(text) in block.labels.row_keys:
            counted[column] += 1
    if counted:
        return max(counted, key=lambda column: (counted[column], -column))
    return max(0, min(block.columns) - 1)


def _add(found: RowsFound, block: Block, row: int, matched: TableRow, has_figures: bool) -> None:
    before = found.row_of.get(matched.key)
    if before is None:
        found.rows[row] = matched
        found.row_of[matched.key] = row
    elif not _has_figures(block.sheet, before, _value_columns(block)):
        del found.rows[before]
        found.rows[row] = matched
        found.row_of[matched.key] = row
    elif has_figures:
        column = min(block.columns)
        is_alike = matched.is_total and _same_figures(block, before, row)
        found.findings.append(
            finding(
                "WB-061" if is_alike else "WB-017",
                block.sheet.ref(row, column),
                refs=(block.sheet.ref(before, column),),
                label=matched.label,
                first=before + 1,
            )
        )


def _same_figures(block: Block, one: int, other: int) -> bool:
    """Whether two rows hold the same in every column of figures."""
    pairs = ((cell_text(block.sheet.value(row, c)) for row in (one, other)) for c in _value_columns(block))
    return all(left == right for left, right in pairs)


def _value_columns(block: Block) -> list[int]:
    return [column for column, meant in block.columns.items() if meant.role == "value"]


def _has_figures(sheet: Sheet, row: int, value_columns: Sequence[int]) -> bool:
    values = sheet.rows[row]
    for column in value_columns:
        value = values[column] if column < len(values) else ""
        if isinstance(value, float) or (value != "" and read_cell(value).kind in ("number", "boolean", "date")):
            return True
        if (row, column) in sheet.errors or (row, column) in sheet.uncalculated:
            return True
    return False


_COLUMN_NUMBER = re.compile(r"[(\[]?(?P<number>\d{1,2}(?:\.\d{1,2}){0,2})[)\]]?\s*(?:=.*)?")


def _is_numbering_row(sheet: Sheet, row: int, block: Block) -> bool:
    """The row of column numbers below a heading: `A B 1 2 3`, `(1) (2) (3)=(1)+(2)`; one of the first two rows."""
    numbers: list[tuple[int, ...]] = []
    is_gapless = True
    for column in sorted(block.columns):
        text = cell_text(sheet.value(row, column))
        match = _COLUMN_NUMBER.fullmatch(text.strip())
        if text and match is None:
            return False
        is_gapless = is_gapless and match is not None
        if match is not None:
            numbers.append(tuple(map(int, match["number"].split("."))))
    label = cell_text(sheet.value(row, max(0, min(block.columns) - 1))).strip("()[] ")
    if not numbers or len(label) > 2:
        return False
    # Letters number the columns of labels: then the numbers need no order, for columns may have been moved.
    is_lettered = len(label) == 1 and label.isalpha()
    is_distinct = len(set(numbers)) == len(numbers)
    if is_lettered and is_distinct and len(numbers) > 1:
        return True
    # Every column in turn, whatever columns were put between them.
    is_rising = all(a < b for a, b in pairwise(numbers))
    return is_rising and is_gapless and all(len(number) == 1 for number in numbers)
