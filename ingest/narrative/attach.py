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
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from ingest.catalogue import Catalogue, Unit
from ingest.model import Accumulation, Status
from ingest.narrative.context import ReportContext
from ingest.narrative.lexicon import Cue, Lexicon, Mention, Wording
from ingest.narrative.quantities import UNKNOWN, Quantity
from ingest.narrative.segments import Document, Passage
from ingest.narrative.windows import (
    DOCUMENT_TITLE,
    EARLIER,
    SUBJECT_TITLE,
    TRANSPARENT,
    Page,
    Window,
    locality,
    read_page,
    titles_above,
)
from ingest.periods import Period

LinkKind = Literal[
    "pair", "follow", "bracket", "series", "for", "apart", "part", "item", "footnote", "ahead", "beside", "sentence"
]

# How strongly a quantity before speaks for its own indicator and family.
LINK_WEIGHT: dict[LinkKind, float] = {
    "pair": 0.9, "follow": 0.75, "bracket": 0.7, "series": 0.72, "for": 0.7, "apart": 0.5, "part": 0.62, "item": 0.6,
    "footnote": 0.65, "ahead": 0.6, "beside": 0.38, "sentence": 0.22,
}  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """What spoke for the indicator taken and against it, each from 0 up; for `confidence`.

    `worded` and `linked` are its own two parts; `kin` and `rival` are the totals of the best others, of its
    family and of another; `elsewhere` is how fully the words name another family; `fit` how well the unit
    fits; `known` the share of the words around that the lexicon knows; `titled` the share of what the titles
    above speak of that is of its subject, a half if they say nothing; `is_near` whether its wording stands right
    beside the number.
    """

    worded: float = 0.0
    linked: float = 0.0
    kin: float = 0.0
    rival: float = 0.0
    elsewhere: float = 0.0
    fit: float = 0.0
    known: float = 0.0
    titled: float = 0.5
    is_near: bool = False


@dataclass(slots=True)
class Reading:
    """A quantity with the meaning it was given; `steps` say why.

    `link` is the quantity on which it hangs and `link_kind` how; `carrier` and `carries` are those of
    whose categories, measure and period it takes over; `wholes` are the quantities it is a part of.
    """

    page: Page
    quantity: Quantity
    window: Window
    index: int
    indicator: str = ""
    base: str = ""
    score: float = 0.0
    margin: float = 0.0
    evidence: Evidence = field(default_factory=Evidence)
    link: Reading | None = None
    link_kind: LinkKind | None = None
    carrier: Reading | None = None
    carries: LinkKind | None = None
    wholes: list[Reading] = field(default_factory=list)
    role: Literal["", "denominator"] = ""
    is_change: bool = False
    breakdown: dict[str, str] = field(default_factory=dict)
    measure: str = "actual"
    period: Period | None = None
    as_of: date | None = None
    accumulation: Accumulation = "period"
    status: Status = "official"
    issuer: str = ""
    unit: Unit | None = None
    other_units: tuple[Unit, ...] = ()
    clash: Literal["", "before", "after", "elsewhere"] = ""
    is_blend: bool = False
    confidence: float = 0.0
    head: str = ""
    steps: list[str] = field(default_factory=list)

    def hang(self, link: Reading, kind: LinkKind) -> None:
        """Hangs this reading on another; an item of a series carries what the series' first item does."""
        self.link, self.link_kind = link, kind
        is_series = kind == "series"
        self.carrier, self.carries = (link.carrier, link.carries) if is_series else (link, kind)

    @property
    def passage(self) -> Passage:
        """The passage it stands in."""
        return self.page.passage


@dataclass(slots=True)
class Vote:
    """What speaks for one indicator."""

    code: str
    cue: float = 0.0
    cue_text: str = ""
    link: float = 0.0
    reading: Reading | None = None
    kind: LinkKind | None = None

    @property
    def total(self) -> float:
        """The sum of both kinds of evidence."""
        return self.cue + self.link


