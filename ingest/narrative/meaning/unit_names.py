"""The units that a text names, with their kind or without."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from ingest.core.catalogue import Catalogue, Level, Unit, unit_name_key

_KINDS: Mapping[str, tuple[Level, ...]] = {
    "tỉnh": ("province",), "huyện": ("district",), "quận": ("district",), "thị xã": ("district",),
    "thành phố": ("province", "district"), "tp": ("province", "district"), "tx": ("district",),
    "tinh": ("province",), "huyen": ("district",), "h": ("district",), "quan": ("district",), "q": ("district",),
    "thi xa": ("district",), "thanh pho": ("province", "district"), "xa": ("commune",), "phuong": ("commune",),
    "thi tran": ("commune",),
    "xã": ("commune",), "phường": ("commune",), "thị trấn": ("commune",), "đặc khu": ("commune",), "tt": ("commune",),
}  # fmt: skip
_NAME = r"[A-ZĐÀ-ỸƠƯĂÂÊÔ][\w'’]*(?:(?:\s?[-–]\s?|\s+)[A-ZĐÀ-ỸƠƯĂÂÊÔ][\w'’]*){0,4}"
_KIND_WORD = re.compile(
    r"(?<!\w)(tỉnh|huyện|quận|thị xã|thành phố|xã|phường|thị trấn|đặc khu|tp|tx|tt|"
    r"(?-i:TINH|HUYEN|QUAN|THI XA|THANH PHO|XA|PHUONG|THI TRAN|H|Q))\.?\s+",
    re.I,
)
_NAME_AFTER = re.compile(_NAME)


@lru_cache(maxsize=4)
def units_by_key(catalogue: Catalogue) -> Mapping[str, tuple[Unit, ...]]:
    """Every version of every unit by the key of its name."""
    index: dict[str, list[Unit]] = defaultdict(list)
    for unit in catalogue.units.values():
        index[unit_name_key(unit.name)].append(unit)
    return {key: tuple(units) for key, units in index.items()}


def named_units(text: str, catalogue: Catalogue, day: date) -> list[tuple[int, int, tuple[Unit, ...]]]:
    """The units that a text names with their kind: spans, and every unit that each name may mean."""
    index = units_by_key(catalogue)
    found = []
    for match in _KIND_WORD.finditer(text):
        named = _NAME_AFTER.match(text, match.end())
        if named is None:
            continue
        levels = _KINDS[match[1].lower()]
        words = named[0].split()
        for count in range(len(words), 0, -1):
            name = " ".join(words[:count])
            units = alike(name, (u for u in index.get(unit_name_key(name), ()) if u.level in levels), day)
            units = _of_kind(match[1], units)
            if units and not (count < len(words) and name.istitle() and words[count].istitle()):
                found.append((match.start(), match.end() + len(name), units))
                break
    return found


def _of_kind(written: str, units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """Those of the units that are of the kind written (a quận, no huyện), if there are any."""
    same = tuple(u for u in units if u.name.casefold().startswith(f"{written.casefold()} "))
    return same or units


def alike(name: str, candidates: Iterable[Unit], day: date) -> tuple[Unit, ...]:
    """Those of the units that exist on a day, to the tone mark (Văn Bàn is not Vân Bán) if one is so written."""
    valid = tuple(u for u in candidates if u.is_valid_on(day))
    exact = tuple(u for u in valid if u.name.casefold().endswith(name.casefold()))
    return exact or valid
