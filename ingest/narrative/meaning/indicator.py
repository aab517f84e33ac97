"""Which indicator a quantity belongs to.

Each wording near a quantity speaks for the indicators it words, the more the nearer it stands and the
more it says. The quantities before it speak as well: a sum of money belongs to the persons just
counted, a part to its whole, a list's item to the sentence that introduces the list, a footnote to
the number its mark stands behind. The best candidate is taken if it is good enough; how good, and by
how much the best, becomes the confidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.core.catalogue import Catalogue
from ingest.narrative.meaning.changes import (
    equals_change,
    follows_plan,
    is_over_target,
    is_plan_value,
    may_be_change,
    of_plan_votes,
    planned_fall,
    says_change,
    says_level,
    says_share_of_plan,
    take_change,
)
from ingest.narrative.meaning.counted_noun import CountedNoun, counted_noun
from ingest.narrative.meaning.evidence import evidence_of, named_elsewhere, worded_elsewhere
from ingest.narrative.meaning.links import NoteAnchor, lend_anchor_terms, links_of, marked, note_anchor
from ingest.narrative.meaning.reading import LINK_WEIGHT, LinkKind, Reading, Vote
from ingest.narrative.meaning.report import Report
from ingest.narrative.meaning.table_cells import column_head, take_row_unit
from ingest.narrative.meaning.unit_fit import unit_fit
from ingest.narrative.meaning.votes import AGAINST_WEIGHT, cue_votes, is_allowed, is_local, link_votes, terms_of
from ingest.narrative.meaning.windows import (
    DOCUMENT_TITLE,
    SUBJECT_TITLE,
    titles_above,
)
from ingest.narrative.text.lexicon import Lexicon, Wording
from ingest.narrative.text.patterns import Patterns
from ingest.narrative.text.quantities import Quantity
from ingest.narrative.text.segments import Passage

SAYS = Patterns("indicator")

# … where the words around say nothing of their own: `Từ đầu năm có 1.159 hộ`.
BARE_WEIGHT: dict[LinkKind, float] = {"beside": 0.62, "sentence": 0.56, "apart": 0.66}
# A proposal is worth making from here on; how sure it is, `confidence` says.
THRESHOLD = 0.28
# From here on the words around a number say for themselves what it is.
WORDED = 0.5


@dataclass(slots=True)
class Ballot:
    """What may be said about one quantity, while its indicator is sought.

    `terms` are the wordings that may speak and how much each counts, `near` those right beside the number; `spoken` is
    what the words alone say, by indicator.
    """

    reading: Reading
    before: list[Reading]
    links: list[tuple[LinkKind, Reading]]
    terms: dict[int, float]
    near: set[int]
    votes: dict[str, Vote] = field(default_factory=dict)
    spoken: dict[str, float] = field(default_factory=dict)
    is_change: bool = False
    is_of_plan: bool = False

    def __post_init__(self) -> None:
        page, quantity, window = self.reading.page, self.reading.quantity, self.reading.window
        self.is_change = says_change(page, quantity, window) or equals_change(self.reading, self.before)
        self.is_of_plan = (
            quantity.unit == "percent"
            and not self.is_change
            and (
                says_share_of_plan(page, quantity, window, self.reading.head) or follows_plan(self.reading, self.before)
            )
        )

    @property
    def lexicon(self) -> Lexicon:
        """What the report is read with."""
        return self.reading.lexicon

    @property
    def is_bare(self) -> bool:
        """Whether the words around say nothing of their own."""
        return max(self.spoken.values(), default=0.0) < WORDED

    def vote(self, code: str) -> Vote:
        """The vote for an indicator, made where there is none."""
        return self.votes.setdefault(code, Vote(code))


def attach(report: Report) -> list[Reading]:
    """Finds the indicator of every quantity of a report: its readings in reading order."""
    pages, lexicon, catalogue = report.pages, report.lexicon, report.catalogue
    title_terms = _title_terms(report)
    readings_of: dict[int, list[Reading]] = {}
    notes = [page for page in pages if page.passage.kind == "footnote"]
    first_marks = marked(pages)
    count = 0
    for page in [*(p for p in pages if p.passage.kind != "footnote"), *notes]:
        page.above = _terms_above(report, page.passage, title_terms)
        anchor = note_anchor(page, first_marks, readings_of) if page.passage.kind == "footnote" else None
        if anchor is not None:
            lend_anchor_terms(page, anchor)
        readings: list[Reading] = []
        readings_of[id(page.passage)] = readings
        for quantity, window in zip(page.quantities, page.windows, strict=True):
            reading = Reading(report, page, quantity, window, count)
            count += 1
            _attach_one(reading, readings, readings_of, anchor)
            readings.append(reading)
        _look_ahead(readings, lexicon, catalogue)
    return [reading for page in pages for reading in readings_of[id(page.passage)]]


# What the titles say


def _title_terms(report: Report) -> dict[int, float]:
    """What the report's title says: much if it is of one subject, little if it names the whole field."""
    lexicon, catalogue = report.lexicon, report.catalogue
    terms = {m.term for page in report.title_pages for m in page.mentions}
    domains = {
        catalogue.indicators[code].domain
        for term in terms if term not in lexicon.people
        for code, cue in lexicon.by_term.get(term, ()) if cue.telling == (term,)
    }  # fmt: skip
    weight = SUBJECT_TITLE if len(domains) <= NARROW else DOCUMENT_TITLE
    return dict.fromkeys(terms, weight)


