"""What a report says about itself: who reports, for which period, when, and how final it is."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from ingest.catalogue import Catalogue, Level, Unit, unit_name_key
from ingest.model import Status
from ingest.narrative.text.patterns import Patterns
from ingest.narrative.text.segments import Document, Passage
from ingest.narrative.text.times import Time, citations, times
from ingest.periods import Period, parse_period

SAYS = Patterns("report_head")
_KINDS: Mapping[str, tuple[Level, ...]] = {
    "tỉnh": ("province",), "huyện": ("district",), "quận": ("district",), "thị xã": ("district",),
    "thành phố": ("province", "district"), "tp": ("province", "district"), "tx": ("district",),
    "tinh": ("province",), "huyen": ("district",), "h": ("district",), "quan": ("district",), "q": ("district",),
    "thi xa": ("district",), "thanh pho": ("province", "district"), "xa": ("commune",), "phuong": ("commune",),
    "thi tran": ("commune",),
    "xã": ("commune",), "phường": ("commune",), "thị trấn": ("commune",), "đặc khu": ("commune",), "tt": ("commune",),
}  # fmt: skip
_NAME = r"[A-ZĐÀ-ỸƠƯĂÂÊÔ][\w'’]*(?:(?:\s?[-–]\s?|\s+)[A-ZĐÀ-ỸƠƯĂÂÊÔ][\w'’]*){0,4}"
_KIND_WORD = re.compile(
    r"(?<!\w)(tỉnh|huyện|quận|thị xã|thành phố|xã|phường|thị trấn|đặc khu|tp|tx|tt|"
    r"(?-i:TINH|HUYEN|QUAN|THI XA|THANH PHO|XA|PHUONG|THI TRAN|H|Q))\.?\s+",
    re.I,
)
_NAME_AFTER = re.compile(_NAME)
_REPORTER = re.compile(
    r"(?i:ubnd|ủy ban nhân dân|uỷ ban nhân dân|phòng [^,.;:]{4,60}?|sở [^,.;:]{4,60}?|hđnd|"
    r"trên địa bàn|trung tâm [^,.;:]{4,40}?)\s+(?:của\s+)?$"
)
_PLACE_AND_DATE = re.compile(
    rf"(?:^|\s)(?P<name>{_NAME}),\s*ngày\s*(?P<d>\d{{0,2}})\s*tháng\s*(?P<m>\d{{0,2}})\s*năm\s*(?P<y>\d{{4}})", re.I
)
_TITLE_START = re.compile(r"^báo cáo\b", re.I)
_FUTURE = re.compile(r"\b(?:phương hướng|nhiệm vụ trọng tâm|nhiệm vụ|kế hoạch|dự kiến|giải pháp)\b", re.I)
_HEAD = 30
_SECTION_NUMBER = re.compile(r"^(?:I|A|Phần\s+(?:I|thứ nhất))\b[.\s]", re.I)


@dataclass(frozen=True, slots=True)
class ReportContext:
    """Who reports, for which period. `unit` or `period` is None where the report does not tell.

    `steps` say where each came from; `title` is the report's own. `is_period_told` is false where the period is but
    the year of the only dates that the text shows: enough to read by, too little to file by.
    """

    unit: Unit | None
    period: Period | None
    dated: date | None
    status: Status
    title: str
    is_cumulative: bool
    steps: tuple[str, ...]
    is_period_told: bool = True

    @property
    def day(self) -> date:
        """A day on which the units of the report are to be looked up."""
        if self.period is not None:
            return self.period.last_day
        return self.dated or date(2024, 1, 1)


def read_context(
    document: Document,
    catalogue: Catalogue,
    *,
    unit_hint: Unit | None = None,
    period_hint: Period | None = None,
) -> ReportContext:
    """Reads a report's own head. A hint (from a calendar or a path) holds where the report is silent."""
    head = [p for p in document.passages[:_HEAD] if p.kind != "row"]
    title_at, title = _title(head)
    steps: list[str] = []
    place, dated = _place_and_date(head)
    period, is_cumulative, step = _period(title, head[title_at:])
    if step:
        steps.append(step)
    if period is None and period_hint is not None:
        period = period_hint
        steps.append(f"period {period.code}: given from outside")
    is_told = period is not None
    if period is None and (period := _year_shown(document)) is not None:
        steps.append(f"period {period.code}: no period is told, the year is that of the text's dates")
    day = period.last_day if period else (dated or date(2024, 1, 1))
    unit, step = _unit(document, title_at, title, place, day, catalogue)
    if unit is None and unit_hint is not None:
        unit, step = unit_hint, f"unit {unit_hint.name}: given from outside"
    if step:
        steps.append(step)
    status: Status = "preliminary" if re.search(r"\b(?:sơ bộ|ước thực hiện)\b", title, re.I) else "official"
    return ReportContext(unit, period, dated, status, title, is_cumulative, tuple(steps), is_told)


