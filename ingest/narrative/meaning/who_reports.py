"""Which unit a report is from: its letterhead, its title, the name it opens with, who is named most."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ingest.core.catalogue import Catalogue, Level, Unit, unit_name_key
from ingest.narrative.meaning.unit_names import alike, named_units, units_by_key
from ingest.narrative.text.patterns import Patterns
from ingest.narrative.text.segments import Document

SAYS = Patterns("report_head")
_REPORTER = re.compile(
    r"(?i:ubnd|ủy ban nhân dân|uỷ ban nhân dân|phòng [^,.;:]{4,60}?|sở [^,.;:]{4,60}?|hđnd|"
    r"trên địa bàn|trung tâm [^,.;:]{4,40}?)\s+(?:của\s+)?$"
)

_LEVELS: Sequence[Level] = ("province", "district", "commune")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What may tell who reports: the report, its title and where that begins, the place of signing, a day.

    `home` is the province of the installation.
    """

    document: Document
    title_at: int
    title: str
    place: str
    day: date
    catalogue: Catalogue
    home: Unit | None = None

    def province_of(self, unit: Unit) -> str:
        """The province that a unit lies in, by its id."""
        province = self.catalogue.province_of(unit, self.day)
        return province.unit_id if province else ""

    def lies_in(self, unit: Unit, other: Unit) -> bool:
        """Whether a unit is another or lies in it."""
        current: Unit | None = unit
        while current is not None:
            if current.code == other.code:
                return True
            current = self.catalogue.parent_of(current, self.day)
        return False


def who_reports(seen: Evidence) -> tuple[Unit | None, str]:
    """The unit that reports, and which rule told it."""
    for rule in REPORTERS:
        unit = rule(seen)
        if unit is not None:
            return unit, f"unit {unit.name}: {rule.__name__.replace('_', ' ')}"
    return None, ""


def letterhead(seen: Evidence) -> Unit | None:
    """The units above the title: a parent and its child are the child; an agency is that of its unit."""
    if not seen.title:
        return None
    texts = [p.text for p in seen.document.passages[: seen.title_at] if len(p.text) < _LONGEST_LINE]
    named = [candidates for text in texts for _, _, candidates in named_units(text, seen.catalogue, seen.day)]
    agencies = [units for text in texts if (units := _unit_of_agency(text, seen.catalogue, seen.day))]
    kinds = {_AGENCY_LEVEL[match[1].lower()] for text in texts if (match := _AGENCY.match(text))}
    if len(kinds) == 1:
        # The head of a department's letter names its unit, and perhaps the one above.
        level = next(iter(kinds))
        named = [tuple(u for u in units if u.level == level) for units in named]
        named = [units for units in named if units]
    return _deepest([*named, *agencies], seen)


# A letterhead has short lines.
_LONGEST_LINE = 160


def title(seen: Evidence) -> Unit | None:
    """The unit that the title names: `Báo cáo … xã X, tỉnh P`."""
    named = [candidates for _, _, candidates in named_units(seen.title, seen.catalogue, seen.day)]
    return _deepest(named, seen) if named else None


def headline(seen: Evidence) -> Unit | None:
    """The name with which a text without a letterhead opens: `Cao Bằng: …`, `Phường X (thị xã Y) …`."""
    first = next((p.text for p in seen.document.passages if p.text.strip()), "")
    if seen.title or len(first) > _LONGEST_LINE * 2:
        return None
    named = [(start, units) for start, _, units in named_units(first, seen.catalogue, seen.day)]
    if named and named[0][0] == 0:
        return _deepest([units for _, units in named], seen) or _settled(named[0][1], seen)
    match = SAYS.opens_with_a_name.match(first)
    if match is None:
        return None
    words = match[1].split()
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        known = alike(name, units_by_key(seen.catalogue).get(unit_name_key(name), ()), seen.day)
        provinces = tuple(u for u in known if u.level == "province")
        if unit := _settled(provinces, seen) or _settled(known, seen):
            return unit
    return None