# A title of so few domains is a subject's report.
NARROW = 2


def _terms_above(report: Report, passage: Passage, title_terms: dict[int, float]) -> dict[int, float]:
    """The wordings of the titles above a passage. A section's own title says more than the report's."""
    terms: dict[int, float] = {}
    for page, start, end, weight in titles_above(report.page_of, passage):
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
        if SAYS.nothing_between.search(between) or quantity.unit in ("percent", "percentage_point"):
            continue
        terms, near = terms_of(reading.page, quantity, window, reading.head, lexicon)
        cues = {code: strength for code, _, strength in cue_votes(terms, near, quantity, lexicon)}
        votes = [
            Vote(
                code, cues.get(code, 0.0), "", strength * unit_fit(lexicon.wordings[code], quantity), following, "ahead"
            )
            for code, strength in link_votes(LINK_WEIGHT["ahead"], "ahead", following, lexicon, catalogue)
            if is_allowed(lexicon.wordings[code], quantity, near, terms, lexicon)
        ]
        best = max(votes, key=lambda v: v.total, default=None)
        if best is not None and best.total >= THRESHOLD:
            reading.indicator = reading.base = best.code
            reading.score = best.total
            reading.evidence = evidence_of(reading, best, votes, cues, near, lexicon)
            reading.hang(following, "ahead")
            reading.steps.append(f"{best.code} {best.total:.2f}: told by the next quantity")


def _attach_one(
    reading: Reading,
    before: list[Reading],
    readings_of: dict[int, list[Reading]],
    anchor: NoteAnchor | None,
) -> None:
    page, quantity, window, lexicon = reading.page, reading.quantity, reading.window, reading.lexicon
    reading.head = column_head(page, quantity)
    take_row_unit(reading)
    reading.noun = counted_noun(reading)
    links = links_of(reading, before, readings_of, anchor, lexicon)
    if quantity.link == "ratio" and links:
        _attach_denominator(reading, links[0][1])
        return
    if quantity.link == "range" and links:
        _attach_range_end(reading, links[0][1])
        return
    terms, near = terms_of(page, quantity, window, reading.head, lexicon)
    ballot = Ballot(reading, before, links, terms, near)
    _ask_words(ballot)
    _ask_links(ballot)
    for adjust in ADJUSTMENTS:
        adjust(ballot)
    votes = [
        v for v in ballot.votes.values() if is_allowed(lexicon.wordings[v.code], quantity, near, terms, lexicon, v)
    ]
    for choose in FILTERS:
        votes = choose(ballot, votes)
    _take(ballot, sorted(votes, key=lambda v: v.total, reverse=True))


