"""Vietnamese text made comparable: composed letters, folded case, no diacritics."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
# Nobody sees them: zero widths, soft hyphens, marks of direction.
_INVISIBLE = dict.fromkeys(
    (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
     *range(0x2060, 0x2070), 0xFEFF, *range(0xFE00, 0xFE10))
)  # fmt: skip
# Letters of other scripts that look like Latin ones, as keyboards and recognised print mix them in.
_LOOK_ALIKES = dict(
    zip("аеорсхуіјѕԁһӏкАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧορ", "aeopcxyijsdhlkABEKMHOPCTYXIJSABEZHIKMNOPTYXop", strict=True)
)
_FOLD_LETTERS = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", **_LOOK_ALIKES})


def squeeze(text: str) -> str:
    """Composes letters (NFC), drops invisible ones, makes every run of white space (line breaks too) one blank."""
    text = unicodedata.normalize("NFC", text)
    if not text.isascii():
        text = text.translate(_INVISIBLE)
    return _SPACES.sub(" ", text).strip()


def fold(text: str) -> str:
    """Lower case without diacritics: `Huyện Đắk Mil` and `huyen dak mil` become equal.

    The length may differ from the text's own, so offsets do not carry over.
    """
    decomposed = unicodedata.normalize("NFD", squeeze(text).translate(_FOLD_LETTERS))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
