"""The catalogue: units and their history, indicators, code lists, legal rates.

One source: the CSV files in `catalogue/seeds`, which dbt reads too. Nothing here needs a
database. Units carry a validity; every look-up of a unit takes a date, because codes are
reused (68 is Lâm Đồng before and after the merger of 1 July 2025).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, TypeVar

from rapidfuzz import fuzz, process

from ingest.core.catalogue_files import SEEDS
from ingest.core.model import Accumulation
from ingest.core.periods import parse_period
from ingest.core.text import fold, squeeze

Level = Literal["province", "district", "commune"]


# A unit's kind as it is written before its name, longest first so that "thi tran" wins over "t".
_KIND = re.compile(
    r"^(?:"
    r"(?P<province>tinh|thanh pho truc thuoc trung uong)"
    r"|(?P<district>huyen|quan|thi xa|tx)"
    r"|(?P<commune>thi tran|xa|phuong|dac khu|tt)"
    r"|(?P<city>thanh pho|tp)"
    r"|(?P<short_district>[hq](?=\.))"
    r"|(?P<short_commune>[px](?=\.))"
    r")(?:\s*\.\s*|\s+)"
)
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Unit:
    """A version of an administrative unit: `unit_id` is its code plus the date this version began."""

    unit_id: str
    code: str
    level: Level
    kind: str
    name: str
    short_name: str
    name_en: str
    parent_code: str
    valid_from: date
    valid_to: date

    def is_valid_on(self, day: date) -> bool:
        """Whether this version was in force on that day (the interval is half open)."""
        return self.valid_from <= day < self.valid_to


@dataclass(frozen=True, slots=True)
class Indicator:
    """A catalogued quantity with one unit of measure."""

    code: str
    name_vi: str
    name_en: str
    domain: str
    measure_type: str
    unit_of_measure: str
    breakdown_lists: tuple[str, ...]
    agg_units: str
    agg_time: str
    numerator: str
    denominator: str
    phrasings_vi: tuple[str, ...]
    notes: str

    @property
    def is_flow(self) -> bool:
        """Whether its values cover a stretch of time; else they stand at a point of it."""
        return self.measure_type in ("flow", "change") or (
            self.measure_type == "rate" and self.agg_time == "recompute_ratio"
        )

    def accumulation(self, stated: Accumulation, period: str) -> Accumulation:
        """How a value of a period is accumulated, given what its source states about flows.

        Over a whole year "since January" and "the period" are the same quantity, so it gets one name:
        two statements of one quantity have to meet, whoever states them.
        """
        if not self.is_flow:
            return "point"
        return "period" if parse_period(period).kind in ("year", "span") else stated


@dataclass(frozen=True, slots=True)
class Code:
    """A category of a code list; `parent` is empty at the top of the tree."""

    list_name: str
    code: str
    name_vi: str
    name_en: str
    parent: str


@dataclass(frozen=True, slots=True)
class Rate:
    """A legal rate in force in the half-open interval from `valid_from` to `valid_to`.

    `verified_in` says how well it is known. A rate that is `derived` was worked out by a rule and may be off by
    `tolerance`. Before `former_until` the rate that stood before it is not wrong: the act came into force later than
    its amounts, or the day is uncertain. `ended_by` is the act that ended it without another in its place.
    """

    rate_code: str
    category_code: str
    value: Decimal
    unit: str
    valid_from: date
    valid_to: date
    legal_basis: str
    verified_in: str = "lookup"
    tolerance: Decimal = Decimal(0)
    former_until: date = date.min
    ended_by: str = ""

    @property
    def is_derived(self) -> bool:
        """Whether it was worked out and not read in the law."""
        return self.verified_in == "derived"

    @property
    def is_certain(self) -> bool:
        """Whether value and day were read in the act or in two sources."""
        return not self.is_derived and "one_source" not in self.verified_in

    def is_valid_on(self, day: date) -> bool:
        """Whether it is due for that day."""
        return self.valid_from <= day < self.valid_to


@dataclass(frozen=True, slots=True)
class UnknownRate:
    """A rate that the law has set anew since `valid_from` and that nobody has read yet."""

    rate_code: str
    category_code: str
    valid_from: date
    valid_to: date
    legal_basis: str

    def is_valid_on(self, day: date) -> bool:
        """Whether it is not known for that day."""
        return self.valid_from <= day < self.valid_to


@dataclass(frozen=True, slots=True)
class Act:
    """A law, decree, decision or circular, in force in the half-open interval from `valid_from` to `valid_to`."""

    number: str
    valid_from: date
    valid_to: date
    replaced_by: str


@dataclass(frozen=True, slots=True)
class Agency:
    """A department of the province; `letterhead` are the lines in which its name stands at the head of a letter."""

    code: str
    name_vi: str
    name_en: str
    symbol: str
    letterhead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Which department answers for a subject, or for its indicators of a prefix, in a half-open interval."""

    domain: str
    indicator_prefix: str
    agency: Agency
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """What a written name was taken for.

    `unit` is None when nothing fits or several units fit equally well; `nearest` then names the
    candidates, best first. `how` is one of exact, alias, folded, former, fuzzy, ambiguous, unknown.
    """

    unit: Unit | None
    how: str
    nearest: tuple[Unit, ...] = ()


