"""Of which kind the counted are: the codes of a quantity's categories, its own, inherited or told by a title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.report_head import ReportContext
from ingest.narrative.meaning.windows import Page
from ingest.narrative.text.lexicon import WHOLE, Lexicon, Mention, Wording
from ingest.narrative.text.quantities import Quantity

_CARRIES = ("pair", "follow", "apart", "bracket", "part", "item", "footnote", "ahead", "for")
BESIDE = ("pair", "follow", "apart", "bracket", "series", "beside", "part")


@dataclass(frozen=True, slots=True)
class Report:
    """What all readings of a report share: its head, its pages by their passages, those of its title."""

    context: ReportContext
    pages: dict[int, Page]
    title_pages: list[Page]
    lexicon: Lexicon


def is_bracketed_off(text: str, start: int, end: int) -> bool:
    """Whether what stands at `start` lies in a bracket that closes before `end`."""
    depth = 0
    for sign in re.findall(r"[()]", text[start:end]):
        depth += 1 if sign == "(" else -1
        if depth < 0:
            return True
    return False


def breakdown_of(reading: Reading, wording: Wording, report: Report) -> dict[str, str]:
    """The codes of a quantity's categories, by code list."""
    lexicon = report.lexicon
    found: dict[str, str] = {}
    inherited = _inherited(reading, wording, lexicon)
    for name in sorted(wording.lists):
        if name == "plan_level" or name not in lexicon.categories:
            continue
        code = _own_category(reading, wording, name, lexicon, near_only=name in inherited)
        if code is None and name in inherited:
            code = inherited[name]
        if code is None and (name in wording.title_lists or name in wording.here):
            code = _title_category(reading, name, report, found, here_only=name in wording.here)
            code = wording.deepens.get(code, code) if code else code
        if code is None and lexicon.categories[name].reach == "heading":
            code = _far_category(reading, name, report)
        if code == WHOLE:
            reading.is_blend = True
        elif code and code not in wording.implies:
            if name == "programme" and name in wording.title_lists:
                code = _deepened(code, reading, report, found)
            found[name] = code
    if "age_group" in found and found.get("target_group") in ("elderly", "child"):
        del found["target_group"]
    return found


def _deepened(code: str, reading: Reading, report: Report, found: dict[str, str]) -> str:
    """The part of a programme that is named as well: `Tiểu dự án 1 - Dự án 3`."""
    deeper = _title_category(reading, "programme", report, found, here_only=False)
    return deeper if deeper in report.lexicon.catalogue.descendants("programme", code) else code


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
    source = lexicon.wordings.get(link.indicator)
    left = reading.page.text(reading.window.left, reading.quantity.start)
    is_total = reading.quantity.unit == "vnd" and re.search(
        r"(?i)\btổng\s+(?:chi|kinh phí|số tiền)\b.*\b(?:năm|kỳ|tháng)\b", left
    )
    if is_total or (reading.link_kind == "apart" and re.search(r"(?i)\btổng\b", left)):
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


def _contradicts(wording: Wording, name: str, code: str, lexicon: Lexicon) -> bool:
    """Whether an indicator's own name says another category: near-poor households are not of the poor."""
    said = [c for c in wording.implies if c in lexicon.catalogue.code_lists.get(name, {})]
    return bool(said) and not any(code in lexicon.catalogue.descendants(name, c) for c in said)


