"""The grammar of quantities in Vietnamese prose: numbers, scales, units, qualifiers, ranges and pairs.

And of what looks like a quantity but is none: numbers of documents, dates, articles, plans, phones,
feast days (`27/7`), names of programmes (`Đề án 06`), ordinals, years, durations and ages.

`quantities` works on one passage's clean text and knows nothing of indicators.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from ingest.narrative.text.lexicon import Lexicon
from ingest.narrative.text.phrases import Tokens, tokenise

Qualifier = Literal["exact", "about", "over", "under", "almost"]
Link = Literal["", "pair", "ratio", "range"]

# What is no quantity by its shape. All begin with a digit, which keeps the search fast; what the words
# before a number tell is data (`lexicon/not_quantities.yml`).
_CODE = r"[A-ZĐ][A-ZĐa-z0-9&.]*(?:\s?[-–&/]\s?[A-ZĐ0-9][A-ZĐa-z0-9&.]*)*"
_D, _M, _Y = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_FEASTS = (
    r"27/0?7|0?1/0?6|0?2/0?9|30/0?4|0?1/0?5|0?8/0?3|20/10|18/0?4|25/0?3|0?6/0?6|0?1/10|15/0?4|25/11|28/0?6|26/0?6|"
    r"30/0?7|17/10|10/12|13/0?4|0?3/12|22/12|19/0?8|0?3/0?2|20/11|15/11|26/0?3|10/3"
)
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("document", re.compile(rf"\b\d{{1,5}}\s?/\s?{_Y}\s?/\s?{_CODE}")),  # 07/2021/NĐ-CP, 24/2021/QH15
    ("document", re.compile(rf"\b\d{{1,5}}[a-z]?\s?[-/]\s?(?=[A-ZĐ]{{2}}){_CODE}")),  # 31/SLĐTBXH-VP, 07-NQ/HU, 06/CP
    (
        "phone",
        re.compile(
            r"\(0\d{2,3}\)\s?\d{3,4}[. ]?\d{3,4}\b|(?<![\d.,])0\d{2,3}[. ]?\d{3}[. ]?\d{3,4}\b|\b1[89]00[. ]?\d{4}\b"
        ),
    ),
    ("date", re.compile(rf"\b{_D}\s+tháng\s+{_M}(?:[,\s]+năm\s+{_Y})?\b(?!\s?/\s?\d|[.,]\d)", re.I)),
    ("date", re.compile(rf"\b{_D}\s?[/.-]\s?{_M}\s?[/.-]\s?{_Y}\b")),
    ("date", re.compile(rf"(?<![\d/.]){_M}\s+(?:và\s+tháng\s+{_M}\s+)?năm\s+{_Y}\b(?!\s?[-–]\s?{_Y})", re.I)),
    ("duration", re.compile(rf"\b\d{{1,2}}\s+năm\s+{_Y}\s?[-–]\s?{_Y}\b", re.I)),
    ("date", re.compile(rf"\b{_D}\s?/\s?{_M}\s+năm\s+{_Y}\b", re.I)),
    ("time", re.compile(r"(?<![\d.,/:])(?:[01]?\d|2[0-3])\s?:\s?[0-5]\d(?:\s?:\s?[0-5]\d)?(?![\d:%])")),
    ("time", re.compile(r"(?<=GMT[+-])\d{1,2}\b|(?<=UTC[+-])\d{1,2}\b")),
    ("date", re.compile(rf"(?<=và ){_D}/{_M}\b(?!\s?[/%\d]|[.,]\d)(?<!\d\d\d)(?=[.,;)\s])(?!\s+[^\W\d])", re.I)),
    ("date", re.compile(rf"(?<![\d.,/]){_M}\s?[/-]\s?{_Y}\b(?!\.\d)")),
    ("year", re.compile(rf"(?<![\d.,/]){_Y}(?:\s?(?:[-–/,]|đến(?:\s+năm)?|và(?:\s+năm)?)\s?{_Y})+\b(?!\.\d|/)", re.I)),
    (
        "time",
        re.compile(
            r"\b\d{1,2}\s?(?:h|g)\s?\d{0,2}\b|\b\d{1,2}\s?giờ(?:\s?\d{1,2})?|\b24/(?:7|24)(?=\s*(?:giờ|h\b|[,.;:)]|$))",
            re.I,
        ),
    ),
    (
        "age",
        re.compile(
            r"(?<!tuổi )(?<!tuổi: )\b\d{1,3}(?:\s?(?:[-–,]|(?:tuổi\s+)?đến(?:\s+dưới)?|và)\s?\d{1,3})*\s?tuổi\b", re.I
        ),
    ),
    ("anniversary", re.compile(r"\b\d{1,3}\s+năm\s+(?:ngày|thành lập|thực hiện|truyền thống|kỷ niệm)\b", re.I)),
    (
        "duration",
        re.compile(
            r"\b\d{1,3}(?:\s?(?:[-–]|đến)\s?\d{1,3})?\s+(?:năm|tháng|ngày|giờ|phút|tuần|quý|tiết)"
            r"(?![\w]|\s+(?:hội\b|mục\b|kiệm\b|công\b))",
            re.I,
        ),
    ),
    # Two thirds of something is a share in words: khoảng 2/3 là lao động nữ.
    (
        "fraction",
        re.compile(r"(?<![\d/])[1-9]\s?/\s?[2-9](?=\s+(?:là|số|tổng|trong|dân số|diện tích|tỷ lệ)\b)(?!\s?/)", re.I),
    ),
    (
        "name",
        re.compile(
            r"\bCOVID\s?-?\s?19\b|(?<=địa phương )[23](?= cấp\b)|\b[23] cấp(?=\s+(?:chính quyền|hành chính))", re.I
        ),
    ),
    ("enumerator", re.compile(r"(?<=\()\d{1,2}\)(?=\s*[^\W\d])|(?<=[;:.,]\s)\d{1,2}\)\s")),
    ("measure", re.compile(r"\b\d+(?:[.,]\d+)?\s?(?:kWh|kV|km2?|m2|m²|m3|m³|ha|mét|cm|mm|lít|kw|độ C|°C|MW)\b", re.I)),
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,400}|(?<![\w.-])[\w.-]{1,80}\.vn\b(?:/\S{0,400})?", re.I)
_HINTS_OF_ADDRESSES = ("://", "www.", ".vn")
_FEAST = re.compile(rf"\b(?:{_FEASTS})\b(?!\s?[/\d%])")
_DAY_MONTH = re.compile(rf"\b{_D}\s?[/.-]\s?{_M}\b(?!\s?[/%\d]|[.,]\d)")
_YEAR = re.compile(rf"(?<![\d.,])(?<!\d/){_Y}(?![\d%\w]|[.,/]\d)")
_DATE_WORDS = (" sáng", " chiều", " tối", " đêm", " trưa", " dịp", " lễ",
               " liệt sĩ", " liệt sỹ", " quốc khánh", " phụ nữ", " thiếu nhi",
               " đến", " tới", " trước", " sau",
               " từ", " hết", " kỷ niệm", " tết", " hạn", " vào", " ngày", " qua")  # fmt: skip
_PUNCTUATION = str.maketrans("(“”\"'[:/", " " * 8)
_HOTLINE = re.compile(r"(?:tổng đài|đường dây nóng|hotline)[^.;]{0,36}$")
_RUN = re.compile(r"\d(?:[\w./]|-(?=\d))*")
# Units that do not make a quantity of an ordinal: Đội 178 tỉnh, đợt 1 năm 2023, kỳ 2 nội dung.
_WEAK_UNITS = (
    "year",
    "month",
    "province",
    "district",
    "commune",
    "item",
    "session",
    "activity",
    "document",
    "programme",
)
# Units of money, share and time are written with their number or not at all.
_MEASURES = ("vnd", "percent", "percentage_point", "kg", "year", "month", "item", "document", "activity", "programme")
_STOP = re.compile(r"[;.(]\s?")
_LIST_END = re.compile(r"\s*(?:[;)]|,\s*\d)")
_FURTHER = re.compile(r"\s?(?:,|và|[-–]|đến)\s?\d{1,4}(?=[\s,.;:)]|$)(?!\s?%)")

_NUMBER = re.compile(
    r"(?:(?<![\w])|(?<=[a-zà-ỹ]{3})(?=\d+\s+[a-zà-ỹ]))(?<!\d[.,])(?:"
    r"\d{1,3}(?:\s?\.\s?\d{3})+(?:,\d+)?(?![\d])"  # 2.439  7.244.309.123  3.219,80  7 .244
    r"|\d{1,3}(?:,\d{3}){2,}(?![\d])"  # 7,244,309
    r"|\d{1,3}(?: \d{3})+(?:,\d+)?(?![\d.])"  # 12 345
    r"|\d+\s?,\s?\d+(?=\s?%)|\d+,\d+"  # 0,47
    r"|\d{1,3}, \d{1,2}(?=\s?(?:t[ỷỉ]|triệu|nghìn|ngàn)\b)"  # 14, 5 tỷ
    r"|\d+\.\d+(?![.\d])"  # 8.49
    r"|\d+)"
)
_SCALE = re.compile(
    r"\s*(nghìn\s+tỷ|ngàn\s+tỷ|nghìn\s+tỉ|trăm\s+triệu|t[ỷỉ](?!\s+(?:lệ|trọng|suất|số|phú))|triệu|tr(?=\.?\s?(?:đ|đồng)\b)|nghìn|ngàn|vạn)\b\.?",
    re.I,
)
_FACTORS = {
    "nghìn tỷ": 10**12, "ngàn tỷ": 10**12, "nghìn tỉ": 10**12, "trăm triệu": 10**8, "tỷ": 10**9, "tỉ": 10**9,
    "triệu": 10**6, "tr": 10**6, "nghìn": 10**3, "ngàn": 10**3, "vạn": 10**4,
}  # fmt: skip
_CURRENCY = re.compile(r"\s*(?:đồng|vnđ|vnd|đ)(?![\w])", re.I)
_FOREIGN = re.compile(r"\s*(?:usd|đô la|euro|eur|yên|won|jpy)\b", re.I)
_PERCENT = re.compile(r"\s*(?:%(?:\s*điểm)?|phần trăm\b|điểm\s*(?:%|phần trăm\b))", re.I)
_PER = re.compile(
    r"(?:\s?/\s?(?:1\s)?(?:tháng|năm|quý|ngày|hộ|người|suất|nhà|căn|xã|thôn|lượt|học viên|khẩu|em|cụ|cháu|trẻ|"
    r"kg|lớp|khóa|mô hình|dự án|trường hợp|đối tượng|phần|thẻ|lần|đợt|buổi|cụm)\b)+",
    re.I,
)
_EACH = re.compile(
    r"\bmỗi\s+(tháng|hộ|người|suất|nhà|căn|xã|thôn|học viên|"
    r"khẩu|em|cụ|cháu|trẻ|phần|lượt|cặp|mô hình|dự án|trường hợp|đối tượng)\b[^;.()\d]*$",
    re.I,
)
# The one of `20 triệu đồng/ 1 hộ` is no count.
_FOR_ONE = re.compile(r"\s?/\s?0?1(?=\s+[^\W\d])")
_FILLER = re.compile(r"\s*(?:các loại|loại|chiếc|lượt(?=\s+lượt))\s+", re.I)
_BEFORE = re.compile(
    r"(?P<almost>gần(?:\s+(?:bằng|đạt))?|xấp xỉ gần)"
    r"|(?P<over>hơn|trên|vượt|tối thiểu|ít nhất|không dưới|từ|đạt từ|>=?|≥|trên mức|nhiều hơn)"
    r"|(?P<under>dưới(?:\s+mức)?|không quá|tối đa|chưa đến|chưa tới|ít hơn|<=?|≤|không vượt quá|thấp hơn)"
    r"|(?P<about>khoảng|ước|ước tính|ước đạt|ước khoảng|xấp xỉ|chừng|ước thực hiện|độ|bình quân khoảng)",
    re.I,
)
_BEFORE_AT_END = re.compile(rf"(?:^|[\s(:|])(?:{_BEFORE.pattern})\s*:?\s*$", re.I)
_UPWARDS = re.compile(r"(?:/[\w/]+)?\s*trở lên\b", re.I)
_DOWNWARDS = re.compile(r"(?:/[\w/]+)?\s*trở xuống\b", re.I)
_RANGE = re.compile(r"\s?(?:-|–|đến|tới)\s?", re.I)


@dataclass(frozen=True, slots=True)
class NotQuantity:
    """A stretch of text that holds digits but no quantity, and why."""

    start: int
    end: int
    why: str


@dataclass(slots=True)
class Quantity:
    """A number with its unit as written.

    `start`–`end` spans number, scale and unit; `number_end` is where the number itself ends.
    `units` are codes of the list `unit`, the first as written and then what a slash adds
    (`đối tượng/suất`); empty if no unit is written; `implied` is then what the words before count
    (`học viên là người Khmer: 274`), or `?` if what follows is no known unit. Money is in dong.
    `link` tells how it hangs on the quantity before: `pair` (470 hộ/2.439 khẩu), `ratio` (the second
    of 09/09 xã), `range`. `is_torn`: a blank stands inside it, `14, 5 tỷ`.
    """

    start: int
    end: int
    number_end: int
    raw: str
    value: Decimal
    units: tuple[str, ...]
    word: str
    qualifier: Qualifier = "exact"
    per: str = ""
    link: Link = ""
    is_ratio_head: bool = False
    comma_as_thousands: bool = False
    is_torn: bool = False
    is_zero: bool = False
    implied: str = ""

    @property
    def unit(self) -> str:
        """The unit as written, empty if none."""
        return self.units[0] if self.units else ""


def not_quantities(text: str, lexicon: Lexicon, start: int = 0, tokens: Tokens | None = None) -> list[NotQuantity]:
    """The stretches of a text that hold digits but no quantity, in order, without overlaps."""
    kept: list[NotQuantity] = []
    covered = bytearray(len(text))

    def claim(first: int, last: int, why: str) -> None:
        if not any(covered[first:last]):
            covered[first:last] = b"\x01" * (last - first)
            kept.append(NotQuantity(first, last, why))

    tokens = tokens or tokenise(text)
    token_at = {position: index for index, position in enumerate(tokens.starts)}
    lower = text.lower()

    def has_unit(end: int) -> bool:
        if _SCALE.match(text, end) or _PERCENT.match(text, end) or _CURRENCY.match(text, end):
            return True
        units, _, _ = _unit_after(text, end, tokens, token_at, lexicon)
        return bool(units) and units[0] not in _WEAK_UNITS

    if any(hint in lower for hint in _HINTS_OF_ADDRESSES):
        for address in _ADDRESS.finditer(text, start):
            claim(address.start(), address.end(), "address")
    for why, pattern in _SHAPES:
        for match in pattern.finditer(text, start):
            claim(match.start(), match.end(), why)
    for run in _RUN.finditer(text, start):
        if covered[run.start()]:
            continue
        before = " " + lower[max(0, run.start() - 40) : run.start()].translate(_PUNCTUATION).rstrip()
        if (found := lexicon.name_before(before)) is not None:
            why, unless_unit, at_most = found
            number = _NUMBER.match(text, run.start())
            is_saved = number is not None and (
                (at_most and number[0].isdigit() and int(number[0]) > at_most)
                or (unless_unit and has_unit(number.end()))
                or not _can_be_name(why, number[0], before, has_unit(number.end()))
            )
            if not is_saved:
                last = run.start() + len(run[0].rstrip("./"))
                while (further := _FURTHER.match(text, last)) and not has_unit(further.end()):
                    if why == "document" and not _LIST_END.match(text, further.end()):
                        break
                    last = further.end()
                claim(run.start(), last, why)
                continue
        if _HOTLINE.search(before) and run[0].isdigit() and not has_unit(run.end()):
            claim(run.start(), run.end(), "phone")
        elif feast := _FEAST.match(text, run.start()):
            if not has_unit(feast.end()) or before.endswith(_DATE_WORDS):
                claim(feast.start(), feast.end(), "feast")
        elif day := _DAY_MONTH.match(text, run.start()):
            if before.endswith(_DATE_WORDS) and not has_unit(day.end()):
                claim(day.start(), day.end(), "date")
        elif (year := _YEAR.match(text, run.start())) and not has_unit(year.end()):
            claim(year.start(), year.end(), "year")
    return sorted(kept, key=lambda stretch: stretch.start)


def _can_be_name(why: str, number: str, before: str, has_unit: bool) -> bool:
    """Whether a number is small enough to be a day, a year or an ordinal: `tháng 430 học viên` is a count."""
    if why == "phone":
        return True
    if not number.isdigit():
        return why == "document"
    value = int(number)
    if why == "date":
        if before.endswith(" năm"):
            return 1900 <= value <= 2100 or (value < 100 and not has_unit)
        if has_unit and re.search(r"\d\s+(?:tháng|ngày)$", before):
            return False
        return value <= (12 if before.endswith(" tháng") else 31)
    return value < 1000 if why in ("ordinal", "article") else True


def parse_number(written: str) -> tuple[Decimal, bool] | None:
    """The value of a written number, and whether a comma was its thousands sign.

    A dot groups thousands, a comma marks decimals; a dot that cannot group (8.49) is a decimal point.
    """
    text = re.sub(r"\s", "", written)
    try:
        if re.fullmatch(r"\d{1,3}(?:,\d{3}){2,}", text):
            return Decimal(text.replace(",", "")), True
        if re.fullmatch(r"[1-9]\d{3,}\.000", text):
            return Decimal(text.replace(".", "")), False
        if re.fullmatch(r"\d+\.\d+", text) and (not re.fullmatch(r"\d{1,3}\.\d{3}", text) or text.startswith("0")):
            return Decimal(text), False
        return Decimal(text.replace(".", "").replace(",", ".")), False
    except InvalidOperation:
        return None


def quantities(text: str, lexicon: Lexicon, *, start: int = 0, tokens: Tokens | None = None) -> list[Quantity]:
    """The quantities of a passage in reading order."""
    return read_quantities(text, lexicon, start=start, tokens=tokens)[0]


def read_quantities(
    text: str, lexicon: Lexicon, *, start: int = 0, tokens: Tokens | None = None
) -> tuple[list[Quantity], str]:
    """The quantities of a passage, and its text with what is no quantity blotted out."""
    if not any(c.isdigit() for c in text):
        return [], text
    tokens = tokens or tokenise(text)
    masked = _masked(text, not_quantities(text, lexicon, start, tokens))
    token_at = {position: index for index, position in enumerate(tokens.starts)}
    found: list[Quantity] = []
    position = start
    while match := _NUMBER.search(masked, position):
        quantity = _read(masked, match, tokens, token_at, lexicon)
        if quantity is None:
            position = match.end()
            continue
        _link(found, quantity, masked)
        if not quantity.units and _COUNTS_UNKNOWN.match(text, quantity.end):
            quantity.implied = UNKNOWN
        elif not quantity.units:
            quantity.implied = _unit_before(masked, found[-1].end if found else start, quantity, tokens, lexicon)
        found.append(quantity)
        one = _FOR_ONE.match(masked, quantity.end) if quantity.unit == "vnd" else None
        position = one.end() if one is not None else quantity.end
    return found, masked


def _masked(text: str, stretches: list[NotQuantity]) -> str:
    """The text with what is no quantity blotted out, offsets unchanged."""
    parts, position = [], 0
    for stretch in stretches:
        parts += [text[position : stretch.start], "\x00" * (stretch.end - stretch.start)]
        position = stretch.end
    return "".join([*parts, text[position:]])


def _read(
    text: str, match: re.Match[str], tokens: Tokens, token_at: dict[int, int], lexicon: Lexicon
) -> Quantity | None:
    written = match[0]
    parsed = parse_number(written)
    if parsed is None or len(written) > 30:
        return None
    value, comma = parsed
    end = match.end()
    scale = _SCALE.match(text, end)
    units: tuple[str, ...] = ()
    word = ""
    if scale:
        factor = _factor(scale[1])
        value, end = value * factor, scale.end()
        value, end = _compound(text, value, factor, end)
        currency = _CURRENCY.match(text, end)
        if currency:
            units, end = ("vnd",), currency.end()
        elif _FOREIGN.match(text, end):
            units = ("",)
        else:
            units, word, end = _unit_after(text, end, tokens, token_at, lexicon)
            if not units or units[0] in ("percent", "year", "month"):
                units = ("vnd",) if factor >= 10**6 else ()
    elif percent := _PERCENT.match(text, end):
        units, end = ("percentage_point" if "điểm" in percent[0] else "percent",), percent.end()
        if value >= 1000 and re.fullmatch(r"\d{1,2}\.\d{3}", written):
            value = value / 1000
    elif currency := _CURRENCY.match(text, end):
        units, end = ("vnd",), currency.end()
    else:
        units, word, end = _unit_after(text, end, tokens, token_at, lexicon)
        if units:
            value = value * lexicon.unit_factor(word)
    if re.search(r"\.\s+\d", written) and not units:
        return None
    is_counted = not scale and units and units[0] not in ("vnd", "percent", "percentage_point", "kg")
    if is_counted and re.fullmatch(r"\d{1,3},\d{3}", written):
        value, comma = Decimal(written.replace(",", "")), True
    per = _PER.match(text, end)
    has_rate = units[:1] in (("vnd",), ("kg",)) and not per
    each = _EACH.search(text, max(0, match.start() - 70), match.start()) if has_rate else None
    qualifier = _qualifier(text, match.start(), per.end() if per else end)
    return Quantity(
        start=match.start(),
        end=end,
        number_end=match.end(),
        raw=text[match.start() : end],
        value=value,
        units=tuple(u for u in units if u),
        word=word,
        qualifier=qualifier,
        per=per[0].replace(" ", "").strip("/") if per else (each[1].lower() if each else ""),
        comma_as_thousands=comma,
        is_torn=", " in written,
    )


def _factor(written: str) -> int:
    return _FACTORS[re.sub(r"\s+", " ", written.lower())]


def _compound(text: str, value: Decimal, factor: int, end: int) -> tuple[Decimal, int]:
    """`1 tỷ 678 triệu`: further numbers with ever smaller scales."""
    while True:
        blank = re.compile(r"\s+").match(text, end)
        number = _NUMBER.match(text, blank.end()) if blank else None
        scale = _SCALE.match(text, number.end()) if number else None
        parsed = parse_number(number[0]) if number and scale else None
        if parsed is None or scale is None or _factor(scale[1]) >= factor:
            return value, end
        factor = _factor(scale[1])
        value, end = value + parsed[0] * factor, scale.end()


def _unit_after(
    text: str, end: int, tokens: Tokens, token_at: dict[int, int], lexicon: Lexicon
) -> tuple[tuple[str, ...], str, int]:
    """The unit word after a number, with what a slash adds: codes, the word, where it ends."""
    filler = _FILLER.match(text, end)
    at = filler.end() if filler else end
    while at < len(text) and text[at] in " \t“\"'(" and at - end < 3:
        if text[at] == "(":
            return (), "", end
        at += 1
    index = token_at.get(at)
    hit = lexicon.unit_at(text, tokens, index) if index is not None else None
    if hit is None:
        return (), "", end
    codes = [str(hit.value)]
    slash = re.compile(r"\s?/\s?").match(text, hit.end)
    if slash and (index := token_at.get(slash.end())) is not None:
        other = lexicon.units.at(tokens, index)
        is_per = _PER.match(text, hit.end) and (
            codes[0] in ("vnd", "percent", "kg") or str(other and other.value) in ("year", "month")
        )
        if other is not None and not is_per:
            codes.append(str(other.value))
            return tuple(codes), text[at : hit.end], other.end
    return tuple(codes), text[at : hit.end], hit.end


_IMPLYING = 60
# A number straight before a word that is neither a unit nor goes on with the sentence counts something unknown.
UNKNOWN = "?"
_COUNTS_UNKNOWN = re.compile(
    r"\s(?!(?:là|và|với|đạt|chiếm|tăng|giảm|so|của|trên|tại|do|bằng|gồm|trong|có|còn|được|đã|ở|theo|từ|đến|cho|để|nhưng|"
    r"qua|thì|vượt|tương|tức|nam|nữ|hoặc|hay|nên|vào|lên|xuống|bị|như|khi|sau|trước|cùng|riêng|cả|thuộc|đang|đều|"
    r"KH|kế|sẽ|mới|nghèo|cận)\b)[a-zà-ỹđ]{2,}"
)


def _unit_before(text: str, start: int, quantity: Quantity, tokens: Tokens, lexicon: Lexicon) -> str:
    """What the words before a number without a unit count: the first thing named since the number before it."""
    left = max([start, quantity.start - _IMPLYING, *(m.end() for m in _STOP.finditer(text, start, quantity.start))])
    for index in range(bisect_left(tokens.starts, left), bisect_left(tokens.starts, quantity.start)):
        hit = lexicon.unit_at(text, tokens, index)
        if hit is not None and hit.end <= quantity.start and hit.value not in _MEASURES:
            return str(hit.value)
    return ""


def _qualifier(text: str, start: int, end: int) -> Qualifier:
    if _UPWARDS.match(text, end):
        return "over"
    if _DOWNWARDS.match(text, end):
        return "under"
    before = _BEFORE_AT_END.search(text[max(0, start - 24) : start])
    if before is None or (before["over"] and before["over"].lower() in ("từ", "đạt từ", "vượt")):
        return "exact"
    return before.lastgroup  # type: ignore[return-value]


def _link(found: list[Quantity], quantity: Quantity, text: str) -> None:
    """Tells how a quantity hangs on the one before it, and lends it or borrows its unit."""
    if not found:
        return
    before = found[-1]
    between = text[before.end : quantity.start]
    if re.fullmatch(r"\s?/\s?", between):
        if not before.units and quantity.units:
            before.units, before.word, before.is_ratio_head = quantity.units, quantity.word, True
            quantity.link = "ratio"
        else:
            quantity.link = "pair"
            if before.unit and before.unit == quantity.unit:
                before.is_ratio_head, quantity.link = True, "ratio"
    elif _RANGE.fullmatch(between) and (not before.units or before.units == quantity.units) and quantity.units:
        if not before.units and quantity.units[0] == "vnd" and (scale := _SCALE.match(text, quantity.number_end)):
            before.value *= _factor(scale[1])
        if before.value < quantity.value or not before.units:
            before.units, before.word = quantity.units, quantity.word
            before.qualifier, quantity.qualifier, quantity.link = "over", "under", "range"


_ZERO = re.compile(
    r"\b(?:không|chưa)\s+(?:có|xảy ra|phát sinh|ghi nhận|phát hiện|còn)\s+(?:thêm\s+|bất kỳ\s+)?(?=[^\W\d])", re.I
)
_ZERO_UNITS = ("household", "person", "case", "commune", "place", "dossier", "organisation", "establishment")


# `không có lao động 367 hộ` counts households without workers; it is no zero.
_COUNTED = re.compile(r"[^.;,]{0,24}?[:\s]\d")


def zeros(text: str, lexicon: Lexicon, tokens: Tokens, start: int = 0) -> list[Quantity]:
    """Zeros in words: `chưa có người …`, `không xảy ra vụ …`. The value is 0, the words are the raw text."""
    token_at = {position: index for index, position in enumerate(tokens.starts)}
    found = []
    for match in _ZERO.finditer(text, start):
        units, word, end = _unit_after(text, match.end(), tokens, token_at, lexicon)
        if units and units[0] in _ZERO_UNITS and not _COUNTED.match(text, end):
            found.append(
                Quantity(
                    match.start(), end, match.end(), text[match.start() : end], Decimal(0), units, word, is_zero=True
                )
            )
    return found
