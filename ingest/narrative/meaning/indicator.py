"""Which indicator a quantity belongs to.

Each wording near a quantity speaks for the indicators it words, the more the nearer it stands and the
more it says. The quantities before it speak as well: a sum of money belongs to the persons just
counted, a part to its whole, a list's item to the sentence that introduces the list, a footnote to
the number its mark stands behind. The best candidate is taken if it is good enough; how good, and by
how much the best, becomes the confidence.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from ingest.catalogue import Catalogue
from ingest.narrative.meaning.changes import (
    equals_change,
    follows_plan,
    is_over_target,
    is_plan_value,
    may_be_change,
    of_plan_votes,
    planned_fall,
    says_change,
    says_share_of_plan,
    take_change,
)
from ingest.narrative.meaning.links import NoteAnchor, lend_anchor_terms, links_of, marked, note_anchor
from ingest.narrative.meaning.reading import LINK_WEIGHT, Evidence, LinkKind, Reading, Vote
from ingest.narrative.meaning.report_head import ReportContext
from ingest.narrative.meaning.windows import (
    DOCUMENT_TITLE,
    EARLIER,
    SUBJECT_TITLE,
    Page,
    Window,
    locality,
    read_page,
    titles_above,
)
from ingest.narrative.text.lexicon import Cue, Lexicon, Mention, Wording
from ingest.narrative.text.quantities import UNKNOWN, Quantity
from ingest.narrative.text.segments import Document, Passage

# … where the words around say nothing of their own: `Từ đầu năm có 1.159 hộ`.
BARE_WEIGHT: dict[LinkKind, float] = {"beside": 0.62, "sentence": 0.56, "apart": 0.66}
SIBLING = 0.8
SIBLING_IN_SERIES = 0.4
# A proposal is worth making from here on; how sure it is, `confidence` says.
THRESHOLD = 0.28
# From here on the words around a number say for themselves what it is.
WORDED = 0.5
GROUP_WEIGHT = 0.75
AGAINST_WEIGHT = 0.3
TITLE_ONLY_LIMIT = 0.46

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


def attach(
    document: Document, context: ReportContext, lexicon: Lexicon, catalogue: Catalogue
) -> tuple[list[Page], list[Reading]]:
    """Reads every quantity of a report and finds its indicator: the pages and the readings in reading order."""
    pages = [read_page(passage, context, lexicon, catalogue) for passage in document.passages]
    page_of = {id(page.passage): page for page in pages}
    title_terms = _title_terms(context, pages, lexicon, catalogue)
    readings_of: dict[int, list[Reading]] = {}
    notes = [page for page in pages if page.passage.kind == "footnote"]
    first_marks = marked(pages)
    count = 0
    for page in [*(p for p in pages if p.passage.kind != "footnote"), *notes]:
        page.above = _terms_above(page_of, page.passage, title_terms)
        anchor = note_anchor(page, first_marks, readings_of) if page.passage.kind == "footnote" else None
        if anchor is not None:
            lend_anchor_terms(page, anchor)
        readings: list[Reading] = []
        readings_of[id(page.passage)] = readings
        for quantity, window in zip(page.quantities, page.windows, strict=True):
            reading = Reading(page, quantity, window, count)
            count += 1
            _attach_one(reading, readings, readings_of, anchor, lexicon, catalogue)
            readings.append(reading)
        _look_ahead(readings, lexicon, catalogue)
    return pages, [reading for page in pages for reading in readings_of[id(page.passage)]]


# What the titles say


def _title_terms(context: ReportContext, pages: list[Page], lexicon: Lexicon, catalogue: Catalogue) -> dict[int, float]:
    """What the report's title says: much if it is of one subject, little if it names the whole field."""
    titles = [page for page in pages[:20] if page.passage.text and page.passage.text in context.title]
    terms = {m.term for page in titles for m in page.mentions}
    domains = {
        catalogue.indicators[code].domain
        for term in terms if term not in lexicon.people
        for code, cue in lexicon.by_term.get(term, ()) if cue.telling == (term,)
    }  # fmt: skip
    weight = SUBJECT_TITLE if len(domains) <= NARROW else DOCUMENT_TITLE
    return dict.fromkeys(terms, weight)


