"""Labels made comparable: what a heading or a row is called, however it was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from ingest.core.text import fold
from ingest.readers.spreadsheet.cells import load_vocabulary

# `I.`, `1.2.`, `a)`, `(3)`, `- `, `+ ` before a label. A number alone (`6 tháng`, `27/7`) is no numbering.
NUMBERING = re.compile(
    r"^(?:\d{1,2}(?:\.\d{1,2})+\s+|\(?(?:[ivx]{1,5}|\d{1,2}(?:\.\d{1,2})*|[a-z])[.):]\s*|[-+*•–—]\s*)+(?=\S)"
)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_NOT_WORD = re.compile(r"[^a-z0-9%/]+")
# A unit of measure behind a comma or dash: `Kinh phí chi trả, nghìn đồng`.
UNIT_BEHIND = re.compile(r"[,;:–—-]\s*(?:don vi tinh|dvt)?\s*:?\s*(?P<unit>[^,;:–—-]+)$")

# A number that only one label has makes it another ("Tháng 7", "Nguyên nhân 2"); a year may be added to any.
_YEAR_DIGITS = 4
# Words whose presence or absence changes what is counted; a label that differs in one is another label.
_TELLING = frozenset(
    {"can", "khong", "nu", "nam", "tai", "cho", "moi", "khac", "tang", "giam", "dau", "cuoi", "ho", "khau", "tre"}
)


@lru_cache(maxsize=65_536)
def label_key(text: str) -> str:
    """A label without case, diacritics, numbering, punctuation, its unit in brackets and a leading "trong đó"."""
    plain = fold(text[:500])
    plain = _BRACKETS.sub(lambda match: " " if _is_aside(match[1]) else f" {match[1]} ", plain)
    plain = NUMBERING.sub("", plain.strip())
    behind = UNIT_BEHIND.search(plain)
    if behind is not None and behind.start() and behind["unit"].strip(" .") in _units_behind():
        plain = plain[: behind.start()]
    key = _NOT_WORD.sub(" ", plain).strip()
    words = key.split()
    for among in load_vocabulary().among_labels:
        length = len(among.split())
        start = " ".join(words[:length])
        if len(words) > length and (start == among or (length > 1 and OSA.distance(start, among, score_cutoff=1) <= 1)):
            return " ".join(words[length:])
    return key


@lru_cache(maxsize=1)
def _units_behind() -> frozenset[str]:
    words = load_vocabulary()
    return frozenset((*words.money_factors, *words.unit_words))


def _is_aside(text: str) -> bool:
    """Whether what stands in brackets is a unit of measure or a column number, no part of the label."""
    words = load_vocabulary()
    plain = text.strip().removeprefix("don vi tinh").removeprefix("dvt").strip(" :")
    if plain in words.unit_words or plain in words.money_factors or re.fullmatch(r"[\d\s=+\-*/.,a-d]*", plain):
        return True
    known = (*words.unit_words, *words.money_factors)
    if all(part.strip() in _units_behind() for part in re.split(r"[,;/]", plain)):
        return True
    return len(plain) >= 3 and any(OSA.distance(plain, word, score_cutoff=1) <= 1 for word in known if len(word) >= 4)


@lru_cache(maxsize=65_536)
def similarity(a: str, b: str) -> float:
    """How alike two label keys are, from 0 to 1; 1 is equal.

    Typing errors cost little. A telling word that only one of them has (`cận`, `nữ`, `không`) keeps them
    apart, since "hộ nghèo" and "hộ cận nghèo" differ in three letters and in everything.
    """
    if a == b:
        return 1.0
    if not a or not b:
        return 0.0
    only_a, only_b, mistyped = _compared(a.split(), b.split())
    if (only_a | only_b) & _TELLING or any(word.isdigit() and len(word) < _YEAR_DIGITS for word in only_a | only_b):
        return 0.0
    if not only_a and not only_b:
        # Errors in most of a label's words make it another label: "nội dung" is no "đối ứng".
        return max(0.98 - 0.03 * mistyped, 0.8) if 2 * mistyped <= len(a.split()) + 1 else 0.0
    score = fuzz.ratio(a.replace(" ", ""), b.replace(" ", "")) / 100
    return min(score, 0.95) - 0.04 * (len(only_a) + len(only_b))


def _compared(a: list[str], b: list[str]) -> tuple[set[str], set[str], int]:
    """The words of each that have no like word in the other, and how many were matched as typing errors."""
    left_a, left_b = list(a), list(b)
    for word in a:
        if word in left_b:
            left_a.remove(word)
            left_b.remove(word)
    mistyped = 0
    for word in list(left_a):
        like = next((other for other in left_b if _is_typing_error(word, other)), None)
        if like is not None:
            left_a.remove(word)
            left_b.remove(like)
            mistyped += 1
    return set(left_a), set(left_b), mistyped


def _is_typing_error(a: str, b: str) -> bool:
    """Whether one word may be the other mistyped: two telling words never are."""
    if a in _TELLING and b in _TELLING:
        return False
    shorter = min(len(a), len(b))
    allowed = 1 if shorter <= 5 else 2
    if shorter < 4 and a[0] != b[0]:
        return False
    return shorter >= 2 and OSA.distance(a, b, score_cutoff=allowed) <= allowed


def best_match(key: str, known: Mapping[str, object], at_least: float = 0.86, margin: float = 0.05) -> str | None:
    """The known key that a key was meant to be; None when none is close, or several of different meaning.

    `known` says what each key means: spellings of one meaning do not compete with each other.
    """
    scored = sorted(((similarity(key, other), other) for other in known), reverse=True)
    if not scored or scored[0][0] < at_least:
        return None
    best_score, best = scored[0]
    for score, other in scored[1:]:
        if best_score == 1 or best_score - score >= margin:
            break
        if known[other] != known[best]:
            return None
    return best


def nearest(key: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known texts most like a key, best first, for findings."""
    scored = sorted(known, key=lambda other: -fuzz.ratio(key, label_key(other)))
    return scored[:limit]