def attach(
    document: Document, context: ReportContext, lexicon: Lexicon, catalogue: Catalogue
) -> tuple[list[Page], list[Reading]]:
    """Reads every quantity of a report and finds its indicator: the pages and the readings in reading order."""
    pages = [read_page(passage, context, lexicon, catalogue) for passage in document.passages]
    page_of = {id(page.passage): page for page in pages}
    title_terms = _title_terms(context, pages, lexicon, catalogue)
    readings_of: dict[int, list[Reading]] = {}
    notes = [page for page in pages if page.passage.kind == "footnote"]
    marked = _marked(pages)
    count = 0
    for page in [*(p for p in pages if p.passage.kind != "footnote"), *notes]:
        page.above = _terms_above(page_of, page.passage, title_terms)
        anchor = _note_anchor(page, marked, readings_of) if page.passage.kind == "footnote" else None
        if anchor is not None:
            _lend_anchor_terms(page, anchor)
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


# What the quantities before say


@dataclass(slots=True)
class NoteAnchor:
    """Where a footnote's mark stands: the page, the offset, and the quantity just before it if there is one."""

    page: Page
    offset: int
    reading: Reading | None
    sentence: list[Reading]


def _marked(pages: list[Page]) -> dict[str, tuple[Page, int]]:
    """Where each footnote's mark stands first."""
    marked: dict[str, tuple[Page, int]] = {}
    for page in pages:
        if page.passage.kind != "footnote":
            for offset, number in page.passage.marks:
                marked.setdefault(number, (page, offset))
    return marked


def _note_anchor(
    note: Page, marked: dict[str, tuple[Page, int]], readings_of: dict[int, list[Reading]]
) -> NoteAnchor | None:
    if note.passage.number not in marked:
        return None
    page, offset = marked[note.passage.number]
    readings = readings_of.get(id(page.passage), [])
    sentence = next((s for s in page.passage.sentences if s.start <= offset <= s.end), None)
    before = [r for r in readings if sentence and sentence.start <= r.quantity.start < offset]
    near = before[-1] if before and offset - before[-1].quantity.end <= 25 else None
    if near is None and before and not re.search(r"[;.]", page.text(before[-1].quantity.end, offset)):
        near = before[-1]
    return NoteAnchor(page, offset, near, before)


def _lend_anchor_terms(page: Page, anchor: NoteAnchor) -> None:
    """A footnote explains the words before its mark, so they count for it as a lead does."""
    passage = anchor.page.passage
    start = next((s.start for s in passage.sentences if s.start <= anchor.offset <= s.end), 0)
    cut = max(passage.text.rfind(";", start, anchor.offset) + 1, start)
    for mention in anchor.page.mentions.between(start, anchor.offset):
        weight = 0.55 if mention.start >= cut else 0.4
        page.above[mention.term] = max(page.above.get(mention.term, 0.0), weight)


# A quantity hangs on none that stands further back than so many others.
_BEFORE = 40


