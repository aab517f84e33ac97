"""How sure a reading is that all it says is right: indicator, measure, period, unit of measure and breakdown.

A logistic model over what spoke for and against the reading, and over the rules that told the rest. Its weights are
data (`lexicon/confidence.yml`), fitted by `bench/confidence.py` over labelled reports, each report judged by a model
that had not seen it. What 0.9 is worth there stands in the file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from ingest.narrative.meaning.reading import Reading
from ingest.narrative.text.data import FOLDER, read_data

# Beyond these, more of the same says nothing more.
_ENOUGH_WORDED, _ENOUGH_LEAD = 0.8, 0.8


def features(reading: Reading) -> dict[str, float]:
    """What speaks for and against a reading, by name. A quantity it hangs on must have its confidence already."""
    found = reading.evidence
    total = found.worded + found.linked
    link = reading.link
    doubt = 1.0 - link.confidence if link is not None and link.indicator else 1.0
    leaning = min(1.0, found.linked / 0.6) * (1.0 - min(1.0, found.worded)) if link is not None else 0.0
    is_part = reading.link_kind in ("part", "series", "bracket", "item")
    return {
        "worded": found.worded,
        "worded_enough": min(found.worded, _ENOUGH_WORDED),
        "linked": found.linked,
        "lead_over_kin": min(_ENOUGH_LEAD, total - found.kin),
        "lead_over_rival": min(_ENOUGH_LEAD, total - found.rival),
        "unit_fits": found.fit,
        "unit_is_its_own": float(found.fit >= 1.0),
        "unit_unwritten": float(not reading.quantity.units),
        "words_known": found.known,
        "title_of_subject": found.titled,
        "title_of_other": float(found.titled == 0.0),
        "is_row": float(reading.page.passage.kind == "row"),
        "is_short": float(len(reading.page.passage.text) < 40),
        "is_change": float(reading.is_change),
        "is_denominator": float(reading.role == "denominator"),
        "leans_on_doubtful": doubt * leaning,
        "clashes_before": float(reading.clash == "before"),
        "clashes_after": float(reading.clash == "after"),
        "clashes_elsewhere": float(reading.clash == "elsewhere"),
        "blends": float(reading.is_blend),
        "blends_as_part": float(reading.is_blend and is_part),
        "period_untold": float(not reading.report.head.is_period_told),
        "period_its_own": float(reading.decided.get("period") in _OWN_TIMES),
        "period_lent": float(reading.decided.get("period") == "time of what it hangs on"),
        "is_aimed_at": float(reading.measure in ("target", "plan")),
        "is_earlier": float(reading.measure == "prior"),
        "categories": min(_MANY, len(reading.breakdown)),
        "category_from_afar": float(reading.has_far_category),
        "open_lists": min(_MANY, _open_lists(reading)),
        "link_for_all": float(reading.link_kind in ("beside", "sentence")),
    }


_OWN_TIMES = ("time of its own", "day counted up to", "span of a target")
# Beyond so many, more categories say nothing more.
_MANY = 4.0


def _open_lists(reading: Reading) -> float:
    """How many lists the indicator is broken down by of which the reading names no category."""
    wording = reading.wording
    return float(len(wording.lists - set(reading.breakdown) - {"plan_level"})) if wording is not None else 0.0


def confidence(reading: Reading) -> float:
    """From 0 to 0.99; 0 where no indicator was found."""
    if not reading.indicator:
        return 0.0
    weights = _weights()
    logit = weights["intercept"] + sum(weights.get(name, 0.0) * value for name, value in features(reading).items())
    return round(min(0.99, 1.0 / (1.0 + math.exp(-logit))), 3)


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, float]:
    return dict(read_data(FOLDER / "confidence.yml", dict[str, float]))
