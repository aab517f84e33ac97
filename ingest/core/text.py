"""Vietnamese text made comparable: composed letters, folded case, no diacritics."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_FOLD_LETTERS = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D"})


def squeeze(text: str) -> str:
    """Composes letters (NFC) and makes every run of white space, line breaks included, one blank."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """Lower case without diacritics: `Huyện Đắk Mil` and `huyen dak mil` become equal.

    The length may differ from the text's own, so offsets do not carry over.
    """
    decomposed = unicodedata.normalize("NFD", squeeze(text).translate(_FOLD_LETTERS))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