# A title of so few domains is a subject's report.
NARROW = 2


def _terms_above(page_of: dict[int, Page], passage: Passage, title_terms: dict[int, float]) -> dict[int, float]:
    """The wordings of the titles above a passage. A section's own title says more than the report's."""
    terms: dict[int, float] = {}
    for page, start, end, weight in titles_above(page_of, passage):
        for mention in page.mentions.between(start, end):
            if mention.end <= end:
                terms[mention.term] = max(terms.get(mention.term, 0.0), weight)
    limit = DOCUMENT_TITLE if terms else SUBJECT_TITLE
    return {term: min(weight, limit) for term, weight in title_terms.items()} | terms


# Votes


def _look_ahead(readings: list[Reading], lexicon: Lexicon, catalogue: Catalogue) -> None:
    """What was not recognised may be told by the next quantity of its clause: `115 kg cho 20 hộ thiếu đói`."""
    for reading, following in reversed(list(pairwise(readings))):
        quantity, window = reading.quantity, reading.window
        if reading.indicator or not following.indicator or reading.role or reading.page.passage.kind == "row":
            continue
        if following.window.sentence_start != window.sentence_start or following.is_change:
            continue
        between = reading.page.text(quantity.end, following.quantity.start)
        if re.search(r"[;.()]|,\s", between) or quantity.unit in ("percent", "percentage_point"):
            continue
        terms, near = _terms(reading.page, quantity, window, reading.head, lexicon)
        cues = {code: strength for code, _, strength in _cue_votes(terms, near, quantity, lexicon)}
        votes = [
            Vote(
                code, cues.get(code, 0.0), "", strength * unit_fit(lexicon.wordings[code], quantity), following, "ahead"
            )
            for code, strength in _link_votes(LINK_WEIGHT["ahead"], "ahead", following, lexicon, catalogue)
            if _is_allowed(lexicon.wordings[code], quantity, near, terms, lexicon)
        ]
        best = max(votes, key=lambda v: v.total, default=None)
        if best is not None and best.total >= THRESHOLD:
            reading.indicator = reading.base = best.code
            reading.score = best.total
            reading.evidence = _evidence(reading, best, votes, cues, near, lexicon)
            reading.hang(following, "ahead")
            reading.steps.append(f"{best.code} {best.total:.2f}: told by the next quantity")