def most_named(seen: Evidence) -> Unit | None:
    """The unit that head, title, opening and place of signing name most and most plainly."""
    document, catalogue, day = seen.document, seen.catalogue, seen.day
    votes: Counter[str] = Counter()
    units: dict[str, Unit] = {}
    pending: list[tuple[float, tuple[Unit, ...]]] = []
    agency: set[Unit] = set()
    for index, passage in enumerate(document.passages):
        if index > 60 and index < len(document.passages) - 6:
            continue
        text = passage.text
        for start, _, candidates in named_units(text, catalogue, day):
            pending.append((_weight(text, start, index, seen), candidates))
        if index < max(seen.title_at, 4) and (found := _unit_of_agency(text, catalogue, day)):
            pending.append((5.0, found))
            agency.update(found)
    if seen.place:
        signed = tuple(u for u in units_by_key(catalogue).get(unit_name_key(seen.place), ()) if u.is_valid_on(day))
        if signed:
            heads = {u for weight, units_named in pending if weight >= 3.0 for u in units_named}
            pending.append((2.5, tuple(u for u in signed if u in agency or u in heads) or signed))
    home = _home(pending, seen)
    for weight, candidates in pending:
        chosen = candidates
        if len(chosen) > 1 and home:
            chosen = tuple(u for u in chosen if u.level != "province" and seen.province_of(u) == home) or chosen
        if len(chosen) == 1:
            votes[chosen[0].unit_id] += weight  # type: ignore[assignment]
            units[chosen[0].unit_id] = chosen[0]
    return units[max(votes, key=lambda unit_id: votes[unit_id])] if votes else None


REPORTERS: tuple[Callable[[Evidence], Unit | None], ...] = (letterhead, title, headline, most_named)


def _weight(text: str, start: int, index: int, seen: Evidence) -> float:
    weight = 0.3
    before = text[:start]
    if index < seen.title_at + 8:
        weight = 3.0 if text in seen.title or index < seen.title_at else 1.0
        if _REPORTER.search(before) or before.isupper():
            weight += 1.5
    elif _REPORTER.search(before):
        weight = 0.5
    if SAYS.addressee.match(text) or SAYS.higher_authority.search(before):
        weight = min(weight, 0.3)
    return weight


def _home(pending: Iterable[tuple[float, tuple[Unit, ...]]], seen: Evidence) -> str:
    """The province that is named most, else that of the installation."""
    provinces = Counter(u.unit_id for _, units in pending for u in units if u.level == "province")
    if provinces:
        return provinces.most_common(1)[0][0]
    return seen.home.unit_id if seen.home is not None else ""


def _deepest(named: Sequence[tuple[Unit, ...]], seen: Evidence) -> Unit | None:
    """Of units that lie in each other the innermost; None where they do not, or where a name has several bearers."""
    candidates = [units for units in named if units]
    for level in reversed(_LEVELS):
        here = [tuple(u for u in units if u.level == level) for units in candidates]
        here = [units for units in here if units]
        if not here:
            continue
        above = [units for units in candidates if any(_LEVELS.index(u.level) < _LEVELS.index(level) for u in units)]
        fitting = {
            u for units in here for u in units
            if all(any(seen.lies_in(u, a) for a in units_above) for units_above in above if u not in units_above)
        }  # fmt: skip
        if above and not fitting:
            continue
        return _settled(tuple(fitting or {u for units in here for u in units}), seen)
    return None


def _settled(units: tuple[Unit, ...], seen: Evidence) -> Unit | None:
    """The one unit of several that is meant: the only one, or the only one inside the province of the installation."""
    if len(units) > 1 and seen.home is not None:
        units = tuple(u for u in units if seen.province_of(u) == seen.home.unit_id)
    return units[0] if len(units) == 1 else None


_AGENCY = re.compile(r"(?i)^\W*(sở|phòng)\s+[^.:]*?(?=(?:[^\W\d]+[\s-]+){0,3}[^\W\d]+\W*$)")
_AGENCY_LEVEL: Mapping[str, Level] = {"sở": "province", "phòng": "district"}


def _unit_of_agency(text: str, catalogue: Catalogue, day: date) -> tuple[Unit, ...]:
    """The unit whose agency a letterhead names without the unit's kind: `SỞ LĐTBXH BẮC NINH`."""
    match = _AGENCY.match(text)
    if match is None or len(text) > 120:
        return ()
    level = _AGENCY_LEVEL[match[1].lower()]
    words = re.findall(r"[^\W\d]+", text)
    for count in range(min(4, len(words) - 2), 1, -1):
        name = " ".join(words[-count:])
        known = units_by_key(catalogue).get(unit_name_key(name), ())
        if units := alike(name, (u for u in known if u.level == level), day):
            return units
    return ()
