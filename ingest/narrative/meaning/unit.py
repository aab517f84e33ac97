"""Whom a number is about: the reporting unit, or one below it that the text names."""

from __future__ import annotations

from ingest.core.catalogue import Unit, unit_name_key
from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.rules import Rule, first_answer
from ingest.narrative.text.patterns import Patterns

SAYS = Patterns("unit")
# How far a unit's name may stand from the number it is said of.
_NEAR = 60
# How far from a sentence's beginning its subject may stand: `Tại `, `Riêng `.
_OPENING = 12


def units_of(reading: Reading) -> tuple[Unit | None, tuple[Unit, ...]]:
    """The unit that a number is about, and further ones where a zero in words names several."""
    own = reading.report.head.unit
    if own is None or not reading.report.units_inside:
        return own, ()
    found = first_answer("unit", UNITS, reading) or (own,)
    return found[0], found[1:]


def listed_with_a_zero(reading: Reading) -> tuple[Unit, ...] | None:
    """`huyện Nam Đông, Quảng Điền và thị xã Hương Trà không có hộ …`."""
    if not reading.quantity.is_zero:
        return None
    listed: list[Unit] = []
    for part in SAYS.joint.split(reading.before):
        units = _inside(reading, part.strip())
        if len(units) == 1 and units[0] not in listed:
            listed.append(units[0])
    return tuple(listed) or None


def named_before(reading: Reading) -> tuple[Unit, ...] | None:
    """A unit named with its kind before the number."""
    page, window, start = reading.page, reading.window, reading.quantity.start
    known = {unit.unit_id for units in reading.report.units_inside.values() for unit in units}
    named = [
        (first, end, unit)
        for first, end, candidates in page.units for unit in candidates
        if unit.unit_id in known and window.left <= first and end <= start
    ]  # fmt: skip
    if not named:
        return None
    first, end, unit = named[-1]
    gap = page.text(end, start)
    is_authority = SAYS.authority_before.search(page.text(max(0, first - 12), first)) is not None
    return None if len(gap) > _NEAR or is_authority or SAYS.border.search(gap) else (unit,)


def subject_of_the_sentence(reading: Reading) -> tuple[Unit, ...] | None:
    """The unit that opens a sentence is that of all its numbers: `Phường A có 1.509 hộ, trong đó hộ nghèo 23 hộ`."""
    page, window, start = reading.page, reading.window, reading.quantity.start
    opening = max(window.sentence_start, page.passage.body_start)
    named = [(a, b, u) for a, b, unit in page.units for u in unit if opening <= a < start and _is_inside(reading, u)]
    if not named or named[0][0] - opening > _OPENING or len({u.unit_id for _, _, u in named}) > 1:
        return None
    return None if SAYS.authority_before.search(page.text(opening, named[0][0])) else (named[0][2],)


def heading_of_a_unit(reading: Reading) -> tuple[Unit, ...] | None:
    """A title above that is a unit's name: `- Xã B:` and what is listed below."""
    for above in (reading.passage, *reading.passage.parents):
        page, title = reading.report.page_of(above), above.title
        if page is None or not title or (above is reading.passage and above.title_end > reading.quantity.start):
            continue
        spans = [(a, b, u) for a, b, units in page.units for u in units if _is_inside(reading, u)]
        for first, last, unit in spans:
            if first - above.body_start <= 2 and len(above.body_start * " " + title) - last <= 2:
                return (unit,)
    return None


def _is_inside(reading: Reading, unit: Unit) -> bool:
    return any(unit.unit_id == u.unit_id for units in reading.report.units_inside.values() for u in units)


def bare_name_before(reading: Reading) -> tuple[Unit, ...] | None:
    """A unit's bare name right before its number: `Nậm Nhùn 34,87%`."""
    bare = SAYS.name_before.search(reading.before)
    return _only(_inside(reading, bare[1])) if bare is not None else None


def only_one_of_its_kind(reading: Reading) -> tuple[Unit, ...] | None:
    """`thành phố: 12 hộ`, where the province has one."""
    kind, own = SAYS.lone_kind.search(reading.before), reading.report.head.unit
    if kind is None or own is None:
        return None
    inside = (unit for units in reading.report.units_inside.values() for unit in units)
    return _only([u for u in inside if u.name.lower().startswith(kind[1].lower()) and u.parent_code == own.code])


def of_what_it_hangs_on(reading: Reading) -> tuple[Unit, ...] | None:
    """The rate of a commune's count is the commune's."""
    link, own = reading.link, reading.report.head.unit
    if (
        link is None
        or link.unit is None
        or link.unit is own
        or reading.link_kind not in ("pair", "follow", "for", "bracket")
    ):
        return None
    return (link.unit,)


def head_of_a_row(reading: Reading) -> tuple[Unit, ...] | None:
    """The unit that a table's row is of."""
    page = reading.page
    if page.passage.kind != "row":
        return None
    texts = (page.text(start, end).strip() for start, end in page.passage.cells)
    return _only(_inside(reading, next((text for text in texts if text and not text.isdigit()), "")))


def _inside(reading: Reading, name: str) -> list[Unit]:
    return reading.report.units_inside.get(unit_name_key(name), [])


def _only(units: list[Unit]) -> tuple[Unit, ...] | None:
    return (units[0],) if len(units) == 1 else None


UNITS: tuple[Rule[tuple[Unit, ...]], ...] = (
    listed_with_a_zero,
    named_before,
    subject_of_the_sentence,
    bare_name_before,
    only_one_of_its_kind,
    of_what_it_hangs_on,
    head_of_a_row,
    heading_of_a_unit,
)
