"""Who set a target: the plan level, and the document cited for it."""

from __future__ import annotations

from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.rules import Rule, first_answer
from ingest.narrative.meaning.windows import Page
from ingest.narrative.text.lexicon import Mention
from ingest.narrative.text.patterns import Patterns

SAYS = Patterns("target_source")
ISSUERS = {"province": "tỉnh", "district": "huyện", "central": "trung ương", "party": "cấp ủy", "council": "HĐND"}
_CARRIERS = ("pair", "follow", "bracket", "beside", "part")
# How far behind a number the document that set it may be cited, and the authority that did.
_CITED_WITHIN, _NAMED_WITHIN = 60, 130


def tell_target_source(reading: Reading) -> None:
    """Adds the plan level to a target's categories, and the document or authority that set it."""
    wording = reading.wording
    if wording is None:
        return
    is_completion = wording.rate_kind == "plan"
    if reading.measure in ("target", "plan"):
        reading.issuer = _cited(reading)
    if "plan_level" not in wording.lists:
        return
    if is_completion and reading.measure == "actual":
        marks = _levels(reading, reading.quantity.end, min(reading.window.right + 40, reading.window.clause_end))
        if marks:
            reading.breakdown["plan_level"] = marks[0].code
    elif reading.measure == "target":
        level = first_answer("plan level", LEVELS, reading)
        if level:
            reading.breakdown["plan_level"] = level
            reading.issuer = reading.issuer or ISSUERS.get(level, "")
        elif level is None:
            _carry_from_link(reading)


def _cited(reading: Reading) -> str:
    page, window, quantity = reading.page, reading.window, reading.quantity
    before = [c for c in page.citations if window.sentence_start <= c.start and c.end <= quantity.start]
    after = [c for c in page.citations if quantity.end <= c.start < quantity.end + _CITED_WITHIN]
    at_hand = [c for c in after if SAYS.by_what_follows.match(page.text(quantity.end, c.start))]
    cited = at_hand[:1] or before[-1:]
    return cited[0].name if cited else ""


def _levels(reading: Reading, start: int, end: int) -> list[Mention]:
    return [m for m in reading.page.mentions.categories("plan_level") if start <= m.start < end]


def named_behind(reading: Reading) -> str | None:
    """`… 2% theo Nghị quyết của HĐND tỉnh`."""
    end = reading.quantity.end
    if not SAYS.setter_follows.match(reading.passage.text[end : end + 40]):
        return None
    right = _levels(reading, end, end + _NAMED_WITHIN)
    return right[0].code if right else None


def author_named_before(reading: Reading) -> str | None:
    """An authority that assigns or issues, named before the number; two of them side by side decide nothing."""
    text = reading.passage.text
    near = [m for m in _levels(reading, reading.window.left, reading.quantity.start) if m.end <= reading.quantity.start]
    authors = [m for m in near if _sets_targets(m, reading.page)]
    if authors:
        last = authors[-1]
        rivals = {m.code for m in authors if SAYS.among_setters.fullmatch(text[m.end : last.start])}
        return last.code if rivals <= {last.code} else ""
    if near:
        return near[-1].code if SAYS.assigned.search(text, near[-1].end, reading.quantity.start) else ""
    return None


def author_named_earlier(reading: Reading) -> str | None:
    """An authority named earlier in the sentence."""
    if reading.link_kind in (*_CARRIERS, "series"):
        return None
    found = _levels(reading, reading.window.sentence_start, reading.window.left)
    earlier = [m for m in found if _sets_targets(m, reading.page)]
    return earlier[-1].code if earlier else None


LEVELS: tuple[Rule[str], ...] = (named_behind, author_named_before, author_named_earlier)


def _sets_targets(mention: Mention, page: Page) -> bool:
    """Whether an authority is named as the one who sets a target: it assigns, it issues, a cited plan is its own."""
    text = page.passage.text
    if SAYS.sets.match(text[mention.start : mention.end + 30]):
        return True
    if any(c.start <= mention.start and mention.end <= c.end + 1 for c in page.citations):
        return True
    return bool(SAYS.own_plan.search(text[: mention.start][-24:]))


def _carry_from_link(reading: Reading) -> None:
    link = reading.link
    if link is None or reading.link_kind not in _CARRIERS or link.measure != "target":
        return
    level = link.breakdown.get("plan_level")
    is_one_sentence = link.window.sentence_start == reading.window.sentence_start
    # A level named behind one target is that target's alone.
    if level and is_one_sentence and not SAYS.named_behind.search(
        reading.page.text(link.quantity.end, reading.quantity.start)
    ):  # fmt: skip
        reading.breakdown["plan_level"] = level
        reading.issuer = reading.issuer or link.issuer


def carry_plan_levels(readings: list[Reading]) -> None:
    """A target stated without who set it takes that of its restatement elsewhere in the report."""
    known: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    for r in readings:
        level = r.breakdown.get("plan_level")
        if r.measure == "target" and level and r.period is not None:
            known.setdefault((r.indicator, str(r.quantity.value), r.period.code), set()).add((level, r.issuer))
    for r in readings:
        if r.measure != "target" or "plan_level" in r.breakdown or r.period is None:
            continue
        if not SAYS.assigned.search(r.page.text(r.window.left, r.quantity.end + 25)):
            continue
        sources = known.get((r.indicator, str(r.quantity.value), r.period.code), set())
        if len({level for level, _ in sources}) == 1:
            level, issuer = next(iter(sources))
            r.breakdown["plan_level"], r.issuer = level, r.issuer or issuer
            r.steps.append("plan level taken from the target's restatement")
