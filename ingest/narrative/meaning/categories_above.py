"""The category that earlier sentences and the titles above give."""

from __future__ import annotations

from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.report import Report
from ingest.narrative.meaning.windows import Page
from ingest.narrative.text.lexicon import WHOLE, Lexicon
from ingest.narrative.text.patterns import Patterns

SAYS = Patterns("breakdown")


def title_category(
    reading: Reading, name: str, report: Report, found: dict[str, str], *, here_only: bool
) -> str | None:
    """The category that the titles above give, the deepest one that fits with those nearer."""
    head, lexicon = report.head, report.lexicon
    stretches = _stretches_above(reading, report)
    if here_only and not any(
        SAYS.subproject.search(text) or _programmes_in(text, page, lexicon)
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
            match = SAYS.year_of_money.search(text)
            if match and head.period is not None:
                return "carried_over" if int(match[1]) < head.period.year else "current_year"
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
        match = SAYS.subproject.search(text)
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
        page = report.page_of(above)
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
    match = SAYS.project.search(text)
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
        texts.append((above.title, report.page_of(above)))
    texts += [(other.passage.text, other) for other in report.title_pages]
    return [(text, found) for text, found in texts if text]


def far_category(reading: Reading, name: str, report: Report) -> str | None:
    """The category that earlier sentences of the passage or the titles above give."""
    page, window = reading.page, reading.window
    earlier = [
        m for m in page.mentions.categories(name) if 0 <= window.sentence_start - m.end < 500
    ]  # fmt: skip
    if earlier:
        return earlier[-1].code
    for other in _paragraphs_before(reading, report):
        codes = list(dict.fromkeys(m.code for m in other.mentions.categories(name)))
        if codes:
            return codes[-1]
    titles = [found for above in reading.passage.parents if (found := report.page_of(above)) is not None]
    for other in (*titles, *report.title_pages):
        is_whole = other.passage.is_heading or other in report.title_pages
        end = len(other.passage.text) if is_whole else other.passage.title_end
        codes = list(dict.fromkeys(m.code for m in other.mentions.categories(name) if m.end <= end))
        if codes:
            return codes[0] if len(codes) == 1 else None
    return None


# So many paragraphs before, of the same section, may name the occasion of what a paragraph tells.
_PARAGRAPHS = 4


def _paragraphs_before(reading: Reading, report: Report) -> list[Page]:
    """The paragraphs before a quantity's own under the same heading, nearest first."""
    passage = reading.passage
    if passage.kind in ("row", "footnote"):
        return []
    at = report.place_of(reading.page)
    found = []
    for page in reversed(report.pages[max(0, at - _PARAGRAPHS) : at]):
        other = page.passage
        if other.is_heading or other.parents != passage.parents or other.kind != passage.kind:
            break
        found.append(page)
    return found


def deepened(code: str, reading: Reading, report: Report, found: dict[str, str]) -> str:
    """The part of a programme that is named as well: `Tiểu dự án 1 - Dự án 3`."""
    deeper = title_category(reading, "programme", report, found, here_only=False)
    return deeper if deeper in report.lexicon.catalogue.descendants("programme", code) else code
