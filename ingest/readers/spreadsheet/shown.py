"""What a page shows of a cell where that is not its value: formats that scale or hide, struck and raised letters.

Read from a book's styles and texts (ECMA-376 part 1, 18.3, 18.4, 18.8). Nearly every book has nothing of the
kind: what is looked for is told from the styles once and remembered, and then no cell is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import Literal, NamedTuple

# How a cell looks that somebody took back or does not want to be seen.
Look = Literal["struck", "unseen"]
# What was left out of a cell's text: struck letters, raised marks, letters that can't be seen.
LeftOut = Literal["struck", "raised", "unseen"]

_LETTERS_OF_DATES = frozenset("dmyhsDMYHS")
_DIGIT_PLACES = frozenset("0#?")
_MAX_FORMAT = 255


class ShownFormat(NamedTuple):
    """How one section of a number format shows a number.

    `divides` counts the commas behind the digits, each of which divides by a thousand; `is_percent` multiplies
    by a hundred, `has_literal_percent` only writes the sign. `decimals` are places that are always shown.
    `literal` is text beside the digits. `hides` is a section that shows nothing.
    """

    divides: int = 0
    is_percent: bool = False
    has_literal_percent: bool = False
    decimals: int = 0
    literal: str = ""
    has_digits: bool = True
    hides: bool = False

    @property
    def writes_digits(self) -> bool:
        """Whether digits stand in the format's own text: `0"000"` shows 12 as 12000."""
        return any(c.isdigit() for c in self.literal)

    @property
    def word(self) -> str:
        """A word or sign that stands beside the digits, such as a unit."""
        return self.literal.strip(" -–—().,:;₫$'`")

    @property
    def is_odd(self) -> bool:
        """Whether the page shows anything else than the value, a percentage aside."""
        return bool(
            self.divides
            or self.has_literal_percent
            or self.hides
            or self.writes_digits
            or not self.has_digits
            or self.word
            or (self.decimals and self.decimals % 3 == 0)
        )


_GENERAL = ShownFormat()


@lru_cache(maxsize=1_024)
def format_sections(number_format: str) -> tuple[ShownFormat, ...]:
    """The sections of a number format: for positive numbers, negative ones, zero; fewer where it has fewer."""
    return tuple(_read_section(section) for section in _split(number_format[:_MAX_FORMAT])[:3])


def shown_format(number_format: str, value: float | int) -> ShownFormat:
    """The section of a number format by which a value is shown."""
    sections = format_sections(number_format)
    if len(sections) == 1 or value > 0:
        return sections[0]
    if value < 0:
        return sections[1]
    return sections[2] if len(sections) > 2 else sections[0]


def _split(number_format: str) -> list[str]:
    """The sections of a format, semicolons in quotes and behind a backslash aside."""
    sections, at, is_quoted, is_escaped = [""], 0, False, False
    for at, letter in enumerate(number_format):  # noqa: B007
        if letter == ";" and not is_quoted and not is_escaped:
            sections.append("")
            continue
        is_quoted ^= letter == '"' and not is_escaped
        is_escaped = letter == "\\" and not is_escaped and not is_quoted
        sections[-1] += letter
    return sections


# A quoted text, an escaped letter, blanks as wide as a letter, fillers, colours and conditions, anything else.
_PIECE = re.compile(r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<plain>.)', re.DOTALL)