def _title(head: list[Passage]) -> tuple[int, str]:
    """The report's title: what stands from `BÁO CÁO` to the first long paragraph or numbered heading."""
    for index, passage in enumerate(head):
        if _TITLE_START.match(passage.text) and len(passage.text) < 400:
            parts = [passage.text]
            for following in head[index + 1 : index + 5]:
                text = following.text
                if (
                    following.rank < 15
                    or following.kind == "item"
                    or len(text) > 350
                    or (len(text) > 60 and text.endswith((".", ":", ";")))
                    or re.match(r"(?i)kính gửi|thực hiện|căn cứ", text)
                ):
                    break
                parts.append(text)
            return index, " ".join(parts)
    return 0, ""


def _place_and_date(head: list[Passage]) -> tuple[str, date | None]:
    for passage in head:
        match = _PLACE_AND_DATE.search(passage.text)
        if match:
            try:
                return match["name"], date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                return match["name"], None
    return "", None


def _period(title: str, head: list[Passage]) -> tuple[Period | None, bool, str]:
    """The first time that the title names and that is not its outlook; else that of the opening sentences."""
    first = next((p.text for p in head if p.text.strip()), "")
    headline = first if not title and len(first) < 200 and first[-1:] not in ".;:," else ""
    opening = [p.text for p in head[:8] if not SAYS.date_alone.fullmatch(p.text)]
    for text, source in [(title or headline, "title"), *((text, "opening") for text in opening)]:
        found = _reported_time(text, is_title=source == "title")
        if found is not None and found.period is not None:
            return found.period, found.precision == "months", f"period {found.period.code}: {source}"
    for text in opening[:6]:
        for time in times(text, citations(text)):
            if time.precision == "day" and time.has_year and time.period and SAYS.up_to_a_day.search(
                text[max(0, time.start - 40) : time.start]
            ):  # fmt: skip
                return time.period, True, f"period {time.period.code}: counted up to a day of it, as the opening says"
    return None, False, ""


def _year_shown(document: Document) -> Period | None:
    """The year of the date that stands alone at the text's beginning or end, else the latest of the days it names."""
    edges = [*document.passages[:6], *document.passages[-4:]]
    for passage in edges:
        if SAYS.date_alone.fullmatch(passage.text) or SAYS.date_line.match(passage.text):
            years = [int(y) for y in SAYS.year.findall(passage.text)]
            if years:
                return parse_period(str(years[-1]))
    named: Counter[int] = Counter()
    for passage in document.passages[:40]:
        for time in times(passage.text, citations(passage.text)):
            if not time.has_year or time.precision not in ("day", "month", "year") or time.period is None:
                continue
            if not SAYS.founded.search(passage.text[max(0, time.start - 40) : time.start]):
                named[time.period.year] += 1
    return parse_period(str(max(named))) if named else None