def unit_name_key(name: str) -> str:
    """A unit's name without its kind, diacritics, punctuation: `TT. Đăk Mâm` → `dak mam`."""
    return _NOT_WORD.sub(" ", _KIND.sub("", fold(name), count=1)).strip()


def _level_named(name: str) -> Level | None:
    """The level that the written kind tells, if it tells one (a `thành phố` may be two)."""
    match = _KIND.match(fold(name))
    if match is None or match.lastgroup == "city" or match.lastgroup is None:
        return None
    return match.lastgroup.removeprefix("short_")  # type: ignore[return-value]


class Catalogue:
    """Look-ups over the seeds. Build it once (`load_catalogue`) and pass it on."""

    def __init__(self, folder: Path = SEEDS) -> None:
        self.folder = folder

    # Units

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Every version of every unit by its `unit_id`."""
        return {
            row["unit_id"]: Unit(
                unit_id=row["unit_id"],
                code=row["code"],
                level=row["level"],  # type: ignore[arg-type]
                kind=row["type"],
                name=squeeze(row["name"]),
                short_name=squeeze(row["short_name"]),
                name_en=row["name_en"],
                parent_code=row["parent_code"],
                valid_from=_day(row["valid_from"], date.min),
                valid_to=_day(row["valid_to"], date.max),
            )
            for row in self._rows("admin_units")
        }

    @cached_property
    def _versions_by_code(self) -> Mapping[str, list[Unit]]:
        return _grouped(self.units.values(), lambda unit: unit.code)

    @cached_property
    def _versions_by_parent(self) -> Mapping[str, list[Unit]]:
        return _grouped(self.units.values(), lambda unit: unit.parent_code)

    @cached_property
    def _versions_by_name(self) -> Mapping[str, list[Unit]]:
        return _grouped(self.units.values(), lambda unit: unit_name_key(unit.name))

    @cached_property
    def _aliases(self) -> Mapping[str, list[Unit]]:
        found: dict[str, list[Unit]] = defaultdict(list)
        for row in self._rows("admin_unit_aliases"):
            unit = self.units.get(row["unit_id"])
            if unit is not None and unit not in found[unit_name_key(row["alias"])]:
                found[unit_name_key(row["alias"])].append(unit)
        return found

    def unit_by_code(self, code: str, on: date) -> Unit | None:
        """The version of that code in force on a day."""
        return next((u for u in self._versions_by_code.get(code.strip(), ()) if u.is_valid_on(on)), None)

    def parent_of(self, unit: Unit, on: date) -> Unit | None:
        """The unit above on a day; None for a province."""
        return self.unit_by_code(unit.parent_code, on) if unit.parent_code else None

    def province_of(self, unit: Unit, on: date) -> Unit | None:
        """The province a unit lies in on a day; a province lies in itself."""
        current: Unit | None = unit
        while current is not None and current.level != "province":
            current = self.parent_of(current, on)
        return current

    def children_of(self, unit: Unit, on: date) -> list[Unit]:
        """The units directly below on a day, by code."""
        below = (u for u in self._versions_by_parent.get(unit.code, ()) if u.is_valid_on(on))
        return sorted(below, key=lambda u: u.code)

    def former_names(self, unit: Unit, on: date) -> list[Unit]:
        """Earlier versions of a unit that it alone goes back to: renamed or of another kind, not merged."""
        earlier = [u for u in self._versions_by_code.get(unit.code, ()) if u.valid_to <= on and u.level == unit.level]
        return [u for u in earlier if len(self._merged_into.get((unit.code, u.valid_to), ())) <= 1]

    def successors_of(self, unit: Unit, on: date) -> list[Unit]:
        """The units in force on a day that took over a unit that no longer is, or a part of it."""
        found: list[Unit] = []
        for new_code in self._became.get((unit.code, unit.valid_to), ()):
            successor = self.unit_by_code(new_code, unit.valid_to)
            if successor is not None and successor.unit_id != unit.unit_id:
                found += [successor] if successor.is_valid_on(on) else self.successors_of(successor, on)
        return list(dict.fromkeys(found))

    @cached_property
    def _became(self) -> Mapping[tuple[str, date], list[str]]:
        found: dict[tuple[str, date], list[str]] = defaultdict(list)
        for row in self._rows("admin_unit_changes"):
            found[row["old_code"], date.fromisoformat(row["effective_date"])].append(row["new_code"])
        return found

    @cached_property
    def _merged_into(self) -> Mapping[tuple[str, date], set[str]]:
        found: dict[tuple[str, date], set[str]] = defaultdict(set)
        for row in self._rows("admin_unit_changes"):
            found[row["new_code"], date.fromisoformat(row["effective_date"])].add(row["old_code"])
        return found

    def units_named(self, name: str, on: date, level: Level | None = None) -> list[Unit]:
        """The units in force on a day that bear a name or alias, its kind and diacritics aside."""
        key = unit_name_key(name)
        known = (*self._versions_by_name.get(key, ()), *self._aliases.get(key, ()))
        return list(dict.fromkeys(u for u in known if u.is_valid_on(on) and level in (None, u.level)))

    def find_unit(
        self,
        name: str,
        on: date,
        *,
        level: Level | None = None,
        within: Unit | None = None,
        min_score: float = 84.0,
    ) -> UnitMatch:
        """What unit a written name means on a day.

        Tries the name as written, aliases, then spelling without diacritics, then a former name
        (units no longer in force, so that the caller can say so), then typing errors. `within`
        restricts to units below that one. A name that fits several units equally is ambiguous.
        """
        text = squeeze(name)
        if not text:
            return UnitMatch(None, "unknown")
        level = level or _level_named(text)
        key = unit_name_key(text)
        scope = self._scope(within, on)

        def fits(unit: Unit) -> bool:
            return (level is None or unit.level == level) and (scope is None or unit.unit_id in scope)

        named = [u for u in self._versions_by_name.get(key, ()) if u.is_valid_on(on) and fits(u)]
        for how, candidates in (
            ("exact", [u for u in named if text.casefold() in (u.name.casefold(), u.short_name.casefold())]),
            ("alias", [u for u in self._aliases.get(key, ()) if u.is_valid_on(on) and fits(u)]),
            ("folded", named),
        ):
            if len(candidates) == 1:
                return UnitMatch(candidates[0], how)
            if len(candidates) > 1:
                return UnitMatch(None, "ambiguous", tuple(candidates[:5]))

        former = [
            u for u in self._versions_by_name.get(key, ()) if not u.is_valid_on(on) and (level in (None, u.level))
        ]
        in_force = list(scope.values()) if scope is not None else [u for u in self.units.values() if u.is_valid_on(on)]
        in_force = [u for u in in_force if level in (None, u.level)]
        if former and within is not None:
            return UnitMatch(None, "former", tuple(former[:5]))
        scored = process.extract(
            key, {u.unit_id: unit_name_key(u.name) for u in in_force}, scorer=fuzz.ratio, limit=5, score_cutoff=60.0
        )
        nearest = tuple(self.units[unit_id] for _, _, unit_id in scored)
        if scored and scored[0][1] >= min_score and (len(scored) == 1 or scored[0][1] - scored[1][1] >= 5):
            return UnitMatch(nearest[0], "fuzzy", nearest)
        if former:
            return UnitMatch(None, "former", tuple(former[:5]))
        return UnitMatch(None, "unknown", nearest)

    def _scope(self, within: Unit | None, on: date) -> dict[str, Unit] | None:
        if within is None:
            return None
        below: dict[str, Unit] = {}
        for child in self.children_of(within, on):
            below[child.unit_id] = child
            below.update(self._scope(child, on) or {})
        return below

    # Indicators, code lists, rates

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        """Every indicator by its code."""
        return {
            row["code"]: Indicator(
                code=row["code"],
                name_vi=row["name_vi"],
                name_en=row["name_en"],
                domain=row["domain"],
                measure_type=row["measure_type"],
                unit_of_measure=row["unit"],
                breakdown_lists=tuple(filter(None, row["breakdowns"].split(";"))),
                agg_units=row["agg_units"],
                agg_time=row["agg_time"],
                numerator=row["numerator"],
                denominator=row["denominator"],
                phrasings_vi=tuple(p.strip() for p in row["phrasings_vi"].split(";") if p.strip()),
                notes=row["notes"],
            )
            for row in self._rows("indicators")
        }

    @cached_property
    def code_lists(self) -> Mapping[str, Mapping[str, Code]]:
        """Every code list by its name, each a mapping from code to category."""
        lists: dict[str, dict[str, Code]] = defaultdict(dict)
        for row in self._rows("codelists"):
            code = Code(row["list"], row["code"], row["name_vi"], row["name_en"], row["parent"])
            lists[code.list_name][code.code] = code
        return lists

    def descendants(self, list_name: str, code: str) -> set[str]:
        """The codes below a code in its tree, without itself."""
        found: set[str] = set()
        for candidate in self.code_lists[list_name].values():
            if candidate.parent == code:
                found |= {candidate.code} | self.descendants(list_name, candidate.code)
        return found

    @cached_property
    def rates(self) -> list[Rate]:
        """Every legal rate whose value is known, with its interval."""
        return [
            Rate(
                rate_code=row["rate_code"],
                category_code=row["category_code"],
                value=Decimal(row["value"]),
                unit=row["unit"],
                valid_from=_day(row["valid_from"], date.min),
                valid_to=_day(row["valid_to"], date.max),
                legal_basis=row["legal_basis"],
                verified_in=row["verified_in"],
                tolerance=Decimal(row["tolerance"] or 0),
                former_until=_day(row["former_until"], date.min),
                ended_by=row["ended_by"],
            )
            for row in self._rows("rates")
            if row["value"]
        ]

    @cached_property
    def unknown_rates(self) -> list[UnknownRate]:
        """Every rate that is not known since a day."""
        return [
            UnknownRate(
                rate_code=row["rate_code"],
                category_code=row["category_code"],
                valid_from=_day(row["valid_from"], date.min),
                valid_to=_day(row["valid_to"], date.max),
                legal_basis=row["legal_basis"],
            )
            for row in self._rows("rates")
            if not row["value"]
        ]

    def rate_on(self, rate_code: str, on: date, category_code: str = "") -> Rate | None:
        """The rate in force on a day for a category, if one is known."""
        return _of_day(self.rates, rate_code, category_code, on)

    def unknown_rate_on(self, rate_code: str, on: date, category_code: str = "") -> UnknownRate | None:
        """The rate that is in force on a day for a category and that nobody has read, if there is one."""
        return _of_day(self.unknown_rates, rate_code, category_code, on)

    # Acts and departments

    @cached_property
    def acts(self) -> Mapping[str, Act]:
        """The acts that forms and rates name, by their number."""
        return {
            row["act_number"]: Act(
                number=row["act_number"],
                valid_from=_day(row["valid_from"], date.min),
                valid_to=_day(row["valid_to"], date.max),
                replaced_by=row["replaced_by"],
            )
            for row in self._rows("acts")
        }

    @cached_property
    def responsibilities(self) -> list[Responsibility]:
        """Which department answers for what, by date."""
        return [
            Responsibility(
                domain=row["domain"],
                indicator_prefix=row["indicator_prefix"],
                agency=Agency(
                    code=row["agency_code"],
                    name_vi=row["agency_name_vi"],
                    name_en=row["agency_name_en"],
                    symbol=row["agency_symbol"],
                    letterhead=tuple(line.strip() for line in row["agency_letterhead"].split("|")),
                ),
                valid_from=_day(row["valid_from"], date.min),
                valid_to=_day(row["valid_to"], date.max),
            )
            for row in self._rows("responsibilities")
        ]

    def agency_of(self, domain: str, on: date) -> Agency | None:
        """The department that answers for a subject as a whole on a day."""
        return next(
            (
                one.agency
                for one in self.responsibilities
                if one.domain == domain and not one.indicator_prefix and one.valid_from <= on < one.valid_to
            ),
            None,
        )

    def _rows(self, name: str) -> Iterator[dict[str, str]]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
            yield from csv.DictReader(handle)


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """The project's own catalogue, read once per process."""
    return Catalogue()


def _day(text: str, absent: date) -> date:
    return date.fromisoformat(text) if text else absent


_RateT = TypeVar("_RateT", Rate, UnknownRate)


def _of_day(rates: Iterable[_RateT], rate_code: str, category_code: str, on: date) -> _RateT | None:
    return next(
        (r for r in rates if (r.rate_code, r.category_code) == (rate_code, category_code) and r.is_valid_on(on)), None
    )


def _grouped(units, key) -> Mapping[str, list[Unit]]:  # type: ignore[no-untyped-def]
    groups: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        groups[key(unit)].append(unit)
    return groups