def _take(ballot: Ballot, ranked: list[Vote]) -> None:
    """Gives the reading the best candidate, if it is good enough."""
    reading = ballot.reading
    for vote in ranked[:4]:
        reading.steps.append(
            f"{vote.code} {vote.total:.2f} = wording {vote.cue:.2f} ({vote.cue_text or '–'})"
            f" + link {vote.link:.2f} ({vote.kind or '–'})"
        )
    if ballot.links:
        kind, other = max(ballot.links, key=lambda item: LINK_WEIGHT[item[0]])
        reading.hang(other, kind)
    reading.is_change = ballot.is_change
    if not ranked or ranked[0].total < THRESHOLD:
        return
    best = ranked[0]
    reading.score = best.total
    reading.margin = best.total - next((v.total for v in ranked[1:] if v.code != best.code), 0.0)
    reading.evidence = evidence_of(reading, best, ranked, ballot.spoken, ballot.near, ballot.lexicon)
    _choose_link(reading, best, ballot.links, ballot.lexicon)
    reading.indicator = reading.base = best.code
    reading.steps.append(
        f"taken: {best.code}, hanging on {reading.link.quantity.raw!r} ({reading.link_kind})"
        if reading.link
        else f"taken: {best.code}"
    )
    if ballot.is_change:
        take_change(reading, ballot.lexicon)
    elif fall := planned_fall(reading, ballot.before, ballot.lexicon):
        reading.indicator = fall
        reading.steps.append(f"the plan of a fall: {fall}")


def _ask_words(ballot: Ballot) -> None:
    """What the wordings around say."""
    for code, cue, strength in cue_votes(ballot.terms, ballot.near, ballot.reading.quantity, ballot.lexicon):
        vote = ballot.vote(code)
        if strength > vote.cue:
            vote.cue, vote.cue_text = strength, cue
    ballot.spoken = {code: vote.cue for code, vote in ballot.votes.items()}


def _ask_links(ballot: Ballot) -> None:
    """What the quantities say on which this one may hang."""
    reading, lexicon, spoken = ballot.reading, ballot.lexicon, ballot.spoken
    for kind, other in ballot.links:
        weight = LINK_WEIGHT[kind]
        if ballot.is_bare and _is_same_kind(reading.quantity, other.quantity):
            weight = max(weight, BARE_WEIGHT.get(kind, 0.0))
        for code, strength in link_votes(weight, kind, other, lexicon, lexicon.catalogue):
            wording = lexicon.wordings[code]
            fit = unit_fit(wording, reading.quantity)
            if kind == "series" and fit and code == other.indicator:
                fit = 1.0
            strength *= fit * (0.5 if wording.against & ballot.near else 1.0)
            if kind in ("beside", "sentence") and not ballot.is_bare:
                strength *= max(0.0, 1.0 - worded_elsewhere(spoken, wording.family, lexicon))
            elif kind != "pair":
                strength *= max(0.0, min(1.0, YIELDING - named_elsewhere(spoken, wording.family, lexicon)))
            vote = ballot.vote(code)
            if strength > vote.link:
                vote.link, vote.reading, vote.kind = strength, other, kind


# What changes the weight of votes


def part_of_something_finer(ballot: Ballot) -> None:
    """A part of what says more than a bare group is a part of that, though its own words name the group."""
    lexicon = ballot.lexicon
    wholes = [other for kind, other in ballot.links if kind in ("part", "series")]
    for vote in ballot.votes.values():
        if lexicon.wordings[vote.code].is_group and any(_is_finer(other, vote.code, lexicon) for other in wholes):
            vote.cue *= 0.6