_MONTH_OF_TITLE = re.compile(r"\btháng\s+(\d{1,2})(?![\d/-]|\s*,?\s*năm)", re.I)
_MONTHS_OF_TITLE = re.compile(r"(?<![\d/])(0?[3-9]|1[0-2])\s+tháng\b(?!\s+(?:cuối|tuổi))", re.I)


def _reported_time(text: str, *, is_title: bool = False) -> Time | None:
    cited = citations(text)
    every = times(text, cited)
    ranges = [t for t in every if t.precision == "range"]
    if is_title and ranges:
        return ranges[0]
    years = [t for t in every if t.precision not in ("day", "span", "range") and t.has_year]
    if is_title and not years:
        spans = [t for t in every if t.precision == "span" and t.has_year]
        return next((t for t in spans if not SAYS.standard.search(text[max(0, t.start - 70) : t.start])), None)
    years = [t for t in years if not any(r.start <= t.start < r.end for r in ranges)]
    default = years[0].period.year if years and years[0].period else None
    outlook = _FUTURE.search(text)
    found = [t for t in times(text, cited, default) if t.precision not in ("day", "span", "range")]
    if any(not t.is_second_half for t in found):
        found = [t for t in found if not t.is_second_half or outlook is None]
    for month in _MONTH_OF_TITLE.finditer(text[:400]):
        if default is not None and 1 <= int(month[1]) <= 12:
            period = parse_period(f"{default}-{int(month[1]):02d}")
            found.append(Time(month.start(), month.end(), "month", period, has_year=False))
    if default is not None and not any(t.precision in ("months", "half", "quarter") for t in found):
        for months in _MONTHS_OF_TITLE.finditer(text[:400]):
            named = times(f"{months[0]} đầu năm {default}", [])
            found += [replace(t, start=months.start(), end=months.end()) for t in named]
    found = [
        t
        for t in found
        if (t.has_year or t.precision != "year") and not SAYS.background.search(text[max(0, t.start - 14) : t.start])
    ]
    inside = [t for t in found if outlook is None or t.start < outlook.start() or outlook.start() < 12]
    ranked = sorted(inside or found[:1], key=lambda t: (t.precision == "year", t.precision == "month", t.start))
    if not ranked:
        return None
    # `quý III và 9 tháng`: what is not said of the quarter is counted from January.
    whole = (t for t in inside if t.precision == "months" and t.period and ranked[0].period)
    return next((t for t in whole if t.period.last_day == ranked[0].period.last_day), ranked[0])  # type: ignore[union-attr]


@lru_cache(maxsize=4)
def _units_by_key(catalogue: Catalogue) -> Mapping[str, tuple[Unit, ...]]:
    index: dict[str, list[Unit]] = defaultdict(list)
    for unit in catalogue.units.values():
        index[unit_name_key(unit.name)].append(unit)
    return {key: tuple(units) for key, units in index.items()}


def named_units(text: str, catalogue: Catalogue, day: date) -> list[tuple[int, int, tuple[Unit, ...]]]:
    """The units that a text names with their kind: spans, and every unit that each name may mean."""
    index = _units_by_key(catalogue)
    found = []
    for match in _KIND_WORD.finditer(text):
        named = _NAME_AFTER.match(text, match.end())
        if named is None:
            continue
        levels = _KINDS[match[1].lower()]
        words = named[0].split()
        for count in range(len(words), 0, -1):
            name = " ".join(words[:count])
            units = _alike(name, (u for u in index.get(unit_name_key(name), ()) if u.level in levels), day)
            if units and not (count < len(words) and name.istitle() and words[count].istitle()):
                found.append((match.start(), match.end() + len(name), units))
                break
    return found


def _alike(name: str, candidates: Iterable[Unit], day: date) -> tuple[Unit, ...]:
    """Those of the units that exist on a day, to the tone mark (Văn Bàn is not Vân Bán) if one is so written."""
    valid = tuple(u for u in candidates if u.is_valid_on(day))
    exact = tuple(u for u in valid if u.name.casefold().endswith(name.casefold()))
    return exact or valid


