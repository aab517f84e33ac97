"""How well a written unit fits an indicator's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ingest.narrative.text.lexicon import Lexicon, Wording
from ingest.narrative.text.quantities import UNKNOWN, Quantity

# Written units that may stand for an indicator's unit, and how well.
_NEAR_UNITS: dict[tuple[str, str], float] = {
    ("person", "turn_person"): 0.65, ("turn_person", "person"): 0.72, ("household", "turn_household"): 0.75,
    ("turn_household", "household"): 0.6, ("turn_person", "turn_household"): 0.6,
    ("case", "person"): 0.8, ("person", "case"): 0.78, ("household", "case"): 0.7,
    ("household", "house"): 0.75, ("house", "household"): 0.7, ("organisation", "establishment"): 0.85,
    ("establishment", "organisation"): 0.85, ("document", "dossier"): 0.7, ("dossier", "document"): 0.6,
    ("target_item", "post"): 0.75, ("session", "class"): 0.7, ("class", "session"): 0.7, ("session", "visit"): 0.75,
    ("session", "inspection"): 0.8, ("inspection", "session"): 0.6, ("activity", "session"): 0.6,
    ("session", "activity"): 0.6,
    ("place", "commune"): 0.6, ("turn_person", "case"): 0.6, ("turn_person", "inspection"): 0.7,
    ("project", "activity"): 0.6,
    ("percentage_point", "percent"): 0.9, ("percent", "percentage_point"): 0.95, ("item", "pair"): 0.5,
    ("case", "dossier"): 0.6,
    ("dossier", "case"): 0.7, ("document", "person"): 0.5, ("dossier", "person"): 0.5, ("case", "household"): 0.6,
}  # fmt: skip
_SPECIAL_UNITS = {"vnd", "percent", "percentage_point", "kg"}


def unit_fit(wording: Wording, quantity: Quantity) -> float:
    """How well a quantity's written unit fits an indicator's: 1 the same, 0 not at all."""
    return _unit_fit(wording.unit, wording.also, tuple(quantity.units), quantity.implied)


def unit_fits(quantity: Quantity, lexicon: Lexicon) -> Mapping[str, float]:
    """Every indicator that a quantity's written unit fits, and how well."""
    return _unit_fits(tuple(quantity.units), quantity.implied, lexicon)


@lru_cache(maxsize=256)
def _unit_fits(units: tuple[str, ...], implied: str, lexicon: Lexicon) -> Mapping[str, float]:
    fits = ((code, _unit_fit(w.unit, w.also, units, implied)) for code, w in lexicon.wordings.items())
    return {code: fit for code, fit in fits if fit > 0.0}


def _unit_fit(unit: str, also: frozenset[str], units: tuple[str, ...], implied: str) -> float:
    best = 0.0
    for position, written in enumerate(units):
        if written == unit:
            best = max(best, 1.0 if position or len(units) == 1 else 0.85)
        elif written in also:
            best = max(best, 0.93)
        best = max(best, _NEAR_UNITS.get((written, unit), 0.0))
    if not units and unit not in _SPECIAL_UNITS:
        if not implied:
            return 0.85
        if implied == UNKNOWN:
            return 0.45
        if implied == unit or implied in also:
            return 0.95
        return max(0.7, 0.95 * _NEAR_UNITS.get((implied, unit), 0.0))
    return best
