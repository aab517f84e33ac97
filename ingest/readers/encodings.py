"""Vietnamese text that is not Unicode: the fonts of the nineties, and files read in the wrong code page.

TCVN3 (`.VnTime`) and VNI (`VNI-Times`) put Vietnamese letters in the places of Western ones, so a
workbook shows "Tæng sè hé" where "Tổng số hộ" is meant. Nothing in the file says so; the words do.

Sources: TCVN 5712:1993, table VN3; VNI for Windows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable
from functools import lru_cache

Decoder = Callable[[str], str]

# A capital letter with a tone is the small letter in a font of capitals.
TCVN3_LETTERS = {
    0xA1: "Ă", 0xA2: "Â", 0xA3: "Ê", 0xA4: "Ô", 0xA5: "Ơ", 0xA6: "Ư", 0xA7: "Đ",
    0xA8: "ă", 0xA9: "â", 0xAA: "ê", 0xAB: "ô", 0xAC: "ơ", 0xAD: "ư", 0xAE: "đ",
    0xB5: "à", 0xB6: "ả", 0xB7: "ã", 0xB8: "á", 0xB9: "ạ",
    0xBB: "ằ", 0xBC: "ẳ", 0xBD: "ẵ", 0xBE: "ắ", 0xC6: "ặ",
    0xC7: "ầ", 0xC8: "ẩ", 0xC9: "ẫ", 0xCA: "ấ", 0xCB: "ậ",
    0xCC: "è", 0xCE: "ẻ", 0xCF: "ẽ", 0xD0: "é", 0xD1: "ẹ",
    0xD2: "ề", 0xD3: "ể", 0xD4: "ễ", 0xD5: "ế", 0xD6: "ệ",
    0xD7: "ì", 0xD8: "ỉ", 0xDC: "ĩ", 0xDD: "í", 0xDE: "ị",
    0xDF: "ò", 0xE1: "ỏ", 0xE2: "õ", 0xE3: "ó", 0xE4: "ọ",
    0xE5: "ồ", 0xE6: "ổ", 0xE7: "ỗ", 0xE8: "ố", 0xE9: "ộ",
    0xEA: "ờ", 0xEB: "ở", 0xEC: "ỡ", 0xED: "ớ", 0xEE: "ợ",
    0xEF: "ù", 0xF1: "ủ", 0xF2: "ũ", 0xF3: "ú", 0xF4: "ụ",
    0xF5: "ừ", 0xF6: "ử", 0xF7: "ữ", 0xF8: "ứ", 0xF9: "ự",
    0xFA: "ỳ", 0xFB: "ỷ", 0xFC: "ỹ", 0xFD: "ý", 0xFE: "ỵ",
}  # fmt: skip

# VNI writes a vowel and then a mark; each mark is a tone, or a hat or breve with or without a tone.
_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT, _HAT, _BREVE, _HORN = (
    "\u0300", "\u0301", "\u0309", "\u0303", "\u0323", "\u0302", "\u0306", "\u031b",
)  # fmt: skip
VNI_MARKS = {
    "ø": _GRAVE, "ù": _ACUTE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _HAT, "à": _HAT + _GRAVE, "á": _HAT + _ACUTE, "å": _HAT + _HOOK, "ã": _HAT + _TILDE, "ä": _HAT + _DOT,
    "ê": _BREVE, "è": _BREVE + _GRAVE, "é": _BREVE + _ACUTE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}  # fmt: skip
# These stand for letters by themselves.
VNI_LETTERS = {
    "ñ": "đ",
    "ô": "o" + _HORN,
    "ö": "u" + _HORN,
    "ì": "ì",
    "í": "í",
    "æ": "ỉ",
    "ó": "ĩ",
    "ò": "ị",
    "î": "ỵ",
}
_VNI_TOKEN = re.compile(f"([aeouyôö])([{''.join(VNI_MARKS)}])?|([ñìíæóòî])", re.IGNORECASE)

WORD = re.compile(r"[^\W\d_]+")
_VIETNAMESE = re.compile("[\u01a0\u01a1\u01af\u01b0\u0102\u0103\u0110\u0111\u0300-\u0323\u1ea0-\u1ef9]")
# Of the words with letters beyond ASCII at least this share must become known words, and at least so many.
_CONVINCING_SHARE = 0.4
_CONVINCINGWORDS = 3
_SAMPLE = 500
# Where so many are known words as they stand, nothing is to be decoded.
_SENSIBLE_SHARE = 0.7


def from_tcvn3(text: str) -> str:
    """Text typed in a TCVN3 font, as Unicode."""
    return text.translate(TCVN3_LETTERS)


def from_vni(text: str) -> str:
    """Text typed in a VNI font, as Unicode."""

    def letter(match: re.Match[str]) -> str:
        base = match[1] or match[3]
        plain = VNI_LETTERS.get(base.lower(), base.lower())
        marked = unicodedata.normalize("NFC", plain + (VNI_MARKS[match[2].lower()] if match[2] else ""))
        return marked.upper() if base.isupper() else marked

    return _VNI_TOKEN.sub(letter, text)


def from_misread_utf8(text: str) -> str:
    """UTF-8 that was opened as Windows-1252, as Unicode; other text as it is."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def from_windows_1258(text: str) -> str:
    """Windows-1258 that was opened as Windows-1252, as Unicode; other text as it is."""
    try:
        return unicodedata.normalize("NFC", text.encode("cp1252").decode("cp1258"))
    except UnicodeError:
        return text


DECODERS: dict[str, Decoder] = {
    "TCVN3": from_tcvn3,
    "VNI": from_vni,
    "UTF-8": from_misread_utf8,
    "Windows-1258": from_windows_1258,
}


@lru_cache(maxsize=32_768)
def is_foreign(text: str) -> bool:
    """Whether a text has Western letters or signs but none that only Vietnamese has in Unicode."""
    return not text.isascii() and not _VIETNAMESE.search(text)


def legacy_encoding(texts: Iterable[str], known_words: Container[str]) -> str | None:
    """The name of the encoding that turns the words of foreign texts into known Vietnamese words.

    `known_words` are in small letters. None where the texts make sense as they are, or no decoding
    is convincing.
    """
    foreign = [text for text in texts if is_foreign(text)][:_SAMPLE]
    best, (best_known, share) = None, _known_share(foreign, known_words)
    if share >= _SENSIBLE_SHARE:
        return None
    for name, decode in DECODERS.items():
        known, share = _known_share(map(decode, foreign), known_words)
        if known > best_known and known >= _CONVINCINGWORDS and share >= _CONVINCING_SHARE:
            best, best_known = name, known
    return best


def _known_share(texts: Iterable[str], known_words: Container[str]) -> tuple[int, float]:
    """How many words with letters beyond ASCII are known, and what share of such words that is."""
    words = frozenset().union(*map(_words_beyond_ascii, texts))
    known = sum(word in known_words for word in words)
    return known, known / len(words) if words else 0.0


@lru_cache(maxsize=32_768)
def _words_beyond_ascii(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in WORD.findall(text) if not word.isascii())