_AGENCY = re.compile(r"(?i)^\W*(sở|phòng)\s+[^.:]*?(?=(?:[^\W\d]+[\s-]+){0,3}[^\W\d]+\W*$)")
_AGENCY_LEVEL: Mapping[str, Level] = {"sở": "province", "phòng": "district"}


def _unit_of_agency(text: str, catalogue: Catalogue, day: date) -> tuple[Unit, ...]:
    """The unit whose agency a letterhead names without the unit's kind: `SỞ LĐTBXH BẮC NINH`."""
    match = _AGENCY.match(text)
    if match is None or len(text) > 120:
        return ()
    level = _AGENCY_LEVEL[match[1].lower()]
    words = re.findall(r"[^\W\d]+", text)
    for count in range(min(4, len(words) - 2), 1, -1):
        name = " ".join(words[-count:])
        known = _units_by_key(catalogue).get(unit_name_key(name), ())
        if units := _alike(name, (u for u in known if u.level == level), day):
            return units
    return ()


def _unit(
    document: Document, title_at: int, title: str, place: str, day: date, catalogue: Catalogue
) -> tuple[Unit | None, str]:
    """The unit that the head names as reporting: letterhead, title, opening sentence, place of signing."""
    votes: Counter[str] = Counter()
    units: dict[str, Unit] = {}
    provinces: Counter[str] = Counter()
    pending: list[tuple[float, tuple[Unit, ...]]] = []
    agency: set[Unit] = set()
    for index, passage in enumerate(document.passages):
        if index > 60 and index < len(document.passages) - 6:
            continue
        text = passage.text
        is_head = index < title_at + 8
        for start, _, candidates in named_units(text, catalogue, day):
            weight = 0.3
            if is_head:
                weight = 3.0 if passage.text in title or index < title_at else 1.0
                if _REPORTER.search(text[:start]) or text[:start].isupper():
                    weight += 1.5
            elif _REPORTER.search(text[:start]):
                weight = 0.5
            if text.startswith(("Kính gửi", "KÍNH GỬI")) or re.search(
                r"(?i)(?:của|đề nghị)\s+(?:sở|bộ)[^,.;]*$", text[:start]
            ):
                weight = min(weight, 0.3)
            for unit in candidates:
                if unit.level == "province":
                    provinces[unit.unit_id] += 1
            pending.append((weight, candidates))
        if index < max(title_at, 4) and (candidates := _unit_of_agency(text, catalogue, day)):
            pending.append((5.0, candidates))
            agency.update(candidates)
    if place:
        candidates = tuple(u for u in _units_by_key(catalogue).get(unit_name_key(place), ()) if u.is_valid_on(day))
        if candidates:
            heads = {u for weight, units_named in pending if weight >= 3.0 for u in units_named}
            pending.append((2.5, tuple(u for u in candidates if u in agency or u in heads) or candidates))
    home = provinces.most_common(1)[0][0] if provinces else None
    for weight, candidates in pending:
        chosen = candidates
        if len(chosen) > 1 and home is not None:
            inside = [u for u in chosen if u.level != "province" and _province_id(u, catalogue, day) == home]
            chosen = tuple(inside) or chosen
        if len(chosen) == 1:
            votes[chosen[0].unit_id] += weight  # type: ignore[assignment]
            units[chosen[0].unit_id] = chosen[0]
    if not votes:
        return None, ""
    best = max(votes, key=lambda unit_id: votes[unit_id])
    return units[best], f"unit {units[best].name}: named in head, title or opening"


def _province_id(unit: Unit, catalogue: Catalogue, day: date) -> str:
    province = catalogue.province_of(unit, day)
    return province.unit_id if province else ""


def period_of(text: str) -> Period | None:
    """The period that a text names first, in words (`6 tháng đầu năm 2023`) or in SDMX writing."""
    try:
        return parse_period(text)
    except ValueError:
        found = _reported_time(text, is_title=True)
        return found.period if found else None
