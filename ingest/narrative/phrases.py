"""Finding many phrases in a text at once, forgiving a tone mark that a typist or OCR got wrong.

Syllables are looked up without diacritics and then compared with them: a phrase of three syllables may
differ in one, one of six in two, a shorter one in none (`sở giao` is not `sở giáo`). One walk over the
text finds all phrases.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_LINK = re.compile(r"[\s,\-–—/&\"“”'’+.…]{0,4}")
_HARD_STOP = re.compile(r"[.…]\s")
_FOLD_D = str.maketrans("đĐ", "dd")
_LONE_Y = re.compile(r"^([bcdghklmnpqrstvx]{1,3}u?)y$")


@lru_cache(maxsize=65536)
def syllable_key(word: str) -> str:
    """A syllable without diacritics and with the spellings `y` and `i` made one; numbers without leading zeros."""
    if word.isdigit():
        return word.lstrip("0") or "0"
    plain = unicodedata.normalize("NFD", word.lower().translate(_FOLD_D))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return _LONE_Y.sub(r"\1i", plain)


_TONES = "\u0300\u0301\u0303\u0309\u0323"
_SAME = {"hàng": "hằng", "sỹ": "sĩ", "tỉ": "tỷ"}


@lru_cache(maxsize=65536)
def syllable_form(word: str) -> str:
    """A syllable in one spelling: `hoà` and `hòa`, `sỹ` and `sĩ`, `hàng` and `hằng` become equal."""
    word = _SAME.get(word, word)
    apart = unicodedata.normalize("NFD", word)
    tone = "".join(c for c in apart if c in _TONES)
    rest = unicodedata.normalize("NFC", "".join(c for c in apart if c not in _TONES))
    return _LONE_Y.sub(r"\1i", rest) + tone


@dataclass(slots=True)
class Tokens:
    """The words of a text: their spans, keys and lower-cased forms, and which hang together."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    linked: list[bool] = field(default_factory=list)
    joined: list[bool] = field(default_factory=list)
    is_bare: bool = False


def tokenise(text: str) -> Tokens:
    """Words and digit runs of a text.

    `linked[i]`: only blanks, commas, dashes stand between word i and i+1; `joined[i]`: only a blank or a
    dash. `is_bare`: the text is typed without any diacritics.
    """
    tokens = Tokens()
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if tokens.ends:
            gap = text[tokens.ends[-1] : start]
            is_plain = gap == " "
            tokens.linked.append(is_plain or (bool(_LINK.fullmatch(gap)) and not _HARD_STOP.match(gap)))
            tokens.joined.append(is_plain or gap.strip(" ") in ("-", "–", "/", "&", "’", "'"))
        tokens.starts.append(start)
        tokens.ends.append(end)
        word = match[0].lower()
        tokens.words.append(word)
        tokens.keys.append(syllable_key(word))
    if tokens.ends:
        tokens.linked.append(False)
        tokens.joined.append(False)
        tokens.is_bare = len(tokens.words) > 20 and text.isascii()
    return tokens


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: its span in the text and what it was entered as."""

    start: int
    end: int
    value: object


class PhraseBook:
    """Phrases and what each stands for; several meanings of one phrase are allowed."""

    def __init__(self) -> None:
        self._root: dict = {}  # type: ignore[type-arg]

    def add(self, phrase: str, value: object) -> None:
        """Enters a phrase. Raises ValueError if it holds no word."""
        tokens = tokenise(unicodedata.normalize("NFC", phrase))
        if not tokens.keys:
            raise ValueError(f"{phrase!r} holds no word")
        node = self._root
        for key in tokens.keys:
            node = node.setdefault(key, {})
        is_tight = len(tokens.keys) == 2 and tokens.joined[0]
        node.setdefault(None, []).append((tuple(syllable_form(word) for word in tokens.words), is_tight, value))

    def add_all(self, phrases: Iterable[str], value: object) -> None:
        """Enters several phrases of one meaning."""
        for phrase in phrases:
            self.add(phrase, value)

    def find(self, tokens: Tokens) -> list[Hit]:
        """Every phrase in a text, those inside longer ones too, in the order of their beginnings."""
        return [hit for index in range(len(tokens.keys)) for hit in self._all(tokens, index)]

    def at(self, tokens: Tokens, index: int) -> Hit | None:
        """The longest phrase that begins at a word, or None."""
        found = self._all(tokens, index)
        return found[-1] if found else None

    def _all(self, tokens: Tokens, index: int) -> list[Hit]:
        node = self._root.get(tokens.keys[index])
        found: list[Hit] = []
        last = index
        while node is not None:
            for forms, is_tight, value in node.get(None, ()):
                if _is_like(forms, is_tight, tokens, index):
                    found.append(Hit(tokens.starts[index], tokens.ends[last], value))
            if last + 1 >= len(tokens.keys) or not tokens.linked[last]:
                break
            last += 1
            node = node.get(tokens.keys[last])
        return found


_ALLOWED_ERRORS = (0, 0, 0, 1, 1, 1, 2)


def _is_like(forms: tuple[str, ...], is_tight: bool, tokens: Tokens, index: int) -> bool:
    count = len(forms)
    if is_tight and not tokens.joined[index]:
        return False
    if tokens.is_bare:
        return True
    errors = sum(form != syllable_form(tokens.words[index + offset]) for offset, form in enumerate(forms))
    return errors <= _ALLOWED_ERRORS[min(count, 6)]