def everybody(ballot: Ballot) -> None:
    """`Toàn xã có 4.318 hộ, 18.950 khẩu` counts all, where nothing else is named."""
    quantity, text, before = ballot.reading.quantity, ballot.reading.passage.text, ballot.before
    households, persons = ballot.lexicon.of_everybody["household"], ballot.lexicon.of_everybody["person"]
    code = ""
    if not ballot.is_bare and not SAYS.poor_among_them.match(text, quantity.end):
        return
    if quantity.unit == "household" and SAYS.poor_among_them.match(text, quantity.end) and ballot.reading.noun is None:
        code = households
    elif quantity.unit == "household" and SAYS.members_follow.match(text, quantity.end):
        code = households if SAYS.all_have.search(text[max(0, quantity.start - 60) : quantity.start]) else ""
    elif quantity.unit == "person" and before and before[-1].indicator == households:
        code = persons if quantity.start - before[-1].quantity.end < 8 else ""
    if code:
        vote = ballot.vote(code)
        vote.cue, vote.cue_text = max(vote.cue, WORDED + 0.12), "households and their members"


def counted_noun_decides(ballot: Ballot) -> None:
    """The noun that a number counts decides the family among the groups of people, whatever else its clause names.

    Where the noun is the subject of a plain statement (`hộ nghèo có 689 hộ`), it decides against acts as well, unless
    one is named right here.
    """
    noun = ballot.reading.noun
    if noun is None:
        return
    lexicon, here = ballot.lexicon, _terms_here(ballot.reading, noun)
    is_plain = noun.is_subject and not any(kind in ("part", "item", "series", "footnote") for kind, _ in ballot.links)
    for vote in ballot.votes.values():
        wording = lexicon.wordings[vote.code]
        if wording.family in noun.families and wording.against & ballot.near and not wording.against & noun.terms:
            # What speaks against it belongs to another number or to the clause.
            vote.cue /= AGAINST_WEIGHT
        if wording.family in noun.families or (not is_plain and wording.family not in lexicon.group_families):
            continue
        if not _is_worded(wording, here - noun.terms, here | noun.terms):
            vote.cue *= OVERRULED
            vote.link *= OVERRULED


def says_nothing_itself(ballot: Ballot) -> None:
    """A rate, a sum or the members beside a count are of that count's family, unless their own words say another."""
    reading, lexicon = ballot.reading, ballot.lexicon
    if reading.passage.kind == "row" or reading.noun is not None:
        return
    families = {
        lexicon.wordings[other.base].family
        for kind, other in ballot.links
        if other.base in lexicon.wordings and (kind in ("pair", "follow", "bracket") or _are_members(reading, other))
    }
    if not families:
        return
    here = {
        m.term
        for m in reading.page.mentions.between(reading.window.left, max(reading.window.right, reading.quantity.end))
        # The unit's own word says nothing.
        if m.kind != "category" and not reading.quantity.number_end <= m.start < m.end <= reading.quantity.end
    }
    for vote in ballot.votes.values():
        wording = lexicon.wordings[vote.code]
        counted = lexicon.wordings.get(lexicon.catalogue.indicators[vote.code].numerator)
        if wording.family in families or (counted is not None and counted.family in families):
            continue
        if not any(set(cue.telling) & here for cue in wording.cues):
            vote.cue *= OVERRULED


def _are_members(reading: Reading, other: Reading) -> bool:
    """Whether persons stand right beside the households whose members they are: `95 hộ, 402 khẩu`."""
    if reading.quantity.unit != "person" or other.quantity.unit != "household":
        return False
    return SAYS.members_follow.match(reading.passage.text, other.quantity.end) is not None


# What the counted noun contradicts counts so much.
OVERRULED = 0.3


def _terms_here(reading: Reading, noun: CountedNoun) -> set[int]:
    """The terms in a number's own words but for the noun; what stands before a subject is no part of its statement."""
    window = reading.window
    left = noun.start if noun.is_subject else window.left
    around = reading.page.mentions.between(left, max(window.right, reading.quantity.end))
    return {m.term for m in around if m.kind != "category" and (m.end <= noun.start or m.start >= noun.end)}


