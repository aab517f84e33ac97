"""Of which kind the counted are: the codes of a quantity's categories, its own, inherited or told by a title."""

from __future__ import annotations

from itertools import pairwise

from ingest.narrative.meaning.categories_above import deepened, far_category, title_category
from ingest.narrative.meaning.giver import giver_of
from ingest.narrative.meaning.opening import is_opening
from ingest.narrative.meaning.own_category import own_category
from ingest.narrative.meaning.reading import Reading
from ingest.narrative.text.lexicon import WHOLE, Lexicon, Wording
from ingest.narrative.text.patterns import Patterns

SAYS = Patterns("breakdown")
_CARRIES = ("pair", "follow", "apart", "bracket", "part", "item", "footnote", "ahead", "for")
BESIDE = ("pair", "follow", "apart", "bracket", "series", "beside", "part")


def breakdown_of(reading: Reading) -> dict[str, str]:
    """The codes of a quantity's categories, by code list; its indicator must be known."""
    report, lexicon, wording = reading.report, reading.lexicon, reading.wording
    if wording is None:
        return {}
    found: dict[str, str] = {}
    inherited = _inherited(reading, wording, lexicon)
    for name in sorted(wording.lists):
        if name == "plan_level" or name not in lexicon.categories:
            continue
        code = own_category(reading, wording, name, lexicon, near_only=name in inherited)
        if code is None and name in inherited:
            code = inherited[name]
        if code is None and name in _blended_before(reading):
            code = WHOLE
        if code is None and (name in wording.title_lists or name in wording.here):
            code = title_category(reading, name, report, found, here_only=name in wording.here)
            code = wording.deepens.get(code, code) if code else code
        is_own = code is not None
        if code is None and name == "giver":
            code = giver_of(reading)
        if code is None and lexicon.categories[name].reach == "heading":
            code = far_category(reading, name, report)
        if code not in (None, WHOLE) and not is_own:
            reading.has_far_category = True
        if code == WHOLE:
            reading.is_blend = True
            reading.blended.add(name)
        elif code and code not in wording.implies:
            if name == "programme" and name in wording.title_lists:
                code = deepened(code, reading, report, found)
            found[name] = code
    if is_opening(reading):
        found["movement"] = "opening"
    if "age_group" in found and found.get("target_group") in ("elderly", "child"):
        del found["target_group"]
    return found


def _blended_before(reading: Reading) -> set[str]:
    """The lists of which what a quantity hangs on has several categories together: no title says more of them."""
    link = reading.carrier if reading.carries in _CARRIES else None
    return link.blended if link is not None else set()


def _inherited(reading: Reading, wording: Wording, lexicon: Lexicon) -> dict[str, str]:
    """What a quantity takes over from the one it hangs on: its categories, and what that one's name says."""
    link = reading.carrier
    if reading.measure in ("change", "prior") and reading.link_kind in BESIDE:
        link = reading.link
    elif reading.carries not in _CARRIES:
        return {}
    if link is None:
        return {}
    carried = {name: code for name, code in link.breakdown.items() if name in wording.lists}
    if reading.quantity.unit == "vnd" and SAYS.total.search(reading.before):
        carried = _common_of_joined(reading, link, carried)
    source = lexicon.wordings.get(link.indicator)
    left = reading.page.text(reading.window.left, reading.quantity.start)
    is_total = reading.quantity.unit == "vnd" and SAYS.total_of_a_time.search(left)
    if is_total or (reading.link_kind == "apart" and SAYS.total.search(left)):
        return carried
    if source is not None and source.code != wording.code and not wording.is_group:
        carried |= {
            n: c
            for n, c in source.lends.items()
            if n in wording.lists
            and n not in carried
            and c not in wording.implies
            and not _contradicts(wording, n, c, lexicon)
        }
    if "plan_level" in carried:
        del carried["plan_level"]
    return carried


def _common_of_joined(reading: Reading, link: Reading, carried: dict[str, str]) -> dict[str, str]:
    """A total behind two joined counts (`920 … và 03 nghệ nhân, với tổng số tiền …`) is of neither's own category."""
    page = reading.page
    if link.page is not page:
        return carried
    before = page.quantities_between(link.window.sentence_start, link.quantity.start)
    if not before or before[-1].unit in ("vnd", "percent", "percentage_point"):
        return carried
    if not SAYS.joined_counts.match(page.text(before[-1].end, link.quantity.start)):
        return carried
    lexicon = reading.lexicon
    return {name: code for name, code in carried.items() if not lexicon.categories[name].is_noun}


def _contradicts(wording: Wording, name: str, code: str, lexicon: Lexicon) -> bool:
    """Whether an indicator's own name says another category: near-poor households are not of the poor."""
    said = [c for c in wording.implies if c in lexicon.catalogue.code_lists.get(name, {})]
    return bool(said) and not any(code in lexicon.catalogue.descendants(name, c) for c in said)


def share_with_recipients(readings: list[Reading]) -> None:
    """`172 suất quà cho 172 người tròn 100 tuổi`: what is given takes over who receives it."""
    for given, taker in pairwise(readings):
        if given.page is not taker.page or not given.indicator or not taker.indicator:
            continue
        first, second = given.wording, taker.wording
        if (
            first is None
            or second is None
            or first.family != second.family
            or taker.quantity.unit in ("vnd", "percent")
        ):
            continue
        between = given.page.text(given.quantity.end, taker.quantity.start)
        if given.quantity.unit == "vnd" or SAYS.parts_follow.search(between):
            continue
        if SAYS.given_to.match(between):
            for name, code in taker.breakdown.items():
                if name in first.lists and name not in ("plan_level",):
                    given.breakdown.setdefault(name, code)
