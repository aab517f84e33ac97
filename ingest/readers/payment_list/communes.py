"""The communes that a list's lines may belong to, in every spelling."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ingest.core.catalogue import Catalogue, Unit, unit_name_key
from ingest.core.text import fold
from ingest.readers.payment_list.field_values import MAX_GUESSES, NONE, UNKNOWN, Decoder

_HEADED = re.compile(
    r"(?:(?:[ivxlc]+|[a-z]|\d{1,3})\s*[.):/-]\s*)?"
    r"(?:(?:uy ban nhan dan|ubnd|don vi|dia ban|dia phuong|danh sach|ds|chi tra|nguoi huong|doi tuong|cua)\s*:?\s*)*"
    r"(?P<kind>xa|phuong|thi tran|dac khu|tt|x|p)\b\s*[.:]?\s*(?P<name>[a-z][a-z' ]*?)\s*(?:[(\[:;,–-].*)?"
)


class Communes:
    """The communes that a list's lines may belong to, found by their names in every spelling."""

    def __init__(self, reporting: Unit, day: date, catalogue: Catalogue) -> None:
        self.reporting, self._day, self._catalogue = reporting, day, catalogue
        self.units = _communes_of(reporting, day, catalogue)
        self._by_full_name = {fold(unit.name): index for index, unit in enumerate(self.units)}
        self._by_code = {unit.code: index for index, unit in enumerate(self.units)}
        self._by_short_name: dict[str, list[int]] = {}
        for index, unit in enumerate(self.units):
            self._by_short_name.setdefault(unit_name_key(unit.name), []).append(index)
        self._guesses = 0
        self.positions = Decoder(self._position)
        self.addresses = Decoder(self._address)
        self._nearest: list[str] = []

    def exactly(self, text: str) -> int:
        """The commune of exactly that name, with its kind or without, or code; `UNKNOWN` for any other text."""
        found = self._by_full_name.get(fold(text), self._by_code.get(text.strip()))
        if found is not None:
            return found
        named = self._by_short_name.get(unit_name_key(text), [])
        return named[0] if len(named) == 1 else UNKNOWN

    def headed(self, text: str) -> int:
        """The commune that a heading names ("UBND xã Đức Mạnh (12 người)"); `UNKNOWN` where it says more or less."""
        match = _HEADED.fullmatch(fold(text[:200]))
        return self.exactly(f"{match['kind']} {match['name']}") if match is not None else UNKNOWN

    def nearest(self, position: int) -> str:
        """The names most like an unknown wording, by the position that it was given; what it was is not kept."""
        index = UNKNOWN - position - 1
        return self._nearest[index] if 0 <= index < len(self._nearest) else ""

    def _position(self, value: object) -> int:
        if not isinstance(value, str) or not value.strip():
            return NONE if value is None or value == "" or isinstance(value, str) else UNKNOWN
        found = self.exactly(value[:200])
        if found < 0 and (named := re.split(r"[,;(–]", value[:200])[0]) != value:
            # The district or province may stand behind it.
            found = self.exactly(named)
        if found >= 0:
            return found
        if self._guesses >= MAX_GUESSES:
            return UNKNOWN
        self._guesses += 1
        match = self._catalogue.find_unit(
            value[:200], self._day, level="commune", within=self.reporting if len(self.units) > 1 else None
        )
        if match.unit in self.units:
            return self.units.index(match.unit)
        self._nearest.append(", ".join(unit.name for unit in match.nearest[:3]))
        return UNKNOWN - len(self._nearest)

    def _address(self, value: object) -> int:
        """The commune that an address ends with; nothing is guessed."""
        if not isinstance(value, str) or not value.strip():
            return NONE
        for part in reversed(re.split(r"[,;–-]", value[:300])):
            found = self.exactly(part)
            if found >= 0:
                return found
        return UNKNOWN

    def decode(self, values: Sequence[object]) -> NDArray[np.int32]:
        """A column's communes as positions in `units`: `NONE` for a blank, `UNKNOWN` or less for what is none."""
        return self.positions.decode(values, np.int32)

    def decode_addresses(self, values: Sequence[object]) -> NDArray[np.int32]:
        """A column of addresses as positions in `units`."""
        return self.addresses.decode(values, np.int32)


def _communes_of(unit: Unit, day: date, catalogue: Catalogue) -> list[Unit]:
    if unit.level == "commune":
        return [unit]
    return [commune for below in catalogue.children_of(unit, day) for commune in _communes_of(below, day, catalogue)]
