"""The review of poor and near-poor households: a unit's totals by ethnicity, then its communes."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period
from ingest.submitters.form_template import Values
from samples.model.sources import UnitYear, published, unit_years
from samples.model.splitting import apportion, between

FORM = "poverty_review"

# Three groups that do not overlap; the form's "minority" is the second and third together.
GROUPS = ("kinh", "local_minority", "other_minority")
_SIZE = (3.7, 4.7, 4.4)
_POOR_SIZE = (4.1, 5.3, 5.0)
_NEAR_POOR_SIZE = (4.0, 5.1, 4.8)
# How many times as often as a Kinh household one of the group is poor, or near-poor.
_POOR_RISK = (1.0, 7.0, 3.6)
_NEAR_POOR_RISK = (1.0, 4.0, 2.5)
_TOWN_KINDS = ("Thị trấn", "Phường")


@dataclass(frozen=True, slots=True)
class Group:
    """Households and persons of a group, and how many of them are poor and near-poor."""

    households: int
    persons: int
    poor_households: int
    poor_persons: int
    near_poor_households: int
    near_poor_persons: int


def figures(unit: Unit, period: Period, catalogue: Catalogue) -> Values:
    """The cells of `poverty_review` for a unit and year."""
    size = unit_years()[unit.code, period.year]
    communes = catalogue.children_of(unit, period.last_day) or [unit]
    by_group = _communes_by_group(size, _unit_groups(size), communes)
    values: dict[tuple[str, str], int] = {}
    whole = [_joined([groups[i] for groups in by_group]) for i in range(len(communes))]
    extra = _among_all(size, whole, communes)
    for index, commune in enumerate(communes):
        kinh, local, other = (groups[index] for groups in by_group)
        columns = {
            "total_households": whole[index].households,
            "total_population": whole[index].persons,
            "poor_households": whole[index].poor_households,
            "poor_persons": whole[index].poor_persons,
            "near_poor_households": whole[index].near_poor_households,
            "near_poor_persons": whole[index].near_poor_persons,
        }
        for name, group in (("kinh", kinh), ("minority", _joined([local, other])), ("local_minority", local)):
            columns |= {
                f"{name}_households": group.households,
                f"{name}_persons": group.persons,
                f"poor_{name}_households": group.poor_households,
                f"poor_{name}_persons": group.poor_persons,
                f"near_poor_{name}_households": group.near_poor_households,
                f"near_poor_{name}_persons": group.near_poor_persons,
            }
        columns |= {column: parts[index] for column, parts in extra.items()}
        values |= {(commune.code, column): value for column, value in columns.items()}
    return values


def _unit_groups(size: UnitYear) -> list[Group]:
    """The unit's totals: published ones where there are some, else of its rates."""
    code, year = size.unit_code, size.year
    minority = round(size.households * size.minority_pct / 100)
    local = round(size.households * size.local_minority_pct / 100)
    households = [size.households - minority, local, minority - local]
    persons = apportion(
        round(size.households * size.household_size), [h * s for h, s in zip(households, _SIZE, strict=True)]
    )
    poor = _stated(code, year, "poor_households")
    if poor is None:
        total = round(size.households * size.poor_pct / 100)
        poor = apportion(total, [h * r for h, r in zip(households, _POOR_RISK, strict=True)], households)
    not_poor = [h - p for h, p in zip(households, poor, strict=True)]
    near_poor = _stated(code, year, "near_poor_households")
    if near_poor is None:
        total = round(size.households * size.near_poor_pct / 100)
        near_poor = apportion(total, [h * r for h, r in zip(not_poor, _NEAR_POOR_RISK, strict=True)], not_poor)
    poor_persons = _stated(code, year, "poor_persons") or [round(p * s) for p, s in zip(poor, _POOR_SIZE, strict=True)]
    near_poor_persons = _stated(code, year, "near_poor_persons") or [
        round(p * s) for p, s in zip(near_poor, _NEAR_POOR_SIZE, strict=True)
    ]
    return [
        Group(*all_of)
        for all_of in zip(households, persons, poor, poor_persons, near_poor, near_poor_persons, strict=True)
    ]


def _stated(code: str, year: int, indicator: str) -> list[int] | None:
    kinh, minority, local = (
        published(code, year, indicator, f"ethnicity={group}") for group in ("kinh", "minority", "local_minority")
    )
    if kinh is None or minority is None or local is None:
        return None
    return [kinh, local, minority - local]