def _read_section(section: str) -> ShownFormat:
    if section.strip().lower() in ("general", "@"):
        return _GENERAL
    literal, pattern, is_white = "", "", False
    for piece in _PIECE.finditer(section):
        is_white = is_white or (piece["bracket"] or "").lower() == "white"
        literal += piece["quoted"] or piece["escaped"] or ""
        if piece["bracket"] is not None and piece["bracket"].startswith("$"):
            literal += piece["bracket"][1:].partition("-")[0]
        pattern += piece["plain"] or ""
    if "general" in pattern.lower() or "@" in pattern or _LETTERS_OF_DATES & set(pattern.replace("E+", "")):
        # Dates have rules of their own.
        return _GENERAL._replace(literal=literal)
    digits = [at for at, letter in enumerate(pattern) if letter in _DIGIT_PLACES]
    whole, _, fraction = pattern.partition(".")
    last = max((at for at, letter in enumerate(whole) if letter in _DIGIT_PLACES), default=-1)
    behind = re.match(r",*", whole[last + 1 :] if "." in pattern else pattern[max(digits, default=-1) + 1 :])
    # Commas may also stand behind the decimals: `0.0,,`.
    at_end = re.search(r"[0#?](,+)[^0#?,]*$", pattern)
    divides = len(at_end[1]) if at_end is not None else len(behind[0]) if behind is not None and digits else 0
    return ShownFormat(
        divides=divides,
        is_percent="%" in pattern,
        has_literal_percent="%" in literal and "%" not in pattern,
        decimals=sum(letter in "0?" for letter in fraction),
        literal=literal.strip(),
        has_digits=bool(digits),
        hides=is_white or (not digits and not literal.strip() and not re.search(r"[^\s,.%]", pattern)),
    )


# Styles


@dataclass(frozen=True)
class Looks:
    """The styles of a book that make cells look otherwise, by their number."""

    looks: Mapping[int, Look] = field(default_factory=dict)
    odd_formats: Mapping[int, str] = field(default_factory=dict)

    @property
    def has_any(self) -> bool:
        """Whether the book has such styles at all."""
        return bool(self.looks or self.odd_formats)


_FONTS = re.compile(rb"<(?:\w+:)?fonts[\s>].*?</(?:\w+:)?fonts>", re.DOTALL)
_FONT = re.compile(rb"<(?:\w+:)?font(?:\s[^>]*)?(?:/>|>(.*?)</(?:\w+:)?font>)", re.DOTALL)
_FILLS = re.compile(rb"<(?:\w+:)?fills[\s>].*?</(?:\w+:)?fills>", re.DOTALL)
_FILL = re.compile(rb"<(?:\w+:)?fill(?:\s[^>]*)?(?:/>|>(.*?)</(?:\w+:)?fill>)", re.DOTALL)
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs[\s>].*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\s([^>]*)>")
_STRUCK = re.compile(rb"<(?:\w+:)?d?strike(?!\s+val=[\"'](?:0|false)[\"'])[\s/>]")
_RAISED = re.compile(rb"<(?:\w+:)?vertAlign\s+val=[\"']superscript[\"']")
_WHITE = re.compile(rb"<(?:\w+:)?(?:color|fgColor)\s[^>]*(?:rgb=[\"'](?:FF|00)?FFFFFF[\"']|theme=[\"']0[\"'](?![^>]*tint)|indexed=[\"'](?:1|9)[\"'])", re.IGNORECASE)  # fmt: skip  # noqa: E501
_NO_FILL = re.compile(rb"patternType=[\"']none[\"']")
_ID = {name: re.compile(rb"\b" + name.encode() + rb"=[\"'](\d{1,6})[\"']") for name in ("fontId", "fillId")}


@lru_cache(maxsize=32)
def looks_of(styles_xml: bytes, formats: tuple[tuple[int, str], ...]) -> Looks:
    """What a book's styles make of its cells.

    Args:
        styles_xml: the part `xl/styles.xml`.
        formats: the number format of each style.
    """
    odd = {number: code for number, code in formats if any(one.is_odd for one in format_sections(code))}
    is_coloured = _WHITE.search(styles_xml) is not None
    if not is_coloured and b"strike" not in styles_xml:
        return Looks({}, odd)
    fonts, fills, styles = _FONTS.search(styles_xml), _FILLS.search(styles_xml), _CELL_STYLES.search(styles_xml)
    struck, white = set(), set()
    for number, font in enumerate(_FONT.finditer(fonts[0] if fonts is not None else b"")):
        if font[1] and _STRUCK.search(font[1]):
            struck.add(number)
        if font[1] and _WHITE.search(font[1]):
            white.add(number)
    bare = set()
    for number, fill in enumerate(_FILL.finditer(fills[0] if fills is not None else b"")):
        if not fill[1] or _NO_FILL.search(fill[1]) or _WHITE.search(fill[1]) or b"patternFill/" in fill[1]:
            bare.add(number)
    found: dict[int, Look] = {}
    for number, style in enumerate(_STYLE.finditer(styles[0] if styles is not None else b"")):
        font_id, fill_id = (int(match[1]) if (match := _ID[name].search(style[1])) else 0 for name in _ID)
        if font_id in struck:
            found[number] = "struck"
        elif font_id in white and fill_id in bare:
            found[number] = "unseen"
    return Looks(found, odd)