def _links(
    reading: Reading,
    before: list[Reading],
    readings_of: dict[int, list[Reading]],
    anchor: NoteAnchor | None,
    lexicon: Lexicon,
) -> list[tuple[LinkKind, Reading]]:
    """The quantities on which this one may hang, each with how."""
    window, quantity, page = reading.window, reading.quantity, reading.page
    links: list[tuple[LinkKind, Reading]] = []
    same = [
        r for r in before[-_BEFORE:]
        if r.quantity.start >= window.sentence_start
        and r.quantity.unit not in TRANSPARENT
        and (r.role == "" or quantity.link or r is before[-1])
        and page.passage.kind != "row"
    ]  # fmt: skip
    if same:
        last = same[-1]
        if quantity.link in ("pair", "ratio", "range"):
            return [("pair", last)]
        between = page.text(last.quantity.end, quantity.start)
        if re.fullmatch(r"[^;.()]{0,60}/\s*", between):
            return [("pair", last)]
        level = [r for r in same if r.window.depth == window.depth and r.window.opener == window.opener]
        if window.opens_bracket:
            is_comparison = re.search(
                r"(?i)(?:so với|so|cùng kỳ|năm trước)[^();]{0,40}\([^()]{0,15}$",
                page.text(window.sentence_start, quantity.start),
            )
            links.append(("pair" if is_comparison else "bracket", same[-1]))
        elif level:
            peer = level[-1]
            is_rate = quantity.unit in ("vnd", "percent", "percentage_point")
            is_apart = ";" in page.text(peer.quantity.end, quantity.start)
            was_rate = peer.quantity.unit in ("vnd", "percent", "percentage_point")
            counted = [r for r in reversed(level) if r.quantity.unit not in ("vnd", "percent", "percentage_point")]
            if is_rate and not (was_rate and peer.quantity.unit == quantity.unit):
                links.append(("apart" if is_apart else "follow", peer))
            elif is_rate:
                links.append(("beside", peer))
            else:
                counts = [r for r in reversed(level) if r.quantity.unit not in ("vnd", "percent", "percentage_point")]
                peer = next((r for r in counts if not is_plan_value(r)), peer)
                links.append((_count_after_count(reading, peer, last, lexicon), peer))
            if is_rate and was_rate and counted and ";" not in page.text(counted[0].quantity.end, quantity.start):
                links.append(("follow", counted[0]))
    wholes = _wholes(reading, same, before, readings_of)
    if wholes:
        reading.wholes = wholes
        links += [("part", r) for r in wholes]
    elif not same and page.passage.kind != "row":
        earlier = [r for r in before[-_BEFORE:] if r.quantity.start < window.sentence_start]
        if earlier and earlier[-1].window.sentence_end >= window.sentence_start - 1:
            first = next(r for r in earlier if r.window.sentence_start == earlier[-1].window.sentence_start)
            links += [("sentence", earlier[-1]), ("sentence", first)]
        links += [("item", r) for r in _lead_readings(page.passage, readings_of)]
    if anchor is not None:
        if anchor.reading is not None:
            if not reading.wholes:
                links += [("footnote", anchor.reading)]
                reading.wholes = [anchor.reading]
        else:
            links += [("beside", r) for r in anchor.sentence[-1:]]
    return links


def _count_after_count(reading: Reading, peer: Reading, last: Reading, lexicon: Lexicon) -> LinkKind:
    """How a count hangs on the count before it; `last` is the quantity that stands right before."""
    between = reading.page.text(last.quantity.end, reading.quantity.start)
    if peer is last and peer.quantity.unit not in ("vnd", "percent") and _FOR.match(between):
        return "for"
    return "series" if _is_series(reading, peer, between, lexicon) else "beside"


_FOR = re.compile(
    r"(?i)(?!.*trong đó)[^;.()]{0,60}\b(?:cho|đến|tới|với)\b(?!\s+(?:cuối|hết|nay|năm|ngày|tháng|thời))[^;,.()]{0,24}$"
)


