"""The rows below a list's heading: which are lines, and what the lines say, as arrays and pseudonyms.

Rows are taken in portions. Most are plainly lines and are decoded column by column; the rest (totals,
sections, repeated headings, notes) are looked at one by one. Names, numbers and accounts are hashed within
the portion in which they were read and are not kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest.core.text import fold
from ingest.readers.payment_list.communes import Communes
from ingest.readers.payment_list.field_values import (
    NONE,
    TWELVE,
    TWELVE_RESTORED,
    UNKNOWN,
    Decoder,
    Words,
    account_number,
    account_numbers,
    decode_date,
    decode_dates,
    decode_day,
    decode_money,
    decode_number,
    has_lost_digits,
    hide_personal_counts,
    hide_personal_money,
    identity_digits,
    identity_numbers,
    is_mark,
    load_vocabulary,
    name_key,
    numbers,
    tells_unpaid,
    without_late,
    years,
)
from ingest.readers.payment_list.line_columns import NULL, PaymentLines, escape
from ingest.readers.payment_list.list_lines import (
    BIRTH_BY_SEX,
    BIRTH_PARTS,
    MONEY_COLUMNS,
    NUMBER_COLUMNS,
    SEXES,
    SOMEBODY_COLUMNS,
    Lines,
    RowsRead,
    SumRow,
)
from ingest.readers.payment_list.open_list import ListSheet
from ingest.readers.payment_list.pseudonyms import Pseudonyms
from ingest.readers.payment_list.row_kinds import (
    LEAST_IDENTITY_DIGITS,
    PROPERTIES,
    has_property,
    is_numbering,
    is_place,
    is_somebody,
    is_total,
    may_be_nobody,
    months_named,
)
from ingest.readers.payment_list.same_person import IdentityMarks
from ingest.readers.spreadsheet.cells import cell_text
from ingest.readers.spreadsheet.labels import label_key

PORTION_ROWS = 4_096
# Rows are turned into columns while they are still in the processor's cache.
_TURNED_ROWS = 256


class LineReader:
    """Reads the sheets of one list, one after the other.

    Args:
        communes: those that lines may belong to.
        categories: their words.
        period: the list's month, written into every line.
        default_unit_id: whom a line is about where it names no known commune.
        category_codes: the codes by the positions in `categories`.
        pseudonyms: make the hashes.
        refs: the place of a row of a sheet.
        may_restore: whether the file keeps no leading zeros (see `values.identity_number`).
    """

    def __init__(
        self,
        *,
        communes: Communes,
        categories: Words,
        category_codes: Sequence[str],
        period: str,
        default_unit_id: str,
        pseudonyms: Pseudonyms,
        refs: Callable[[int, int], str],
        may_restore: bool,
    ) -> None:
        words = load_vocabulary()
        self._communes, self._categories, self._pseudonyms = communes, categories, pseudonyms
        self._may_restore, self._refs, self.period = may_restore, refs, period
        self.methods = sorted(set(words.payment_methods.values()))
        self.method_words = Words({word: self.methods.index(code) for word, code in words.payment_methods.items()})
        sexes = {word: SEXES.index(code) for word, code in words.sex.items()}
        self._sex_words = Words(sexes, key=lambda text: fold(text).strip(" ."))
        self._number_decoder, self._date_decoder = Decoder(decode_number), Decoder(decode_date)
        self._money_decoder = Decoder(decode_money)
        same = f"{escape(period)}\t{pseudonyms.key_id}"
        self._unit_texts = [f"{escape(unit.unit_id)}\t{same}" for unit in communes.units]
        self._default_unit_text = f"{escape(default_unit_id)}\t{same}"
        self._category_texts = [escape(code) for code in category_codes]
        self._number_texts = Decoder(lambda number: f"{number:.10g}")
        self._dong_texts = Decoder(lambda number: f"{number:.0f}")
        self._identity_marks = IdentityMarks(pseudonyms)
        self._portions: list[dict[str, NDArray]] = []  # type: ignore[type-arg]
        self.count = 0
        self.rows = RowsRead()
        self.payment_lines = PaymentLines()

    def lines(self) -> Lines:
        """All lines read so far."""
        return Lines(self._portions)

    def read(
        self,
        number: int,
        sheet: ListSheet,
        first_row: int,
        columns: Mapping[str, int],
        heading_keys: Mapping[str, frozenset[str]],
        factors: Mapping[str, float],
        default_unit: int,
    ) -> None:
        """Reads the rows of a sheet below its heading.

        Args:
            number: the sheet's number among the list's.
            sheet: the sheet.
            first_row: its first row (from 0) below the heading.
            columns: the position of each of the list's columns that the sheet has.
            heading_keys: the keys that each column's heading may have, to know a repeated heading.
            factors: what an amount of each money column is multiplied with to be in dong.
            default_unit: the commune whose sheet this is; `NONE` where it is no single one's.
        """
        sheet_reader = _SheetReader(self, number, sheet, columns, heading_keys, factors, default_unit)
        start = first_row
        for by_column in _portions(sheet.rows(first_row), max(columns.values()) + 1):
            sheet_reader.read(by_column, start)
            start += len(by_column[0])
        sheet_reader.finish()

    def add(
        self,
        arrays: dict[str, NDArray],  # type: ignore[type-arg]
        people: list[str],
        identities: list[str],
        accounts: list[str],
    ) -> None:
        """Adds a portion of lines: hashes who they are about and writes the rows for the database."""
        make = self._pseudonyms.digests
        birth_years = years(arrays["birth"]).tolist()
        hashes = [
            make("person", [f"{name}|{year}" for name, year in zip(people, birth_years, strict=True)]),
            make("identity", identities),
            make("account", accounts),
        ]
        arrays["person_code"], arrays["identity_code"], arrays["account_code"] = map(_codes, hashes)
        arrays["identity_parts"] = self._identity_marks.of(identities)
        self._write(arrays, birth_years, hashes)
        self._portions.append(arrays)
        self.count += len(people)

    def _write(
        self,
        arrays: Mapping[str, NDArray],  # type: ignore[type-arg]
        birth_years: list[int],
        hashes: list[list[bytes]],
    ) -> None:
        """Writes the rows of a portion in Postgres' text format."""
        count = len(birth_years)
        refs, sheets = self._refs, arrays["sheet"].tolist()
        units, categories, methods = self._unit_texts, self._category_texts, self.methods
        amounts = {name: np.rint(arrays[name]) for name in ("arrears", "amount")}
        columns: tuple[Iterable[str], ...] = (
            map(str, range(self.count + 1, self.count + count + 1)),
            map(refs, sheets, arrays["row"].tolist()),
            # The unit, and what is the same in every line.
            [units[i] if i >= 0 else self._default_unit_text for i in arrays["unit"].tolist()],
            *([f"\\\\x{digest.hex()}" if digest else NULL for digest in digests] for digests in hashes),
            [str(year) if year else NULL for year in birth_years],
            [SEXES[i] if i >= 0 else NULL for i in arrays["sex"].tolist()],
            [categories[i] if i >= 0 else NULL for i in arrays["category"].tolist()],
            self._texts(arrays["coefficient"], self._number_texts),
            self._texts(arrays["months"], self._number_texts),
            self._texts(amounts["arrears"], self._dong_texts),
            self._texts(amounts["amount"], self._dong_texts),
            [methods[i] if i >= 0 else NULL for i in arrays["method"].tolist()],
        )
        self.payment_lines.add("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n", count)

    @staticmethod
    def _texts(values: NDArray[np.float64], decoder: Decoder) -> list[str]:
        """Numbers as texts; blanks, what is unreadable and what no column can hold as null."""
        fits = np.abs(values) < 1e15
        if fits.all():
            return list(map(decoder.__getitem__, values.tolist()))
        return [decoder[v] if ok else NULL for v, ok in zip(values.tolist(), fits.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that is not plainly a line: its values, those of known columns, and how many lines stand before it."""

    values: list[object]
    cells: Mapping[str, object]
    name: str
    amount: float
    place: int
    lines_before: int

    @property
    def filled(self) -> set[str]:
        """The known columns in which it has something."""
        return {key for key, value in self.cells.items() if value is not None and cell_text(value) != ""}


class _SheetReader:
    """The state of reading one sheet: its columns, and the section that the next lines stand in."""

    def __init__(
        self,
        owner: LineReader,
        number: int,
        sheet: ListSheet,
        columns: Mapping[str, int],
        heading_keys: Mapping[str, frozenset[str]],
        factors: Mapping[str, float],
        default_unit: int,
    ) -> None:
        self._owner, self._number, self._columns, self._heading_keys = owner, number, columns, heading_keys
        self._factors = factors
        self._section_unit, self._section_category = default_unit, NONE
        self._default_unit = default_unit
        self._merged = {key: _FilledDown(sheet, columns[key]) for key in ("commune", "category") if key in columns}
        self._notes: list[tuple[int, int]] = []
        self._last_line = -1

    def read(self, by_column: Sequence[Sequence[object]], start: int) -> None:
        """Reads a portion of rows, given as columns, the first of which is row `start`."""
        count = len(by_column[0])
        self._owner.rows.seen += count
        cells: dict[str, Sequence[object]] = {key: by_column[column] for key, column in self._columns.items()}
        for key, merged in self._merged.items():
            cells[key] = merged.fill(cells[key], start)
        names = [name_key(value) for value in cells["name"]]
        if "given_name" in cells:
            names = [
                f"{name} {name_key(given)}".strip() for name, given in zip(names, cells["given_name"], strict=True)
            ]
        amounts = numbers(cells["amount"], self._owner._money_decoder)
        # A row of column letters has a name of one letter; what begins like a sum or a place is looked at closely.
        is_name = np.array([len(name) > 1 and not may_be_nobody(name) for name in names])
        is_line = is_name & np.isfinite(amounts) & self._is_somebody(cells, count)
        units = np.full(count, self._section_unit, dtype=np.int32)
        categories = np.full(count, self._section_category, dtype=np.int32)
        for index in np.flatnonzero(~is_line).tolist():
            before = self._owner.count + int(np.count_nonzero(is_line[:index]))
            row = _Row(
                [column[index] for column in by_column],
                {key: values[index] for key, values in cells.items()},
                names[index],
                float(amounts[index]),
                start + index,
                before,
            )
            is_line[index] = self._is_line(row)
            units[index:], categories[index:] = self._section_unit, self._section_category
        chosen = np.flatnonzero(is_line)
        if chosen.size == 0:
            return
        if chosen.size < count:
            places = chosen.tolist()
            cells = {key: [values[i] for i in places] for key, values in cells.items()}
            names = [names[i] for i in places]
        self._last_line = start + int(chosen[-1])
        self._add_lines(cells, names, amounts[chosen], units[chosen], categories[chosen], chosen + start)

    def finish(self) -> None:
        """Keeps the notes that stand among the lines; those below the last one are the sheet's foot."""
        self._owner.rows.notes += [place for place in self._notes if place[1] < self._last_line]

    def _is_somebody(self, cells: Mapping[str, Sequence[object]], count: int) -> NDArray[np.bool_]:
        """Whether a row plainly states who its person is beyond a name; counts, as sums have them, do not."""
        known = np.zeros(count, dtype=bool)
        for key in SOMEBODY_COLUMNS:
            if key in cells and not known.all():
                known |= np.fromiter(map(_may_tell_somebody, cells[key]), np.bool_, count)
        return known

    def _add_lines(
        self,
        cells: Mapping[str, Sequence[object]],
        names: list[str],
        amounts: NDArray[np.float64],
        section_units: NDArray[np.int32],
        section_categories: NDArray[np.int32],
        rows: NDArray[np.int64],
    ) -> None:
        owner, count = self._owner, len(names)
        births, sexes = self._births_and_sexes(cells, count)
        identities, kinds = (
            identity_numbers(cells["identity"], may_restore=owner._may_restore)
            if "identity" in cells
            else ([""] * count, np.zeros(count, dtype=np.int8))
        )
        arrays: dict[str, NDArray] = {  # type: ignore[type-arg]
            "sheet": np.full(count, self._number, dtype=np.int16),
            "row": rows.astype(np.int32),
            "unit": self._units(cells, section_units),
            "category": section_categories,
            "sex": sexes,
            "method": self._decoded(cells, "payment_method", owner.method_words, count),
            "birth": births,
            "start": self._dates(cells.get("start"), count),
            "identity_kind": kinds,
            "has_name": np.fromiter(map(bool, names), np.bool_, count),
            **_digits(identities, kinds),
        }
        if "category" in cells:
            stated = owner._categories.decode(cells["category"])
            arrays["category"] = np.where(stated == NONE, section_categories, stated)
        for key in NUMBER_COLUMNS:
            if key == "amount":
                values = amounts
            elif key in cells:
                decoder = owner._money_decoder if key in MONEY_COLUMNS else owner._number_decoder
                values = numbers(cells[key], decoder)
            else:
                values = np.full(count, np.nan)
            if key in MONEY_COLUMNS:
                arrays[key] = hide_personal_money(values, self._factors.get(key, 1.0))
            else:
                arrays[key] = hide_personal_counts(values)
        arrays["amount"], arrays["late"] = without_late(arrays)
        arrays["is_unpaid"] = np.array([tells_unpaid(v) for v in cells.get("remark", ())] or [False] * count)
        accounts = account_numbers(cells["account"]) if "account" in cells else [""] * count
        lost = [not (v.__class__ is str and v.isdecimal()) and has_lost_digits(v) for v in cells.get("account", ())]  # type: ignore[attr-defined]
        arrays["is_account_lost"] = np.array(lost or [False] * count)
        owner.add(arrays, names, identities, accounts)

    def _births_and_sexes(
        self, cells: Mapping[str, Sequence[object]], count: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
        """Births and sexes, which may be told by the column that the year of birth stands in."""
        births = self._dates(cells.get("birth"), count)
        sexes = self._decoded(cells, "sex", self._owner._sex_words, count)
        for sex, key in enumerate(BIRTH_BY_SEX):
            if key in cells:
                marked = np.fromiter(map(is_mark, cells[key]), np.bool_, count)
                dates = np.where(marked, 0, self._dates(cells[key], count))
                births = np.where(dates != 0, dates, births)
                sexes = np.where((marked | (dates != 0)) & (sexes == NONE), sex, sexes)
        if "birth_year" in cells:
            nothing: Sequence[object] = [""] * count
            parts = zip(*(cells.get(key, nothing) for key in BIRTH_PARTS), strict=True)
            births = np.where(births == 0, np.fromiter(map(decode_day, parts), np.int32, count), births)
        return births.astype(np.int32), sexes.astype(np.int8)

    def _dates(self, values: Sequence[object] | None, count: int) -> NDArray[np.int32]:
        if values is None:
            return np.zeros(count, dtype=np.int32)
        return decode_dates(values, self._owner._date_decoder)

    def _decoded(self, cells: Mapping[str, Sequence[object]], key: str, words: Words, count: int) -> NDArray[np.int32]:
        return words.decode(cells[key]) if key in cells else np.full(count, NONE, dtype=np.int32)

    def _units(self, cells: Mapping[str, Sequence[object]], section: NDArray[np.int32]) -> NDArray[np.int32]:
        """The commune of each line: its own column, else the section it stands in, else its address."""
        communes = self._owner._communes
        units = section
        if "commune" in cells:
            stated = communes.decode(cells["commune"])
            units = np.where(stated == NONE, section, stated)
        if "address" in cells and np.any(units == NONE):
            units = np.where(units == NONE, communes.decode_addresses(cells["address"]), units)
        return units.astype(np.int32)

    # Rows that are not plainly lines

    def _is_line(self, row: _Row) -> bool:
        """Says whether an unusual row is a line, and notes what it is if it is none."""
        has_amount = bool(row.name) and math.isfinite(row.amount)
        if has_amount and len(identity_digits(row.cells.get("identity"))) >= LEAST_IDENTITY_DIGITS:
            return True
        texts = [text for value in row.values if isinstance(value, str) and (text := value.strip())]
        filled, others = row.filled, self._owner.rows.others
        if not texts and not filled - {"number"}:
            others["blank"] += 1
            return False
        if not has_amount and months_named(texts) - {self._owner.period}:
            self._owner.rows.other_months.append((self._number, row.place))
        if self._is_heading(row.cells) or is_numbering(row.cells):
            others["heading"] += 1
            return False
        name = row.cells["name"]
        somebody = is_somebody(row.cells)
        if somebody and isinstance(name, str) and is_total([name]) and not identity_digits(row.cells.get("identity")):
            # "Cộng" beside the year of a report is no person born then.
            somebody = False
        if not somebody:
            section = self._section(row)
            if section is not None:
                others["section"] += 1
                self._note_sum(section, row)
                return False
            if is_total(texts, may_be_name=has_property(row.cells, name)):
                others["sum"] += 1
                self._note_sum("total", row)
                return False
        if somebody or (row.name and has_property(row.cells, name) and self._has_figures(row)):
            return True
        if row.name and math.isfinite(row.amount) and self._is_plain_line(row):
            return True
        if math.isfinite(row.amount):
            # A sum without a word, or a payment without a person: the sums decide.
            others["sum"] += 1
            self._owner.rows.nameless.append((self._number, row.place))
            self._note_sum("total", row)
            return False
        others["note"] += 1
        self._notes.append((self._number, row.place))
        return False

    def _is_plain_line(self, row: _Row) -> bool:
        """A name and an amount in a list that tells nothing else of anybody: numbered, and no place."""
        if any(key in self._columns for key in (*SOMEBODY_COLUMNS, *PROPERTIES)):
            return False
        number = cell_text(row.cells.get("number"))
        return ("number" not in self._columns or number.isdecimal()) and not is_place(cell_text(row.cells["name"]))

    def _has_figures(self, row: _Row) -> bool:
        """Whether a row with a name has what lines have; the names of those who sign have only words beside them."""
        return any(
            isinstance(value, float | int) or (isinstance(value, str) and key == "number" and value.strip().isdecimal())
            for key, value in row.cells.items()
        ) or bool(account_number(row.cells.get("account")))

    def _note_sum(self, kind: Literal["total", "commune", "category"], row: _Row) -> None:
        amount = row.amount * self._factors.get("amount", 1.0)
        noted = SumRow(kind, self._number, row.place, row.lines_before, amount)
        if kind != "total":
            self._owner.rows.sections.append(noted)
        if math.isfinite(amount):
            self._owner.rows.sums.append(noted)

    def _section(self, row: _Row) -> Literal["commune", "category"] | None:
        """Opens the section of a commune or category that a row names; None when it names none."""
        if row.filled & {"account", "payment_method", "start", "coefficient", "months", "category", "commune"}:
            return None
        for value in row.values[: self._columns["name"] + 1]:
            if not isinstance(value, str) or not 1 < len(value) <= 200:
                continue
            unit = self._owner._communes.exactly(_without_numbering(value))
            if unit < 0 and not is_total([value], may_be_name=False):
                unit = self._owner._communes.headed(value)
            if unit >= 0 and len(self._owner._communes.units) > 1:
                self._section_unit, self._section_category = unit, NONE
                return "commune"
            category = self._owner._categories.exactly(value)
            if category >= 0:
                self._section_category = category
                return "category"
        return None

    def _is_heading(self, cells: Mapping[str, object]) -> bool:
        """Whether a row repeats the headings, as printed lists do on every page."""
        hits = sum(
            isinstance(value, str) and bool(value) and label_key(value) in self._heading_keys.get(key, ())
            for key, value in cells.items()
        )
        return hits >= 2


_LEAST_LETTERS, _FIRST_YEAR = 4, 1850.0


def _may_tell_somebody(value: object) -> bool:
    """Whether a cell of numbers or births holds more than a count or a mark."""
    if value.__class__ is str:
        return len(value) >= _LEAST_LETTERS  # type: ignore[arg-type]
    if value.__class__ is float:
        return value >= _FIRST_YEAR  # type: ignore[operator]
    return bool(value)


def _without_numbering(text: str) -> str:
    """A section's name without its number: `II. Xã Đắk Sắk`."""
    head, mark, tail = text.partition(".")
    return tail.strip() if mark and len(head) <= 5 and tail.strip() and fold(head) != "tt" else text


def _portions(rows: Iterator[list[object]], least_width: int) -> Iterator[list[list[object]]]:
    """Rows in portions, each as columns; rows that are too short (of text files) are filled up with blanks."""
    while turned := list(islice(rows, _TURNED_ROWS)):
        by_column: list[list[object]] = [[] for _ in range(max(least_width, len(turned[0])))]
        width = len(by_column)
        while turned:
            if any(len(row) != width for row in turned):
                turned = [[*row[:width], *[""] * (width - len(row))] for row in turned]
            for column, values in zip(by_column, zip(*turned, strict=True), strict=True):
                column.extend(values)
            turned = list(islice(rows, _TURNED_ROWS)) if len(by_column[0]) < PORTION_ROWS else []
        yield by_column


def _codes(digests: Iterable[bytes]) -> NDArray[np.uint64]:
    """The first eight bytes of each hash, 0 where there is none."""
    nothing = bytes(32)
    return np.frombuffer(b"".join([digest or nothing for digest in digests]), dtype="<u8")[::4]


def _digits(identities: Sequence[str], kinds: NDArray[np.int8]) -> dict[str, NDArray]:  # type: ignore[type-arg]
    """What the digits of identity numbers say: province or country, year of birth, sex; -1 where they say nothing."""
    words = load_vocabulary()
    count = len(identities)
    province = np.full(count, NONE, dtype=np.int16)
    year = np.full(count, NONE, dtype=np.int16)
    sex = np.full(count, NONE, dtype=np.int8)
    has_twelve = (kinds == TWELVE) | (kinds == TWELVE_RESTORED)
    if has_twelve.any():
        text = "".join([identities[i] for i in np.flatnonzero(has_twelve).tolist()]).encode()
        digits = np.frombuffer(text, dtype=np.uint8).reshape(-1, 12).astype(np.int16) - ord("0")
        century = words.first_century + 100 * (digits[:, 3] // 2)
        province[has_twelve] = digits[:, 0] * 100 + digits[:, 1] * 10 + digits[:, 2]
        # A century that has not come yet is unknown, not a year.
        year[has_twelve] = np.where(century <= words.last_century, century + digits[:, 4] * 10 + digits[:, 5], UNKNOWN)
        sex[has_twelve] = digits[:, 3] % 2
    return {"identity_province": province, "identity_year": year, "identity_sex": sex}


class _FilledDown:
    """Merged ranges that go down a column: the value stands in the first cell only and holds for all."""

    def __init__(self, sheet: ListSheet, column: int) -> None:
        self._ranges = [(top, bottom) for top, left, bottom, right in sheet.merged if left <= column <= right]
        self._ranges = [(top, bottom) for top, bottom in self._ranges if bottom > top]
        self._values: dict[int, object] = {}

    def fill(self, values: Sequence[object], start: int) -> Sequence[object]:
        """The cells of a portion whose first row is `start`, with the values of the ranges in all their rows."""
        if not self._ranges:
            return values
        filled, end = list(values), start + len(values)
        for top, bottom in self._ranges:
            if start <= top < end:
                self._values[top] = values[top - start]
            for row in range(max(top, start), min(bottom + 1, end)):
                filled[row - start] = self._values.get(top, "")
        return filled