def _attach_one(
    reading: Reading,
    before: list[Reading],
    readings_of: dict[int, list[Reading]],
    anchor: NoteAnchor | None,
    lexicon: Lexicon,
    catalogue: Catalogue,
) -> None:
    page, quantity, window = reading.page, reading.quantity, reading.window
    reading.head = _column_head(page, quantity)
    _take_row_unit(reading, lexicon)
    terms, near = _terms(page, quantity, window, reading.head, lexicon)
    links = links_of(reading, before, readings_of, anchor, lexicon)
    if quantity.link == "ratio" and links:
        _attach_denominator(reading, links[0][1], lexicon, catalogue)
        return
    if quantity.link == "range" and links:
        _attach_range_end(reading, links[0][1])
        return
    is_change = says_change(page, quantity, window) or equals_change(reading, before)
    is_of_plan = (
        quantity.unit == "percent"
        and not is_change
        and (says_share_of_plan(page, quantity, window, reading.head) or follows_plan(reading, before))
    )
    votes: dict[str, Vote] = {}
    for code, cue, strength in _cue_votes(terms, near, quantity, lexicon):
        vote = votes.setdefault(code, Vote(code))
        if strength > vote.cue:
            vote.cue, vote.cue_text = strength, cue
    spoken = {code: vote.cue for code, vote in votes.items()}
    is_bare = max(spoken.values(), default=0.0) < WORDED
    for kind, other in links:
        weight = LINK_WEIGHT[kind]
        if is_bare and _is_same_kind(quantity, other.quantity):
            weight = max(weight, BARE_WEIGHT.get(kind, 0.0))
        for code, strength in _link_votes(weight, kind, other, lexicon, catalogue):
            wording = lexicon.wordings[code]
            fit = unit_fit(wording, quantity)
            if kind == "series" and fit and code == other.indicator:
                fit = 1.0
            strength *= fit * (0.5 if wording.against & near else 1.0)
            if kind in ("beside", "sentence") and not is_bare:
                strength *= max(0.0, 1.0 - _worded_elsewhere(spoken, wording.family, lexicon))
            elif kind != "pair":
                strength *= max(0.0, min(1.0, YIELDING - _named_elsewhere(spoken, wording.family, lexicon)))
            vote = votes.setdefault(code, Vote(code))
            if strength > vote.link:
                vote.link, vote.reading, vote.kind = strength, other, kind
    for vote in votes.values():
        if lexicon.wordings[vote.code].is_group and any(
            _is_finer(other, vote.code, lexicon) for kind, other in links if kind in ("part", "series")
        ):
            vote.cue *= 0.6
    if is_bare and (code := _of_everybody(reading, before, lexicon)):
        vote = votes.setdefault(code, Vote(code))
        vote.cue, vote.cue_text = max(vote.cue, WORDED + 0.12), "households and their members"
    allowed = [v for v in votes.values() if _is_allowed(lexicon.wordings[v.code], quantity, near, terms, lexicon, v)]
    if is_over_target(page, quantity, window):
        allowed = [v for v in allowed if lexicon.wordings[v.code].is_excess]
    if is_of_plan:
        allowed = of_plan_votes(allowed, links, lexicon, catalogue)
    else:
        allowed = [v for v in allowed if lexicon.wordings[v.code].rate_kind != "plan"]
    # Where a group's share in all is worded, the rate of the group itself is not meant.
    shared = {
        catalogue.indicators[v.code].numerator
        for v in allowed if lexicon.wordings[v.code].is_share_of_all and _is_local(terms, lexicon)
    }  # fmt: skip
    allowed = [
        v for v in allowed
        if not (lexicon.wordings[v.code].rate_kind == "group" and catalogue.indicators[v.code].numerator in shared)
    ]  # fmt: skip
    if not is_change:
        allowed = [v for v in allowed if may_be_change(v, near, lexicon, catalogue)]
    ranked = sorted(allowed, key=lambda v: v.total, reverse=True)
    for vote in ranked[:4]:
        reading.steps.append(
            f"{vote.code} {vote.total:.2f} = wording {vote.cue:.2f} ({vote.cue_text or '–'})"
            f" + link {vote.link:.2f} ({vote.kind or '–'})"
        )
    if links:
        kind, other = max(links, key=lambda item: LINK_WEIGHT[item[0]])
        reading.hang(other, kind)
    if not ranked or ranked[0].total < THRESHOLD:
        reading.is_change = is_change
        return
    best = ranked[0]
    reading.score = best.total
    reading.margin = best.total - next((v.total for v in ranked[1:] if v.code != best.code), 0.0)
    reading.evidence = _evidence(reading, best, ranked, spoken, near, lexicon)
    _choose_link(reading, best, links, lexicon)
    reading.indicator = reading.base = best.code
    reading.steps.append(
        f"taken: {best.code}, hanging on {reading.link.quantity.raw!r} ({reading.link_kind})"
        if reading.link
        else f"taken: {best.code}"
    )
    reading.is_change = is_change
    if is_change:
        take_change(reading, lexicon)
    elif fall := planned_fall(reading, before, lexicon):
        reading.indicator = fall
        reading.steps.append(f"the plan of a fall: {fall}")


_MEMBERS = re.compile(r"(?:\s?/\s?|,?\s+(?:với|và)\s+|,\s+)\d[\d.,]*\s+(?:nhân\s+)?khẩu\b", re.I)
_ALL_HAVE = re.compile(
    r"(?i)(?:(?:toàn\s+)?(?:xã|huyện|tỉnh|phường|thị trấn|thị xã|thành phố|quận|đặc khu|thôn|ấp|bản)|"
    r"hiện|tổng số|tổng cộng|dân phố)"
    r"[^.;:]{0,30}?(?:\bcó|\blà|tổng số|\bgồm|[,;])\s*$"
)