# Texts of which parts are struck or raised


class ShownText(NamedTuple):
    """A cell's text as it is meant, and what was left out of it."""

    text: str
    left_out: LeftOut


_STRING = re.compile(rb"<(?:\w+:)?si(?:/>|(?:\s[^>]*)?>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_INLINE = re.compile(rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?is>(.*?)</(?:\w+:)?is>", re.DOTALL)
_RUN = re.compile(rb"<(?:\w+:)?r>(.*?)</(?:\w+:)?r>", re.DOTALL)
_PROPERTIES = re.compile(rb"<(?:\w+:)?rPr>(.*?)</(?:\w+:)?rPr>", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</(?:\w+:)?t>")
# A raised mark of a footnote, not the square of a unit.
_FOOTNOTE = re.compile(r"\s*[(\[]?(?:\d{1,2}|\*{1,3}|[a-z])[)\]]?(?:\s*,\s*\d{1,2})*\s*")
_UNIT_BEFORE = re.compile(r"(?:^|[\s\d(/])(?:k|c|d|m)?m$")


def may_have_marked_runs(xml: bytes) -> bool:
    """Whether some part of a text may be struck, raised or white: a plain search settles nearly every book."""
    return b"rPr>" in xml and (b"strike" in xml or b"superscript" in xml or _WHITE.search(xml) is not None)


def shown_strings(shared_xml: bytes) -> dict[int, ShownText]:
    """The shared strings of which the page shows or means only a part, by their number."""
    if not may_have_marked_runs(shared_xml):
        return {}
    found = {}
    for number, match in enumerate(_STRING.finditer(shared_xml)):
        if match[1] and (shown := _shown_text(match[1])) is not None:
            found[number] = shown
    return found


def shown_inline(sheet_xml: bytes) -> list[tuple[bytes, ShownText]]:
    """The same of texts that stand in a worksheet part itself, with the attributes of their cells."""
    if b"<is>" not in sheet_xml or not may_have_marked_runs(sheet_xml):
        return []
    found = ((match[1], _shown_text(match[2])) for match in _INLINE.finditer(sheet_xml))
    return [(cell, shown) for cell, shown in found if shown is not None]


def _shown_text(runs_xml: bytes) -> ShownText | None:
    kept, left_out = "", set()
    for run in _RUN.finditer(runs_xml):
        properties = _PROPERTIES.search(run[1])
        text = unescape("".join(t.decode("utf-8", "replace") for t in _TEXT.findall(run[1])))
        look: LeftOut | None = None
        if properties is not None and text.strip():
            if _STRUCK.search(properties[1]):
                look = "struck"
            elif _WHITE.search(properties[1]):
                look = "unseen"
            elif _RAISED.search(properties[1]) and _FOOTNOTE.fullmatch(text) and not _UNIT_BEFORE.search(kept):
                look = "raised"
        # White letters may stand on a colour: they are told of, not left out.
        if look is None or look == "unseen":
            kept += text
        if look is not None:
            left_out.add(look)
    if not left_out:
        return None
    # What is worst is told.
    worst: LeftOut = "struck" if "struck" in left_out else "unseen" if "unseen" in left_out else "raised"
    return ShownText(kept.strip(), worst)