def _is_worded(wording: Wording, telling: set[int], known: set[int]) -> bool:
    """Whether some wording of an indicator that is no mere group has a telling term among the words here."""
    if wording.is_group:
        return False
    return any(set(cue.telling) & telling and set(cue.telling) <= known for cue in wording.cues)


ADJUSTMENTS: tuple[Callable[[Ballot], None], ...] = (
    part_of_something_finer,
    everybody,
    counted_noun_decides,
    says_nothing_itself,
)


# What leaves votes out


def excess_over_a_target(ballot: Ballot, votes: list[Vote]) -> list[Vote]:
    """`vượt 0,52% so với chỉ tiêu` is by how much a fall passed its target, or nothing known."""
    reading = ballot.reading
    if not is_over_target(reading.page, reading.quantity, reading.window):
        return votes
    return [v for v in votes if ballot.lexicon.wordings[v.code].is_excess]


def share_of_a_plan(ballot: Ballot, votes: list[Vote]) -> list[Vote]:
    """`đạt 100,2% kế hoạch` is how far a plan was fulfilled; nothing else is."""
    if ballot.is_of_plan:
        return of_plan_votes(votes, ballot.links, ballot.lexicon, ballot.lexicon.catalogue)
    return [v for v in votes if ballot.lexicon.wordings[v.code].rate_kind != "plan"]


def share_in_all(ballot: Ballot, votes: list[Vote]) -> list[Vote]:
    """Where a group's share in all is worded, the rate of the group itself is not meant."""
    wordings, indicators = ballot.lexicon.wordings, ballot.lexicon.catalogue.indicators
    if not is_local(ballot.terms, ballot.lexicon):
        return votes
    shared = {indicators[v.code].numerator for v in votes if wordings[v.code].is_share_of_all}
    return [v for v in votes if not (wordings[v.code].rate_kind == "group" and indicators[v.code].numerator in shared)]


def fall_needs_a_fall(ballot: Ballot, votes: list[Vote]) -> list[Vote]:
    """A fall's own indicator is meant only where the words say a fall."""
    if ballot.is_change:
        return votes
    if says_level(ballot.reading):
        return [v for v in votes if not ballot.lexicon.wordings[v.code].is_change]
    return [v for v in votes if may_be_change(v, ballot.near, ballot.lexicon, ballot.lexicon.catalogue)]


def relative_change(ballot: Ballot, votes: list[Vote]) -> list[Vote]:
    """`4.144 lao động, tăng 10,4% so với cùng kỳ`: by how many per cent a count changed is no rate of anything."""
    reading = ballot.reading
    if reading.quantity.unit != "percent" or not ballot.is_change or SAYS.rate_named.search(reading.before):
        return votes
    counted = [other for kind, other in ballot.links if kind in ("follow", "bracket", "apart", "beside")]
    if not counted or counted[0].quantity.unit in ("percent", "percentage_point", "vnd"):
        return votes
    return [v for v in votes if ballot.lexicon.wordings[v.code].is_change]


def share_among_a_group(ballot: Ballot, votes: list[Vote]) -> list[Vote]:
    """`chiếm 97,8% hộ cận nghèo`, `95% hộ nghèo có nhà tiêu`: a share among the poor is no rate of the poor."""
    reading = ballot.reading
    text, end = reading.passage.text, reading.quantity.end
    if reading.quantity.unit != "percent" or not SAYS.share_among_follows.match(text, end):
        return votes
    if not (SAYS.makes_up.search(reading.before) or SAYS.predicate_follows.match(text, end)):
        return votes
    groups = ballot.lexicon.group_families
    return [v for v in votes if ballot.lexicon.wordings[v.code].family not in groups]


# So near a name must stand what makes it one that the catalogue asks for.
_BESIDE = 24