def _own_category(reading: Reading, wording: Wording, name: str, lexicon: Lexicon, *, near_only: bool) -> str | None:
    page, window, quantity = reading.page, reading.window, reading.quantity
    found = [
        m for m in page.mentions.categories(name)
        if m.family in ("", wording.family) and window.sentence_start <= m.start < window.sentence_end
        and not _is_part_of_name(m, wording, page, lexicon)
        and not (m.end <= quantity.start and is_bracketed_off(page.passage.text, m.end, quantity.start))
    ]  # fmt: skip
    within = lexicon.categories[name].within
    right = [m for m in found if quantity.number_end <= m.start < window.right]
    left = [m for m in found if window.left <= m.start and m.end <= quantity.start]
    left, right = _within(left[::-1], quantity.start, within)[::-1], _within(right, quantity.end, within)
    if page.passage.kind == "row":
        left = [m for m in found if m.end <= quantity.start]
    settings = lexicon.categories[name]
    near = left + right
    if near:
        return _choose(near, left, right, quantity.start, quantity.end, settings.mixed, name, lexicon)
    if (other := _other_kind(reading, name, lexicon)) is not None:
        return other
    if near_only or settings.reach == "phrase":
        return None
    is_wide = settings.reach == "heading"
    following = None if is_wide else page.next_alike(quantity)
    stop = window.clause_end if following is None else min(window.clause_end, following + 1)
    stop = min([stop, *(m.start for m in page.mentions.marks("parts") if m.start > quantity.end)])
    after = [
        m for m in found if quantity.end <= m.start < stop and (is_wide or not _between(page, quantity.end, m.start))
    ]
    if after and not (window.depth == 0 and _closes(page, quantity.end, after[0].start)):
        return _choose(after, [], after, quantity.start, quantity.end, settings.mixed, name, lexicon)
    is_alone = reading.link is None or reading.link.window.sentence_start != window.sentence_start
    start = window.sentence_start if is_alone and window.depth else window.clause_start
    before = [
        m for m in found
        if start <= m.start and m.end <= window.left and not _says_more_of_another(page, m, quantity)
    ]  # fmt: skip
    if not before and settings.reach in ("sentence", "passage", "heading"):
        before = [m for m in found if window.sentence_start <= m.start and m.end <= window.left]
    if before and reading.link_kind != "part":
        return _choose(before, before, [], quantity.start, quantity.end, settings.mixed, name, lexicon)
    return None


_OTHERS = re.compile(r"(?i)(?:^|[\s,;(])(?:(?:loại|thị trường|nước|nguyên nhân|hình thức|cơ sở|nhóm)\s+)?khác\s*:?\s*$")


def _other_kind(reading: Reading, name: str, lexicon: Lexicon) -> str | None:
    """The code for the rest of a list that the quantity before belongs to: `Đài Loan 64, khác 21`."""
    link = reading.link
    code = link.breakdown.get(name) if link is not None else None
    if code is None or not _OTHERS.search(reading.page.text(reading.window.left, reading.quantity.start)):
        return None
    tree = lexicon.catalogue.code_lists[name]
    around = [parent for parent in tree if code in lexicon.catalogue.descendants(name, parent)]
    return next((other for other in (*(f"{parent}_other" for parent in around), "other") if other in tree), None)


def _says_more_of_another(page: Page, mention: Mention, quantity: Quantity) -> bool:
    """Whether a category stands right behind another count of the same unit: `143 học viên thuộc hộ nghèo`."""
    for other, window in zip(page.quantities, page.windows, strict=True):
        if other.start >= quantity.start:
            return False
        if other.end <= mention.start < window.right and other.unit == quantity.unit and other.units:
            return True
    return False


def _within(side: list[Mention], position: int, within: int) -> list[Mention]:
    """Those of a side that begin near enough, each further one joined to the one before."""
    kept: list[Mention] = []
    for mention in side:
        gap = min(abs(mention.start - position), abs(position - mention.end))
        if gap > (within if not kept else 45):
            break
        kept.append(mention)
        position = mention.start if mention.end <= position else mention.end
    return kept


def _between(page: Page, start: int, end: int) -> bool:
    """Whether another count stands between; its money and its rates are no hindrance."""
    return any(q.unit not in ("vnd", "percent", "percentage_point") for q in page.quantities_between(start, end))


def _closes(page: Page, start: int, end: int) -> bool:
    """Whether what lies between opens a bracket that is still open at its end."""
    between = page.text(start, end)
    return between.count("(") > between.count(")")


def _is_part_of_name(mention: Mention, wording: Wording, page: Page, lexicon: Lexicon) -> bool:
    """Whether a category only repeats what the indicator's own name says: hộ nghèo in the number of poor households."""
    if mention.code in wording.implies:
        return True
    if not wording.is_group:
        return False
    terms = {term for cue in wording.cues if len(cue.terms) == 1 for term in cue.terms}
    if lexicon.term(f"#{mention.name}") in terms:
        return False
    return any(
        m.kind == "term" and m.term in terms and m.start <= mention.start and mention.end <= m.end
        for m in page.mentions.touching(mention.start, mention.end)
    )