def _of_everybody(reading: Reading, before: list[Reading], lexicon: Lexicon) -> str:
    """`Toàn xã có 4.318 hộ, 18.950 khẩu` counts all, where nothing else is named."""
    quantity, text = reading.quantity, reading.page.passage.text
    households, persons = lexicon.of_everybody["household"], lexicon.of_everybody["person"]
    if quantity.unit == "household" and _MEMBERS.match(text, quantity.end):
        return households if _ALL_HAVE.search(text[max(0, quantity.start - 60) : quantity.start]) else ""
    if quantity.unit == "person" and before and before[-1].indicator == households:
        between = text[before[-1].quantity.end : quantity.start]
        return persons if len(between) < 8 else ""
    return ""


def _is_same_kind(quantity: Quantity, other: Quantity) -> bool:
    """Whether two quantities may count the same: the same unit, or money on whatever was counted."""
    return quantity.unit == other.unit or not quantity.units or quantity.unit == "vnd"


def _evidence(
    reading: Reading, best: Vote, ranked: Sequence[Vote], spoken: dict[str, float], near: set[int], lexicon: Lexicon
) -> Evidence:
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
        elsewhere=_named_elsewhere(spoken, wording.family, lexicon),
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


def _is_finer(whole: Reading, code: str, lexicon: Lexicon) -> bool:
    """Whether what a quantity is a part of says more than the bare group that its unit names (`145 trẻ`)."""
    other = lexicon.wordings.get(whole.indicator)
    return (
        other is not None
        and other.code != code
        and other.family == lexicon.wordings[code].family
        and not other.is_group
    )


def _worded_elsewhere(spoken: dict[str, float], family: str, lexicon: Lexicon) -> float:
    """How strongly the words near a quantity speak for another family than one."""
    return min(1.0, max((s for code, s in spoken.items() if lexicon.wordings[code].family != family), default=0.0))


# A quantity before speaks with all its weight up to here less how fully the words name something else.
YIELDING = 1.6


def _named_elsewhere(spoken: dict[str, float], family: str, lexicon: Lexicon) -> float:
    """How fully the words near a quantity name an indicator of another family: an act, not a mere group of people."""
    named = (
        s
        for code, s in spoken.items()
        if lexicon.wordings[code].family != family and not lexicon.wordings[code].is_group
    )
    return max(named, default=0.0)


def _choose_link(reading: Reading, best: Vote, links: list[tuple[LinkKind, Reading]], lexicon: Lexicon) -> None:
    """Hangs a reading on the nearest quantity of its family: a sum of money on its persons before its whole."""
    family = lexicon.wordings[best.code].family

    def rank(item: tuple[LinkKind, Reading]) -> tuple[float, bool]:
        kind, other = item
        return LINK_WEIGHT[kind], (other.base or other.indicator) == best.code

    kin = [
        (kind, other) for kind, other in links
        if (code := other.base or other.indicator) in lexicon.wordings and lexicon.wordings[code].family == family
    ]  # fmt: skip
    if kin:
        kind, other = max(kin, key=rank)
        reading.hang(other, kind)
    elif best.reading is not None:
        reading.hang(best.reading, best.kind or "beside")


def _terms(
    page: Page, quantity: Quantity, window: Window, head: str, lexicon: Lexicon
) -> tuple[dict[int, float], set[int]]:
    """Every wording that may speak for a quantity with how much it counts, and those right beside it."""
    terms = dict(page.above)
    near: set[int] = set()
    if head:
        for mention in lexicon.mentions_of(head):
            terms[mention.term] = max(terms.get(mention.term, 0.0), 0.8)
            near.add(mention.term)
    for mention in _around(page, quantity):
        weight = locality(mention, quantity, window)
        if weight <= EARLIER and mention.end <= page.passage.title_end and mention.start >= page.passage.body_start:
            weight = 0.5
        if page.asides and any(s < mention.start and mention.end <= e < quantity.start for s, e in page.asides):
            weight *= ASIDE
        if weight > terms.get(mention.term, 0.0):
            terms[mention.term] = weight
        if weight >= 0.7:
            near.add(mention.term)
    return terms, near