def known_but_not_collected(ballot: Ballot, votes: list[Vote]) -> list[Vote]:
    """What is known by name and not collected is never its neighbour: health-insurance coverage, income a head."""
    reading = ballot.reading
    mentions = reading.page.mentions
    for mark in mentions.between(reading.window.left, max(reading.window.right, reading.quantity.end)):
        units, asked = ballot.lexicon.not_collected.get(mark.name, (frozenset[str](), ""))
        if mark.kind != "mark" or reading.quantity.unit not in units:
            continue
        if not any(mark.start - _BESIDE // 2 < other.start < mark.end + _BESIDE for other in mentions.marks(asked)):
            reading.steps.append(f"known by name and not collected: {mark.name.removeprefix('other_')}")
            return []
    return votes


def zero_of_what_follows(ballot: Ballot, votes: list[Vote]) -> list[Vote]:
    """A zero in words is of what they name: `không có hộ thiếu đói`, but not `không phát sinh trường hợp khiếu nại`."""
    reading = ballot.reading
    if not reading.quantity.is_zero or reading.passage.kind == "row":
        return votes
    around = reading.page.mentions.between(reading.quantity.start, max(reading.window.right, reading.quantity.end))
    named = {m.term for m in around}
    return [v for v in votes if any(set(cue.telling) & named for cue in ballot.lexicon.wordings[v.code].cues)]


FILTERS: tuple[Callable[[Ballot, list[Vote]], list[Vote]], ...] = (
    excess_over_a_target,
    share_of_a_plan,
    share_in_all,
    fall_needs_a_fall,
    relative_change,
    share_among_a_group,
    known_but_not_collected,
    zero_of_what_follows,
)


def _is_same_kind(quantity: Quantity, other: Quantity) -> bool:
    """Whether two quantities may count the same: the same unit, or money on whatever was counted."""
    return quantity.unit == other.unit or not quantity.units or quantity.unit == "vnd"


def _is_finer(whole: Reading, code: str, lexicon: Lexicon) -> bool:
    """Whether what a quantity is a part of says more than the bare group that its unit names (`145 trẻ`)."""
    other = lexicon.wordings.get(whole.indicator)
    return (
        other is not None
        and other.code != code
        and other.family == lexicon.wordings[code].family
        and not other.is_group
    )


# A quantity before speaks with all its weight up to here less how fully the words name something else.
YIELDING = 1.6


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


def _attach_denominator(reading: Reading, whole: Reading) -> None:
    """The second number of `done/total`: what the first is counted out of."""
    lexicon, catalogue = reading.lexicon, reading.report.catalogue
    reading.role = "denominator"
    reading.hang(whole, "pair")
    wording = lexicon.wordings.get(whole.indicator)
    reading.steps.append("second number of a pair done/total")
    if wording is None:
        return
    over = wording.over or _denominator_of(whole, reading)
    if not over and (catalogue.indicators[whole.indicator].measure_type == "flow" or is_plan_value(reading)):
        over = whole.indicator
        reading.steps.append("what was to be done of the same")
    if over:
        reading.indicator = reading.base = over
        reading.score, reading.margin, reading.evidence = whole.score, whole.margin, whole.evidence


def _denominator_of(whole: Reading, reading: Reading) -> str:
    """What a count is counted out of by the rate of it that the catalogue has: `16.003/80.276 hộ`."""
    indicators = reading.report.catalogue.indicators
    unit = reading.quantity.unit or whole.quantity.unit
    found = {
        i.denominator for i in indicators.values()
        if i.rate_kind == "group" and i.numerator == whole.base and i.denominator in indicators
    }  # fmt: skip
    fitting = [code for code in found if indicators[code].unit_of_measure == unit and not whole.is_change]
    return fitting[0] if len(fitting) == 1 and indicators[whole.base].measure_type == "stock" else ""


def _attach_range_end(reading: Reading, start: Reading) -> None:
    """The upper end of a range is what its lower end is."""
    reading.hang(start, "pair")
    reading.indicator, reading.base, reading.is_change = start.indicator, start.base, start.is_change
    reading.score, reading.margin, reading.evidence = start.score, start.margin, start.evidence
    reading.steps.append("upper end of a range")