def _choose(
    near: list[Mention],
    left: list[Mention],
    right: list[Mention],
    start: int,
    end: int,
    mixed: bool,
    name: str,
    lexicon: Lexicon,
) -> str:
    """The category meant among several: what those named side by side have in common, else the nearest."""
    codes = list(dict.fromkeys(m.code for m in near))
    if len(codes) == 1:
        return codes[0]
    if WHOLE in codes and mixed:
        return WHOLE
    side = right if right and (not left or _gap(right, start, end) <= _gap(left, start, end)) else left
    codes = list(dict.fromkeys(m.code for m in side))
    if len(codes) == 1:
        return codes[0]
    common = _common(codes, name, lexicon)
    if common is not None:
        return common
    if mixed:
        return WHOLE
    nearest = min(side, key=lambda m: m.start - end if m.start >= end else start - m.end)
    return nearest.code


def _gap(side: list[Mention], start: int, end: int) -> int:
    return min(m.start - end if m.start >= end else start - m.end for m in side)


def _common(codes: list[str], name: str, lexicon: Lexicon) -> str | None:
    """One of several codes that lies below all others, or the code whose parts they are together."""
    tree = lexicon.catalogue.code_lists[name]
    codes = [code for code in codes if code in tree]
    if not codes:
        return None
    descendants = {code: lexicon.catalogue.descendants(name, code) for code in codes}
    deepest = [c for c in codes if all(o == c or c in descendants[o] for o in codes)]
    if deepest:
        return deepest[0]
    wanted = {c for c in codes if not descendants[c]} | {d for c in codes for d in descendants[c]}
    for code in tree:
        below = lexicon.catalogue.descendants(name, code)
        leaves = {c for c in below if not lexicon.catalogue.descendants(name, c)}
        if leaves and {c for c in wanted if c in leaves} == leaves and wanted <= below | {code}:
            return code
    return None


_PROJECT = re.compile(r"(?i)(?:(?<!tiểu )\bdự án|\bDA)\s*(?:số\s+)?0?(\d)\b")
_SUBPROJECT = re.compile(r"(?i)\b(?:tiểu dự án|TDA)\s*(?:số\s+)?0?(\d)\b")
_FUND_YEAR = re.compile(r"(?i)(?:(?:nguồn|kinh phí|vốn|ngân sách)[^.;:(]{0,40}?năm|\bvốn)\s+(20\d\d)\b")


def _title_category(
    reading: Reading, name: str, report: Report, found: dict[str, str], *, here_only: bool
) -> str | None:
    """The category that the titles above give, the deepest one that fits with those nearer."""
    context, lexicon = report.context, report.lexicon
    stretches = _stretches_above(reading, report)
    if here_only and not any(
        _SUBPROJECT.search(text) or _programmes_in(text, page, lexicon)
        for text, page in stretches if page is reading.page
    ):  # fmt: skip
        return None
    if name == "fund_year":
        for text, page in stretches:
            if page is reading.page and text not in (
                page.text(reading.window.left, reading.quantity.start),
                page.passage.text[: page.passage.title_end],
            ):
                continue
            match = _FUND_YEAR.search(text)
            if match and context.period is not None:
                return "carried_over" if int(match[1]) < context.period.year else "current_year"
        return None
    if name == "target_group":
        return _titled_group(reading, report, found.get("occasion", ""))
    if name != "programme":
        return None
    chosen: str | None = None
    tree = lexicon.catalogue.code_lists[name]
    sub: str | None = None
    for text, page in stretches:
        codes = _programmes_in(text, page, lexicon)
        match = _SUBPROJECT.search(text)
        if match and sub is None:
            sub = match[1]
        for code in codes:
            if chosen is None or code in lexicon.catalogue.descendants(name, chosen):
                chosen = code
        if sub and chosen and f"{chosen}_{sub}" in tree:
            return f"{chosen}_{sub}"
    return chosen


# Groups that a section is of, so that its gifts are theirs.
_SECTION_GROUPS = ("merit", "child")


# What is given on these days is given to these, if nobody else is named; to all on the last.
_OF_THE_DAY = {"mid_autumn": "child", "childrens_day": "child", "war_invalids_day": "merit", "national_day": None}


# Words that count children and nobody else.
_CHILDREN = {"em", "cháu", "trẻ", "trẻ em"}