def _is_series(reading: Reading, peer: Reading, between: str, lexicon: Lexicon) -> bool:
    """Whether two counts are items of one enumeration by categories or units: `karaoke 254, massage: 30`."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    wording = lexicon.wordings.get(peer.base or peer.indicator)
    if wording is None or (peer.quantity.unit != quantity.unit and peer.quantity.units and quantity.units):
        return False
    if (
        len(between) > 60
        or re.search(r"(?i)[;.]\s*(?:có|còn)\b", between)
        or not re.search(r"[,;]|\bvà\b", between)
        or re.search(
            r"(?i)\b(?:đã|được|tổ chức|thực hiện|giải quyết|trong đó|tăng|giảm|so với|còn|đạt|hỗ trợ|cấp|tặng|trao)\b",
            between,
        )
    ):
        return False
    has_category = any(
        m.kind == "category" and m.name in wording.lists
        for m in page.mentions.between(window.left, max(window.right, quantity.end))
    )
    return has_category or any(window.left <= start and end <= quantity.start for start, end, _ in page.units)


def _wholes(
    reading: Reading,
    same: list[Reading],
    before: list[Reading],
    readings_of: dict[int, list[Reading]],
) -> list[Reading]:
    """The quantities of which this is a part: those before the nearest `trong đó`."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    marks = [
        m
        for m in page.mentions.marks("parts")
        if window.sentence_start <= m.start and m.end <= quantity.start and _is_open(m, page, quantity)
    ]
    if marks:
        mark = marks[-1]
        group = [r for r in same if r.quantity.end <= mark.start]
        if group:
            depth = min(r.window.depth for r in group[-3:])
            stop = max(
                page.passage.text.rfind(";", window.sentence_start, group[-1].quantity.start), window.sentence_start
            )
            stop = max([stop, *(m.end for m in marks[:-1] if m.end <= group[-1].quantity.start)])
            return [r for r in group if r.quantity.start >= stop and r.window.depth == depth][-4:]
    head = [
        m for m in page.mentions.marks("parts")
        if m.end <= quantity.start and _starts_sentence(m, page.passage)
    ]  # fmt: skip
    if head and not _has_whole(page, window, quantity):
        start = head[-1].start
        group = [r for r in before[-_BEFORE:] if r.quantity.end <= start]
        if group:
            first = group[-1].window.sentence_start
            return [r for r in group if r.window.sentence_start == first and r.window.depth == 0][:4]
        return _lead_readings(page.passage, readings_of)
    lead = page.passage.lead
    if lead is not None and not same and re.search(r"(?i)(trong đó|gồm|cụ thể|như sau)[^.;]{0,20}:?\s*$", lead.text):
        return _lead_readings(page.passage, readings_of)
    return []


def _is_open(mark: Mention, page: Page, quantity: Quantity) -> bool:
    """Whether a `trong đó` still governs a quantity: not if the bracket it stands in has closed."""
    between = page.text(mark.end, quantity.start)
    if re.search(r"(?i);\s*(?:hiện\s+|toàn \w+\s+)?có\b", between) and not re.match(r"[\s,:]*có\b", between, re.I):
        return False
    return between.count(")") <= between.count("(")


def _starts_sentence(mark: Mention, passage: Passage) -> bool:
    return any(0 <= mark.start - s.start <= 2 for s in passage.sentences)


def _has_whole(page: Page, window: Window, quantity: Quantity) -> bool:
    return any(window.left <= m.start < quantity.start for m in page.mentions.marks("whole")) and window.depth == 0


