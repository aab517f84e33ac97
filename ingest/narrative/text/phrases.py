"""Finding many phrases in a text at once, forgiving a tone mark that a typist or OCR got wrong.

Syllables are looked up without diacritics and then compared with them: a phrase of three syllables may
differ in one, one of six in two, a shorter one in none (`sở giao` is not `sở giáo`). An abbreviation in
capitals (`NLĐ`) is read as its long form too, so that phrases are entered once, in full. One walk over
the text finds all phrases.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from ingest.narrative.text.data import FOLDER

ABBREVIATIONS = FOLDER / "abbreviations.yml"

# Two spellings of one syllable, the Southern ones among them.
_SAME = {"hàng": "hằng", "sỹ": "sĩ", "tỉ": "tỷ", "bịnh": "bệnh", "nhứt": "nhất", "chánh": "chính", "nhơn": "nhân"}
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
    word = word.lower()
    plain = unicodedata.normalize("NFD", _SAME.get(word, word).translate(_FOLD_D))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return _LONE_Y.sub(r"\1i", plain)


_TONES = "\u0300\u0301\u0303\u0309\u0323"


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
    """The words of a text: their spans, keys and lower-cased forms, and which hang together.

    `long_forms` holds what an abbreviation may stand for, by its index; `names` are the starts of words
    with a capital inside a sentence, which are names (`phía Nam`), `capitals` of all with a capital.
    """

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    linked: list[bool] = field(default_factory=list)
    joined: list[bool] = field(default_factory=list)
    long_forms: dict[int, tuple[LongForm, ...]] = field(default_factory=dict)
    names: set[int] = field(default_factory=set)
    capitals: set[int] = field(default_factory=set)
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class LongForm:
    """What an abbreviation stands for: its syllables and their keys."""

    words: tuple[str, ...]
    keys: tuple[str, ...]


@lru_cache(maxsize=1)
def long_forms() -> Mapping[str, tuple[LongForm, ...]]:
    """Every known abbreviation, as written, with what it may stand for."""
    content = yaml.load(ABBREVIATIONS.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {
        short: tuple(
            LongForm(tuple(long.split()), tuple(syllable_key(word) for word in long.split()))
            for long in ([meaning] if isinstance(meaning, str) else meaning)
        )
        for short, meaning in content.items()
    }


def tokenise(text: str) -> Tokens:
    """Words and digit runs of a text.

    `linked[i]`: only blanks, commas, dashes stand between word i and i+1; `joined[i]`: only a blank or a
    dash. `is_bare`: the text is typed without any diacritics.
    """
    tokens = Tokens()
    abbreviations = long_forms()
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if tokens.ends:
            gap = text[tokens.ends[-1] : start]
            is_plain = gap == " "
            tokens.linked.append(is_plain or (bool(_LINK.fullmatch(gap)) and not _HARD_STOP.match(gap)))
            tokens.joined.append(is_plain or gap.strip(" ") in ("-", "–", "/", "&", "’", "'"))
        tokens.starts.append(start)
        tokens.ends.append(end)
        if match[0][0].isupper():
            tokens.capitals.add(start)
        if match[0][0].isupper() and start and text[start - 1] == " " and text[start - 2 : start - 1].isalnum():
            tokens.names.add(start)
        if match[0] in abbreviations:
            tokens.long_forms[len(tokens.words)] = abbreviations[match[0]]
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


Node = dict[Any, Any]


def _reach(node: Node, keys: Iterable[str]) -> Node | None:
    """The node that keys lead to from another."""
    reached: Node | None = node
    for key in keys:
        reached = reached.get(key) if reached is not None else None
    return reached


class PhraseBook:
    """Phrases and what each stands for; several meanings of one phrase are allowed."""

    def __init__(self) -> None:
        self._root: Node = {}

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
        return [hit for index in range(len(tokens.keys)) for hit in self.all_at(tokens, index)]

    def at(self, tokens: Tokens, index: int) -> Hit | None:
        """The longest phrase that begins at a word, or None."""
        found = self.all_at(tokens, index)
        return found[-1] if found else None

    def all_at(self, tokens: Tokens, index: int) -> list[Hit]:
        """Every phrase that begins at a word, shorter ones first."""
        if tokens.long_forms:
            return self._all_of_long_forms(tokens, index)
        node = self._root.get(tokens.keys[index])
        found: list[Hit] = []
        last = index
        while node is not None:
            for forms, is_tight, value in node.get(None, ()):
                if is_tight and not tokens.joined[index]:
                    continue
                if _is_like(forms, tokens.words[index : last + 1], is_bare=tokens.is_bare):
                    found.append(Hit(tokens.starts[index], tokens.ends[last], value))
            if last + 1 >= len(tokens.keys) or not tokens.linked[last]:
                break
            last += 1
            node = node.get(tokens.keys[last])
        return found

    def _all_of_long_forms(self, tokens: Tokens, index: int) -> list[Hit]:
        """The same where a text has abbreviations: each is tried as it stands and in its long forms."""
        found: list[Hit] = []
        agenda: list[tuple[Node, int, tuple[str, ...]]] = [(self._root, index, ())]
        while agenda:
            node, last, before = agenda.pop()
            plain = LongForm((tokens.words[last],), (tokens.keys[last],))
            for form in (plain, *tokens.long_forms.get(last, ())):
                reached = _reach(node, form.keys)
                if reached is None:
                    continue
                words = (*before, *form.words)
                for forms, is_tight, value in reached.get(None, ()):
                    if is_tight and last > index and not tokens.joined[index]:
                        continue
                    if _is_like(forms, words, is_bare=tokens.is_bare):
                        found.append(Hit(tokens.starts[index], tokens.ends[last], value))
                if last + 1 < len(tokens.keys) and tokens.linked[last]:
                    agenda.append((reached, last + 1, words))
        return sorted(found, key=lambda hit: hit.end)


_ALLOWED_ERRORS = (0, 0, 0, 1, 1, 1, 2)


def _is_like(forms: tuple[str, ...], words: Sequence[str], *, is_bare: bool) -> bool:
    if is_bare:
        return True
    errors = sum(form != syllable_form(word) for form, word in zip(forms, words, strict=True))
    return errors <= _ALLOWED_ERRORS[min(len(forms), 6)]