def _titled_group(reading: Reading, report: Report, occasion: str) -> str | None:
    """The one group that the titles above name: what is given in a section on merit persons is given to them."""
    if occasion in _OF_THE_DAY:
        return _OF_THE_DAY[occasion]
    linked = reading.link.quantity.word.lower() if reading.link is not None else ""
    if {reading.quantity.word.lower(), linked} & _CHILDREN:
        return "child"
    start = reading.window.sentence_start
    named = [m for m in reading.page.mentions.categories("target_group") if m.end <= start and not m.family]
    if any(m.code == WHOLE or m.code not in _SECTION_GROUPS for m in named if start - m.end < 500):
        return None
    for above in (reading.passage, *reading.passage.parents):
        page = report.pages.get(id(above))
        if page is None or not above.title:
            continue
        end = len(above.text) if above.is_heading else above.title_end
        codes = {
            m.code for m in page.mentions.categories("target_group")
            if m.end <= end and m.code != WHOLE and not m.family
            and (above is not reading.passage or end <= reading.window.left)
        }  # fmt: skip
        codes = {"child" if c in report.lexicon.catalogue.descendants("target_group", "child") else c for c in codes}
        if codes:
            return codes.pop() if len(codes) == 1 and codes <= set(_SECTION_GROUPS) else None
    return None


def _programmes_in(text: str, page: Page | None, lexicon: Lexicon) -> list[str]:
    tree = lexicon.catalogue.code_lists["programme"]
    codes = []
    if page is not None:
        offset = page.passage.text.find(text)
        codes = [m.code for m in page.mentions.categories("programme") if offset <= m.start < offset + len(text)]
    match = _PROJECT.search(text)
    if match and f"p{match[1]}" in tree:
        codes.append(f"p{match[1]}")
    codes = [code for code in codes if code != WHOLE]
    deepest = [c for c in codes if all(o == c or c in lexicon.catalogue.descendants("programme", o) for o in codes)]
    return deepest[:1] or codes[:1]


def _stretches_above(reading: Reading, report: Report) -> list[tuple[str, Page | None]]:
    """The texts that lend a quantity their topic, nearest first: its words, its sentence, the titles, the report's."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    passage = page.passage
    texts: list[tuple[str, Page | None]] = [(page.text(window.left, quantity.start), page)]
    texts.append((page.text(window.sentence_start, quantity.start), page))
    texts += [(page.text(s.start, s.end), page) for s in reversed(passage.sentences) if s.end <= window.sentence_start][
        :3
    ]
    if passage.title_end:
        texts.append((passage.text[: passage.title_end], page))
    for above in passage.parents:
        texts.append((above.title, report.pages.get(id(above))))
    texts += [(other.passage.text, other) for other in report.title_pages]
    return [(text, found) for text, found in texts if text]


def _far_category(reading: Reading, name: str, report: Report) -> str | None:
    """The category that earlier sentences of the passage or the titles above give."""
    page, window = reading.page, reading.window
    earlier = [
        m for m in page.mentions.categories(name) if 0 <= window.sentence_start - m.end < 500
    ]  # fmt: skip
    if earlier:
        return earlier[-1].code
    titles = [report.pages[id(above)] for above in reading.passage.parents if id(above) in report.pages]
    for other in [*titles, *report.title_pages]:
        is_whole = other.passage.is_heading or other in report.title_pages
        end = len(other.passage.text) if is_whole else other.passage.title_end
        codes = list(dict.fromkeys(m.code for m in other.mentions.categories(name) if m.end <= end))
        if codes:
            return codes[0] if len(codes) == 1 else None
    return None


def share_with_recipients(readings: list[Reading], lexicon: Lexicon) -> None:
    """`172 suất quà cho 172 người tròn 100 tuổi`: what is given takes over who receives it."""
    for given, taker in pairwise(readings):
        if given.page is not taker.page or not given.indicator or not taker.indicator:
            continue
        first, second = lexicon.wordings.get(given.indicator), lexicon.wordings.get(taker.indicator)
        if (
            first is None
            or second is None
            or first.family != second.family
            or taker.quantity.unit in ("vnd", "percent")
        ):
            continue
        between = given.page.text(given.quantity.end, taker.quantity.start)
        if given.quantity.unit == "vnd" or "trong đó" in between.lower():
            continue
        if re.match(r"(?i)[^;.()]{0,40}?\b(?:cho|đến|tới)\b[^;,.()]{0,25}$", between):
            for name, code in taker.breakdown.items():
                if name in first.lists and name not in ("plan_level",):
                    given.breakdown.setdefault(name, code)