def _communes_by_group(size: UnitYear, totals: list[Group], communes: list[Unit]) -> list[list[Group]]:
    """For each group its communes, so that no commune has more poor than households of that group."""
    households = apportion(
        size.households,
        [between(0.6, 1.5, FORM, "size", c.unit_id) * (1.5 if c.kind in _TOWN_KINDS else 1) for c in communes],
    )
    minority = apportion(
        totals[1].households + totals[2].households,
        [h * between(0.3, 1.7, FORM, "minority", c.unit_id) * (0.5 if c.kind in _TOWN_KINDS else 1)
         for h, c in zip(households, communes, strict=True)],
        [int(h * 0.92) if len(communes) > 1 else h for h in households],
    )  # fmt: skip
    local = apportion(
        totals[1].households,
        [m * between(0.2, 1.8, FORM, "local", c.unit_id) for m, c in zip(minority, communes, strict=True)],
        minority,
    )
    by_group = (
        [h - m for h, m in zip(households, minority, strict=True)],
        local,
        [m - i for m, i in zip(minority, local, strict=True)],
    )
    return [
        _communes_of(name, total, parts, communes) for name, total, parts in zip(GROUPS, totals, by_group, strict=True)
    ]


def _communes_of(name: str, total: Group, households: list[int], communes: list[Unit]) -> list[Group]:
    def weighted(parts: list[int], low: float, high: float, what: str) -> list[float]:
        return [p * between(low, high, FORM, what, name, c.unit_id) for p, c in zip(parts, communes, strict=True)]

    persons = _persons(total.persons, households, weighted(households, 0.9, 1.1, "persons"), None)
    room = [p - h for p, h in zip(persons, households, strict=True)]
    poor = apportion(total.poor_households, weighted(households, 0.4, 1.6, "poor"), households)
    poor_persons = _persons(total.poor_persons, poor, weighted(poor, 0.9, 1.1, "poor persons"), room)
    room = [r - (p - h) for r, p, h in zip(room, poor_persons, poor, strict=True)]
    not_poor = [h - p for h, p in zip(households, poor, strict=True)]
    near_poor = apportion(total.near_poor_households, weighted(not_poor, 0.5, 1.5, "near-poor"), not_poor)
    near_poor_persons = _persons(
        total.near_poor_persons, near_poor, weighted(near_poor, 0.9, 1.1, "near-poor persons"), room
    )
    return [
        Group(*all_of)
        for all_of in zip(households, persons, poor, poor_persons, near_poor, near_poor_persons, strict=True)
    ]


def _persons(total: int, households: list[int], weights: list[float], room: list[int] | None) -> list[int]:
    """Persons by commune: one for each household, the others in proportion, none where no household is."""
    limits = (
        [total if h else 0 for h in households]
        if room is None
        else [r if h else 0 for r, h in zip(room, households, strict=True)]
    )
    more = apportion(total - sum(households), weights, limits)
    return [h + m for h, m in zip(households, more, strict=True)]


def _joined(groups: list[Group]) -> Group:
    return Group(
        sum(g.households for g in groups),
        sum(g.persons for g in groups),
        sum(g.poor_households for g in groups),
        sum(g.poor_persons for g in groups),
        sum(g.near_poor_households for g in groups),
        sum(g.near_poor_persons for g in groups),
    )


def _among_all(size: UnitYear, whole: list[Group], communes: list[Unit]) -> dict[str, list[int]]:
    """Households of average living standard, and the groups that cut across ethnicity, by commune."""

    def weighted(parts: list[int], what: str) -> list[float]:
        return [p * between(0.7, 1.3, FORM, what, c.unit_id) for p, c in zip(parts, communes, strict=True)]

    code, year = size.unit_code, size.year
    others = [g.households - g.poor_households - g.near_poor_households for g in whole]
    total = published(code, year, "avg_living_agri_households") or round(
        size.households * size.avg_living_agri_pct / 100
    )
    agri = apportion(total, weighted(others, "agri"), others)
    persons_left = [g.persons - g.poor_persons - g.near_poor_persons - o for g, o in zip(whole, others, strict=True)]
    agri_persons = _persons(
        published(code, year, "avg_living_agri_persons") or round(total * 4.2),
        agri,
        weighted(agri, "agri persons"),
        persons_left,
    )
    found = {"avg_living_agri_households": agri, "avg_living_agri_persons": agri_persons}
    for kind, parts in (
        ("poor", [g.poor_households for g in whole]),
        ("near_poor", [g.near_poor_households for g in whole]),
    ):
        for group, low, high in (("merit", 0.01, 0.03), ("no_labour", 0.12, 0.24), ("female_head", 0.24, 0.36)):
            share = between(low, high, FORM, kind, group, code)
            found[f"{kind}_{group}_households"] = apportion(
                round(sum(parts) * share), weighted(parts, f"{kind} {group}"), parts
            )
    return found