# How much a wording in a bracket that closes before the number still counts.
ASIDE = 0.5
# How far from a number its words are looked for, in characters.
_REACH_LEFT, _REACH_RIGHT = 900, 500


def _around(page: Page, quantity: Quantity) -> list[Mention]:
    """The wordings in reach of a quantity, and those of its passage's run-in title."""
    start = max(0, quantity.start - _REACH_LEFT)
    titled = page.mentions.between(0, min(page.passage.title_end, start))
    return [*titled, *page.mentions.between(start, quantity.end + _REACH_RIGHT)]


def _cue_votes(
    terms: dict[int, float], near: set[int], quantity: Quantity, lexicon: Lexicon
) -> Iterable[tuple[str, str, float]]:
    """What the wordings around a quantity say: indicator, the best wording, how strongly."""
    fits = unit_fits(quantity, lexicon)
    met: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for term in terms:
        for code, cue in lexicon.by_term.get(term, ()):
            if code not in fits or (cue.terms[0] != term and cue.terms[0] in terms):
                continue
            strength = _strength(cue, terms)
            if strength > 0.0:
                met[code].append((strength, cue.text))
    for code, strengths in met.items():
        wording = lexicon.wordings[code]
        best, text = max(strengths)
        best += 0.04 * min(len(strengths) - 1, 3)
        if wording.is_group:
            best *= GROUP_WEIGHT
        if wording.against & near:
            best *= AGAINST_WEIGHT
        yield code, text, best * fits[code]


def _strength(cue: Cue, terms: dict[int, float]) -> float:
    """How strongly a wording speaks: 0 unless all of it is there, little if only titles say it."""
    product = 1.0
    for term in cue.spoken:
        weight = terms.get(term, 0.0)
        if weight <= 0.0:
            return 0.0
        product *= weight
    for term in cue.conditions:
        if terms.get(term, 0.0) < 0.4:
            return 0.0
    mean = product ** (1 / len(cue.spoken))
    if max(terms[term] for term in cue.telling) < 0.5:
        mean = min(mean, TITLE_ONLY_LIMIT)
    return float(mean * cue.weight)


def _link_votes(
    weight: float, kind: LinkKind, other: Reading, lexicon: Lexicon, catalogue: Catalogue
) -> Iterable[tuple[str, float]]:
    code = other.base or other.indicator
    if not code or code not in lexicon.wordings:
        return
    yield code, weight
    for sibling in lexicon.by_family[lexicon.wordings[code].family]:
        if sibling != code:
            is_rate_of_it = catalogue.indicators[sibling].numerator == code
            yield sibling, weight * (0.92 if is_rate_of_it else SIBLING_IN_SERIES if kind == "series" else SIBLING)


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


def _is_allowed(
    wording: Wording,
    quantity: Quantity,
    near: set[int],
    terms: dict[int, float],
    lexicon: Lexicon,
    vote: Vote | None = None,
) -> bool:
    if unit_fit(wording, quantity) <= 0.0:
        return False
    is_told = (
        vote is not None
        and vote.reading is not None
        and vote.reading.indicator == wording.code
        and vote.kind in ("series", "part", "pair", "item", "bracket", "footnote")
    )
    if is_told and wording.rate_kind != "whole":
        return not quantity.per or quantity.unit != "vnd"
    if wording.needs and not any(terms.get(term, 0.0) >= 0.5 for term in wording.needs):
        return False
    if wording.near and not (wording.near & near):
        return False
    if wording.unless_under and _is_under_another(wording, terms):
        return False
    if wording.topic and not wording.unless_under and not any(terms.get(term, 0.0) > 0.0 for term in wording.topic):
        return False
    parts = set(quantity.per.split("/")) if quantity.per else set()
    if quantity.unit == "vnd" and (parts - {"năm"}):
        return bool(wording.per & parts)
    if wording.per and quantity.unit == "vnd" and not (wording.needs & near):
        return False
    if wording.is_share_of_all:
        return lexicon.term("$share_of_all") in near
    return not (_is_rate_of_households(wording, lexicon) and lexicon.term("$share_of_poor") in near)


