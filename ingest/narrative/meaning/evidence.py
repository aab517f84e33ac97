"""What spoke for the indicator taken and against it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from ingest.narrative.meaning.reading import Evidence, Reading, Vote
from ingest.narrative.meaning.unit_fit import unit_fit
from ingest.narrative.meaning.windows import DOCUMENT_TITLE, Page
from ingest.narrative.text.lexicon import Lexicon


def evidence_of(
    reading: Reading, best: Vote, ranked: Sequence[Vote], spoken: dict[str, float], near: set[int], lexicon: Lexicon
) -> Evidence:
    """The evidence for the best vote, against the others; `spoken` is what the words around say by themselves."""
    wording = lexicon.wordings[best.code]
    others = [v for v in ranked if v.code != best.code]
    kin = max((v.total for v in others if lexicon.wordings[v.code].family == wording.family), default=0.0)
    rival = max((v.total for v in others if lexicon.wordings[v.code].family != wording.family), default=0.0)
    is_near = any(set(cue.telling) <= near for cue in wording.cues if cue.text == best.cue_text)
    return Evidence(
        worded=best.cue,
        linked=best.link,
        kin=kin,
        rival=rival,
        elsewhere=named_elsewhere(spoken, wording.family, lexicon),
        fit=unit_fit(wording, reading.quantity),
        known=_known(reading),
        titled=_titled(reading.page, best.code, lexicon),
        is_near=is_near,
    )


def _titled(page: Page, code: str, lexicon: Lexicon) -> float:
    if page.subjects is None:
        page.subjects = frozenset[str]().union(
            *(lexicon.subjects_of(term) for term, weight in page.above.items() if weight > DOCUMENT_TITLE)
        )
    domain = lexicon.catalogue.indicators[code].domain
    return 0.5 if not page.subjects else float(domain in page.subjects) / len(page.subjects)


def _known(reading: Reading) -> float:
    """The share of the words around a quantity that belong to some wording, its unit or a unit's name."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    left, right = (window.left, window.right) if page.passage.kind != "row" else (0, quantity.start)
    words = known = 0
    first = bisect_left(page.tokens.starts, left)
    spans = [(m.start, m.end) for m in page.mentions.touching(left, right)]
    spans += [(start, end) for start, end, _ in page.units] + [(quantity.start, quantity.end)]
    for start in page.tokens.starts[first : bisect_left(page.tokens.starts, right)]:
        words += 1
        known += any(a <= start < b for a, b in spans)
    return known / words if words else 1.0


def worded_elsewhere(spoken: dict[str, float], family: str, lexicon: Lexicon) -> float:
    """How strongly the words near a quantity speak for another family than one."""
    return min(1.0, max((s for code, s in spoken.items() if lexicon.wordings[code].family != family), default=0.0))


def named_elsewhere(spoken: dict[str, float], family: str, lexicon: Lexicon) -> float:
    """How fully the words near a quantity name an indicator of another family: an act, not a mere group of people."""
    named = (
        s
        for code, s in spoken.items()
        if lexicon.wordings[code].family != family and not lexicon.wordings[code].is_group
    )
    return max(named, default=0.0)
