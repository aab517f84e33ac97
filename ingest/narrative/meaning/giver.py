"""Who gave a gift: said in a heading above, or by the subject of trao, tặng."""

from __future__ import annotations

from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.rules import Rule, first_answer
from ingest.narrative.text.patterns import Patterns

SAYS = Patterns("breakdown")
_LEVELS = {
    "tỉnh": "province", "huyện": "district", "thị xã": "district", "thành phố": "district", "quận": "district",
    "các xã": "commune", "các phường": "commune", "xã": "commune", "phường": "commune", "thị trấn": "commune",
    "đặc khu": "commune",
}  # fmt: skip
# How far into an item its own heading may reach, document and day of a resolution included.
_HEADING = 320


def giver_of(reading: Reading) -> str | None:
    """The giver of a gift whose own words name none."""
    return first_answer("giver", GIVERS, reading)


def named_in_the_heading(reading: Reading) -> str | None:
    """`a. Quà của Chủ tịch nước theo Quyết định …: chuyển kinh phí cho UBND các xã tặng 210 suất`."""
    for above in (reading.passage, *reading.passage.parents):
        page = reading.report.page_of(above)
        if page is None:
            continue
        end = len(above.text) if above.is_heading else above.text.find(":", above.body_start, _HEADING)
        if above is reading.passage and not 0 <= end <= reading.quantity.start:
            continue
        heading = above.text[above.body_start : max(end, 0)]
        codes = {
            m.code for m in page.mentions.categories("giver")
            if m.end <= end and m.code in reading.report.catalogue.code_lists["giver"]
        }  # fmt: skip
        if len(codes) == 1 and SAYS.gift_of.search(heading):
            return codes.pop()
    return None


def subject_right_before(reading: Reading) -> str | None:
    """The authority named since the number before: `…, UBND xã tặng 45 suất`."""
    return _subject(reading.before, reading)


def subject_of_giving(reading: Reading) -> str | None:
    """The authority that gives, nearest before the number: `UBND huyện tặng 120 suất`, `Phường A đã trao 39 suất`."""
    return _subject(reading.sentence_before, reading)


def _subject(text: str, reading: Reading) -> str | None:
    start = 0
    found = None
    while (match := SAYS.giving_authority.search(text, start)) is not None:
        if not SAYS.passes_on.search(text[: match.start("kind")]):
            found = match
        start = match.start("kind") + 1
    if found is None:
        return None
    level = _LEVELS[found["kind"].lower()]
    own = reading.report.head.unit
    is_own_city = own is not None and own.level == "province" and own.name.startswith("Thành phố")
    return "province" if found["kind"].lower() == "thành phố" and is_own_city else level


def same_as_what_it_hangs_on(reading: Reading) -> str | None:
    """Money and persons of a gift are of its giver."""
    previous = reading.previous
    if previous is not None and previous.breakdown.get("giver"):
        between = reading.page.text(previous.quantity.end, reading.quantity.start)
        if SAYS.given_to.match(between):
            return previous.breakdown["giver"]
    link = reading.carrier
    return link.breakdown.get("giver") if link is not None and link.page is reading.page else None


GIVERS: tuple[Rule[str], ...] = (
    subject_right_before,
    same_as_what_it_hangs_on,
    named_in_the_heading,
    subject_of_giving,
)