def _lead_readings(passage: Passage, readings_of: dict[int, list[Reading]]) -> list[Reading]:
    """The quantities of what introduces this passage: the bullet above or the paragraph before the list."""
    for above in (*[p for p in passage.parents if p.rank >= 70 and p.rank < passage.rank], passage.lead):
        if above is None:
            continue
        readings = readings_of.get(id(above), [])
        if readings:
            start = readings[-1].window.sentence_start
            return [r for r in readings if r.window.sentence_start == start and r.window.depth == 0][:4]
    return []


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
    links = _links(reading, before, readings_of, anchor, lexicon)
    if quantity.link == "ratio" and links:
        _attach_denominator(reading, links[0][1], lexicon, catalogue)
        return
    if quantity.link == "range" and links:
        _attach_range_end(reading, links[0][1])
        return
    is_change = _is_change(page, quantity, window) or _equals_change(reading, before)
    is_of_plan = (
        quantity.unit == "percent"
        and not is_change
        and (_is_of_plan(page, quantity, window, reading.head) or _follows_plan(reading, before))
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
    if is_bare and (code := _of_everybody(reading, before)):
        vote = votes.setdefault(code, Vote(code))
        vote.cue, vote.cue_text = max(vote.cue, WORDED + 0.12), "households and their members"
    allowed = [v for v in votes.values() if _is_allowed(lexicon.wordings[v.code], quantity, near, terms, lexicon, v)]
    if _is_over_target(page, quantity, window):
        allowed = [v for v in allowed if v.code.endswith("_over_target")]
    if is_of_plan:
        allowed = _of_plan_votes(allowed, links, lexicon, catalogue)
    else:
        allowed = [v for v in allowed if not v.code.endswith("_plan_completion")]
    shared = {
        lexicon.wordings[v.code].family for v in allowed if v.code.endswith("_share") and _is_local(terms, lexicon)
    }
    allowed = [
        v for v in allowed if not (v.code.endswith("_household_rate") and lexicon.wordings[v.code].family in shared)
    ]
    if not is_change:
        allowed = [v for v in allowed if _may_be_change(v, near, lexicon, catalogue)]
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
        _take_change(reading, catalogue)
    elif fall := _planned_fall(reading, before):
        reading.indicator = fall
        reading.steps.append(f"the plan of a fall: {fall}")


_MEMBERS = re.compile(r"(?:\s?/\s?|,?\s+(?:với|và)\s+|,\s+)\d[\d.,]*\s+(?:nhân\s+)?khẩu\b", re.I)
_ALL_HAVE = re.compile(
    r"(?i)(?:(?:toàn\s+)?(?:xã|huyện|tỉnh|phường|thị trấn|thị xã|thành phố|quận|đặc khu|thôn|ấp|bản)|"
    r"hiện|tổng số|tổng cộng|dân phố)"
    r"[^.;:]{0,30}?(?:\bcó|\blà|tổng số|\bgồm|[,;])\s*$"
)


def _of_everybody(reading: Reading, before: list[Reading]) -> str:
    """`Toàn xã có 4.318 hộ, 18.950 khẩu` counts all, where nothing else is named."""
    quantity, text = reading.quantity, reading.page.passage.text
    if quantity.unit == "household" and _MEMBERS.match(text, quantity.end):
        return "total_households" if _ALL_HAVE.search(text[max(0, quantity.start - 60) : quantity.start]) else ""
    if quantity.unit == "person" and before and before[-1].indicator == "total_households":
        between = text[before[-1].quantity.end : quantity.start]
        return "total_population" if len(between) < 8 else ""
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
    if is_told and not wording.code.endswith("_share"):
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
    if wording.code.endswith("_share") and "ethnicity" in wording.lists:
        return lexicon.term("$share_of_all") in near
    return not (wording.code.endswith("_household_rate") and lexicon.term("$share_of_poor") in near)


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


# Changes and plans


def _is_change(page: Page, quantity: Quantity, window: Window) -> bool:
    """Whether a quantity says by how much something rose or fell, not what it rose or fell to."""
    if page.passage.kind == "row":
        return any(m.end <= quantity.start for m in page.mentions.marks("fall"))
    text = page.passage.text
    marks = [
        m for m in page.mentions.marks("fall", "rise") if window.left <= m.start and m.end <= quantity.start
    ]  # fmt: skip
    if not marks:
        return False
    last = marks[-1]
    between = text[last.end : quantity.start]
    if re.search(r"[,;:](?=\s)(?!\s*(?:bình quân|tương))", between):
        return False
    if any(m.start >= last.start and m.end <= quantity.start for m in page.mentions.marks("level")):
        return False
    after = re.sub(r"(?i)trở lên|trở xuống", "", text[quantity.end : quantity.end + 40])
    return not (re.search(r"(?i)\btừ\s*$", between) and re.match(r"(?i)[^,;.]{0,25}\b(?:xuống|lên|còn)\b", after))


def _equals_change(reading: Reading, before: list[Reading]) -> bool:
    """Whether a rate restates the change before it: `giảm 417 hộ, tương đương 1,09%`."""
    if not before or not before[-1].is_change or before[-1].window.sentence_start != reading.window.sentence_start:
        return False
    between = reading.page.text(before[-1].quantity.end, reading.quantity.start)
    return bool(_EQUALS.fullmatch(between)) and before[-1].quantity.unit != reading.quantity.unit


_EQUALS = re.compile(r"(?i)[\s,(]*(?:tương đương|tương ứng|tức|bằng)(?:\s+(?:với|là|mức|tỷ lệ))*\s*(?:giảm|tăng)?\s*")


def _is_over_target(page: Page, quantity: Quantity, window: Window) -> bool:
    """Whether a quantity says by how much a target was passed (`vượt 0,52% so với chỉ tiêu`, `vượt 40 hộ`)."""
    text = page.passage.text
    if re.search(r"(?i)\bvượt(?:\s+(?:trên|hơn|gần|thêm))?\s*$", text[window.left : quantity.start]):
        return True
    return bool(re.search(r"(?i)\bcao hơn\s*$", text[window.left : quantity.start])) and bool(
        re.match(r"(?i)\s*(?:so\s+)?(?:với\s+)?(?:chỉ tiêu|kế hoạch|KH|mục tiêu|nghị quyết)", text[quantity.end :])
    )


_RATES = frozenset(("percent", "percentage_point"))


def _planned_fall(reading: Reading, before: list[Reading]) -> str:
    """The indicator of the fall whose plan this is: `giảm 83 hộ nghèo (chỉ tiêu 60 hộ)`."""
    quantity, page = reading.quantity, reading.page
    if not is_plan_value(reading):
        return ""
    for fall in reversed(before[-3:]):
        if fall.window.sentence_start != reading.window.sentence_start or fall.base != reading.base:
            continue
        is_same = fall.quantity.unit == quantity.unit or {fall.quantity.unit, quantity.unit} <= _RATES
        if not is_same or not fall.is_change or not fall.indicator.endswith("_reduction"):
            return ""
        between = page.text(fall.quantity.end, quantity.start)
        return "" if re.search(r"(?i)[;:]|\b(?:còn|xuống|dưới|duy trì)\b", between) else fall.indicator
    return ""


_OF_PLAN_AFTER = re.compile(
    r"\s*(?:\(?so(?:\s+với)?\s+|của\s+|theo\s+|trên\s+)?"
    r"(?:KH\b|kế hoạch|chỉ tiêu|dự toán|mục tiêu|nghị quyết|chỉ tiêu kế hoạch)",
    re.I,
)
_OF_PLAN_BEFORE = re.compile(
    r"(?:kế hoạch|chỉ tiêu|KH)\s*(?:năm|được|đề ra|giao|\d|[^\W\d]){0,4}\s*(?:đạt|bằng|là|:)?\s*$", re.I
)
_PLAN_HEAD = re.compile(
    r"(?:%|tỷ lệ|đạt|so sánh).*(?:KH|kế hoạch|chỉ tiêu)|(?:TH|thực hiện)\s*/\s*KH|"
    r"^\s*(?:tỷ lệ\s+)?(?:đạt|hoàn thành)\s*\(?\s*%",
    re.I,
)


def _is_of_plan(page: Page, quantity: Quantity, window: Window, head: str) -> bool:
    """Whether a per cent sign is of a plan fulfilled (`đạt 100,2% so với kế hoạch`)."""
    text = page.passage.text
    if head:
        return bool(_PLAN_HEAD.search(head))
    left = text[window.left : quantity.start]
    if re.search(r"(?i)\bvượt\s*$", left):
        return False
    if _OF_PLAN_AFTER.match(text, quantity.end):
        return True
    return bool(re.search(r"(?i)\b(?:đạt|bằng|hoàn thành)\s*$", left) and _OF_PLAN_BEFORE.search(left))


def _of_plan_votes(
    allowed: list[Vote], links: list[tuple[LinkKind, Reading]], lexicon: Lexicon, catalogue: Catalogue
) -> list[Vote]:
    """What a share of a plan may be: the completion of the plan of what it hangs on, or a rate of that."""
    near = sorted(links, key=lambda item: LINK_WEIGHT[item[0]], reverse=True)
    for kind, other in near:
        code = f"{other.base or other.indicator}_plan_completion"
        if code in lexicon.wordings:
            return [Vote(code, link=LINK_WEIGHT[kind] + 0.1, reading=other, kind=kind)]
        rates = [v for v in allowed if other.indicator and catalogue.indicators[v.code].numerator == other.indicator]
        if rates:
            return rates
    return [v for v in allowed if v.code.endswith("_plan_completion")] or allowed


def _follows_plan(reading: Reading, before: list[Reading]) -> bool:
    """Whether a rate follows a value with its plan: `2.148 lao động/KH 2.500 lao động, đạt 85,92%`."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    if not before or before[-1].quantity.start < window.sentence_start:
        return False
    last = before[-1]
    if not re.fullmatch(
        r"(?i)[\s,;()]*(?:KH|kế hoạch|chỉ tiêu)?[\s,;()]*(?:đạt|bằng|=|tương ứng|tương đương)(?:\s+tỷ lệ)?\s*",
        page.text(last.quantity.end, quantity.start),
    ):
        return False
    return is_plan_value(last) or last.role == "denominator"


# … `/KH 2.500`, `(kế hoạch giao 5.000)`, `so Nghị quyết HĐND huyện giao (3.400)`, `/400 KH`.
_PLAN_BEFORE = re.compile(
    r"(?i)(?:\bKH|kế hoạch|chỉ tiêu)\b[^;,.()]{0,24}\(?\s*$|"
    r"(?:nghị quyết|chỉ tiêu|kế hoạch)[^;,.()]{0,40}\bgiao\s*\(\s*$"
)
_PLAN_AFTER = re.compile(r"\s*(?:KH\b|kế hoạch(?!\s+(?:đạt|số)))")


def is_plan_value(reading: Reading) -> bool:
    """Whether a quantity is the plan that stands beside what was done: `/KH 2.500`, `(kế hoạch giao 5.000)`."""
    start, end = reading.quantity.start, reading.quantity.end
    ahead = reading.page.text(max(reading.window.sentence_start, start - 60), start)
    return bool(_PLAN_BEFORE.search(ahead)) or bool(_PLAN_AFTER.match(reading.page.passage.text, end))


def _may_be_change(vote: Vote, near: set[int], lexicon: Lexicon, catalogue: Catalogue) -> bool:
    """A fall's indicator needs a fall: the word before the number, or its own name right beside it."""
    if catalogue.indicators[vote.code].measure_type != "change" or lexicon.wordings[vote.code].needs:
        return True
    fall = lexicon.term("$fall")
    return any(fall not in cue.terms and set(cue.terms) <= near for cue in lexicon.wordings[vote.code].cues)


def _take_change(reading: Reading, catalogue: Catalogue) -> None:
    """A fall has an indicator of its own; a rise is a change of the same one."""
    reading.measure = "change"
    indicator = catalogue.indicators[reading.indicator]
    if indicator.measure_type == "change":
        reading.base = indicator.numerator
        return
    text = reading.page.text(reading.window.left, reading.quantity.start).lower()
    if "tăng" not in text and "giảm" not in text:
        text = reading.page.text(reading.window.sentence_start, reading.quantity.start).lower()
    if text.rfind("tăng") > text.rfind("giảm") or "giảm" not in text:
        return
    for code, other in catalogue.indicators.items():
        if other.measure_type == "change" and other.numerator == reading.indicator and code.endswith("_reduction"):
            reading.indicator = code
            reading.steps.append(f"a fall of {reading.base}: {code}")
            return
    if reading.page.passage.kind != "row":
        reading.steps.append(f"a fall of {reading.base}, which has no indicator")
        reading.indicator = ""


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
