"""Labels made comparable: what a heading or a row is called, however it was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ingest.readers.cells import load_vocabulary
from ingest.text import fold

# `I.`, `1.2.`, `a)`, `(3)`, `- `, `+ ` before a label. A number alone (`6 tháng`, `27/7`) is no numbering.
_NUMBERING = re.compile(
    r"^(?:\(?(?:[ivx]{1,5}|\d{1,2}(?:\.\d{1,2})*|[a-z])[.):]\s*|\d{1,2}(?:\.\d{1,2})+\s+|[-+*•–—]\s*)+(?=\S)"
)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_NOT_WORD = re.compile(r"[^a-z0-9%/]+")

# Words whose presence or absence changes what is counted; a label that differs in one is another label.
_TELLING = frozenset(
    {"can", "khong", "nu", "nam", "tai", "cho", "moi", "khac", "tang", "giam", "dau", "cuoi", "ho", "khau", "tre"}
)


@lru_cache(maxsize=65_536)
def label_key(text: str) -> str:
    """A label without case, diacritics, numbering, punctuation, its unit in brackets and a leading "trong đó"."""
    plain = fold(text[:500])
    plain = _BRACKETS.sub(lambda match: " " if _is_aside(match[1]) else f" {match[1]} ", plain)
    plain = _NUMBERING.sub("", plain.strip())
    key = _NOT_WORD.sub(" ", plain).strip()
    for word in load_vocabulary().among_labels:
        if key.startswith(f"{word} "):
            key = key[len(word) + 1 :]
    return key


def _is_aside(text: str) -> bool:
    """Whether what stands in brackets is a unit of measure or a column number, no part of the label."""
    words = load_vocabulary()
    plain = text.strip().removeprefix("don vi tinh").removeprefix("dvt").strip(" :")
    return plain in words.unit_words or plain in words.money_factors or bool(re.fullmatch(r"[\d\s=+\-*/.,a-d]*", plain))


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
    only_a, only_b = _unmatched(a.split(), b.split())
    if (only_a | only_b) & _TELLING:
        return 0.0
    score = fuzz.ratio(a.replace(" ", ""), b.replace(" ", "")) / 100
    return min(score, 0.99) - 0.04 * (len(only_a) + len(only_b))


def _unmatched(a: list[str], b: list[str]) -> tuple[set[str], set[str]]:
    """The words of each that have no like word, a typing error aside, in the other."""
    left = list(b)
    only_a = set()
    for word in a:
        like = next((other for other in left if other == word), None)
        if like is None and word not in _TELLING:
            like = next((o for o in left if o not in _TELLING and _is_typing_error(word, o)), None)
        if like is None:
            only_a.add(word)
        else:
            left.remove(like)
    return only_a, set(left)


def _is_typing_error(a: str, b: str) -> bool:
    allowed = 1 if min(len(a), len(b)) <= 5 else 2
    return min(len(a), len(b)) >= 3 and Levenshtein.distance(a, b, score_cutoff=allowed) <= allowed


def best_match(key: str, known: Iterable[str], at_least: float = 0.84, margin: float = 0.05) -> str | None:
    """The known key that a key was meant to be; None when none or more than one is close."""
    scored = sorted(((similarity(key, other), other) for other in known), reverse=True)
    if not scored or scored[0][0] < at_least:
        return None
    if len(scored) > 1 and scored[0][0] < 1 and scored[0][0] - scored[1][0] < margin:
        return None
    return scored[0][1]


def nearest(key: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known texts most like a key, best first, for findings."""
    scored = sorted(known, key=lambda other: -fuzz.ratio(key, label_key(other)))
    return scored[:limit]