def _is_rate_of_households(wording: Wording, lexicon: Lexicon) -> bool:
    counted = lexicon.catalogue.indicators.get(lexicon.catalogue.indicators[wording.code].numerator)
    return wording.rate_kind == "group" and counted is not None and counted.unit_of_measure == "household"


def _is_under_another(wording: Wording, terms: dict[int, float]) -> bool:
    """Whether only another field that shares an indicator's words is named: funeral support of merit persons."""
    own = max((terms.get(term, 0.0) for term in wording.topic), default=0.0)
    return own <= DOCUMENT_TITLE and any(terms.get(term, 0.0) > DOCUMENT_TITLE for term in wording.unless_under)


def _is_local(terms: dict[int, float], lexicon: Lexicon) -> bool:
    """Whether the group of a share over all households is named in its clause."""
    return terms.get(lexicon.term("#ethnicity"), 0.0) >= 0.5


def _attach_denominator(reading: Reading, whole: Reading, lexicon: Lexicon, catalogue: Catalogue) -> None:
    """The second number of `done/total`: what the first is counted out of."""
    reading.role = "denominator"
    reading.hang(whole, "pair")
    wording = lexicon.wordings.get(whole.indicator)
    reading.steps.append("second number of a pair done/total")
    if wording is None:
        return
    over = wording.over
    if not over and (catalogue.indicators[whole.indicator].measure_type == "flow" or is_plan_value(reading)):
        over = whole.indicator
        reading.steps.append("what was to be done of the same")
    if over:
        reading.indicator = reading.base = over
        reading.score, reading.margin, reading.evidence = whole.score, whole.margin, whole.evidence


def _attach_range_end(reading: Reading, start: Reading) -> None:
    """The upper end of a range is what its lower end is."""
    reading.hang(start, "pair")
    reading.indicator, reading.base, reading.is_change = start.indicator, start.base, start.is_change
    reading.score, reading.margin, reading.evidence = start.score, start.margin, start.evidence
    reading.steps.append("upper end of a range")


# Tables


def _column_head(page: Page, quantity: Quantity) -> str:
    """What stands at the top of a table cell's column."""
    passage = page.passage
    if passage.kind != "row" or passage.head is None:
        return ""
    column = next(
        (i for i, (start, end) in enumerate(passage.cells) if start <= quantity.start < max(end, start + 1)), None
    )
    if column is None or column >= len(passage.head.cells):
        return ""
    start, end = passage.head.cells[column]
    return passage.head.text[start:end]


_UNIT_HINT = re.compile(r"(?:ĐVT|đơn vị tính|đơn vị)\s*:?\s*([^).;|]+)", re.I)


_MONEY_COLUMN = re.compile(r"(?i)kinh phí|số tiền|thành tiền|trị giá|giá trị|dự toán")
_MONEY_UNIT = re.compile(r"(?i)(?:nghìn|ngàn|triệu|tỷ|tỉ)?\s*đồng\b")
# A column of money without a unit is in đồng if its numbers are no smaller.
LEAST_IN_DONG = 100_000


def _take_row_unit(reading: Reading, lexicon: Lexicon) -> None:
    """A bare number in a table takes the unit of its row's unit column, of its column's head or of the lead."""
    quantity, passage = reading.quantity, reading.page.passage
    if passage.kind != "row" or quantity.units:
        return
    bracket = re.search(r"\(([^()]*)\)", reading.head)
    hint = _UNIT_HINT.search(passage.lead.text) if passage.lead is not None else None
    places = ["%" if "%" in reading.head else "", bracket[1] if bracket else ""]
    places += [passage.text[s:e].strip() for s, e in passage.cells if not (s <= quantity.start < e)]
    places += [hint[1] if hint else ""]
    if _MONEY_COLUMN.search(reading.head):
        above = " ".join(p.text for p in (passage.lead, passage.head) if p is not None)
        named = _MONEY_UNIT.findall(above)
        places.append(named[-1] if named else "đồng" if quantity.value >= LEAST_IN_DONG else "")
    for place in places:
        unit, factor = lexicon.bare_unit(place)
        if unit:
            quantity.units = (unit,)
            quantity.value *= factor
            return
