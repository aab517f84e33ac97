r"""Patterns of Vietnamese wordings, as data in `lexicon/patterns/*.yml`: named, each with what it fits and what not.

A module asks for its file once, `SAYS = Patterns("period")`, and for a pattern by its name, `SAYS.compared_with`.
A file is read when the first of its patterns is asked for.

    pieces:            # fragments that patterns name: <<year>>
      year: (?:19|20)\d\d
    patterns:
      compared_with:
        is: ...        # a regular expression, or a list of alternatives; capitals make no difference
        case: true     # … unless they do
        how: match     # … the text is to be met from its beginning; `fullmatch`: as a whole
        fits: [...]    # texts in which it is found, and texts in which it is not; a test runs both
        misses: [...]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, Field

from ingest.narrative.text.data import FOLDER, STRICT, LexiconError, read_data

_PIECE = re.compile(r"<<([a-z_]+)>>")


class _Entry(BaseModel):
    model_config = STRICT


class PatternEntry(_Entry):
    """A pattern as its file states it."""

    is_: str | list[str] = Field(alias="is")
    case: bool = False
    how: Literal["search", "match", "fullmatch"] = "search"
    fits: list[str] = Field(min_length=1)
    misses: list[str] = Field(min_length=1)


class _PatternFile(_Entry):
    pieces: dict[str, str] = {}
    patterns: dict[str, PatternEntry]


class Patterns:
    """The patterns of one file by name.

    Raises:
        LexiconError: on the first use, where the file breaks the schema or has no pattern of the name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> re.Pattern[str]:
        """The pattern of a name, compiled once."""
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = compiled_patterns(self._name).get(name)
        if compiled is None:
            raise LexiconError(f"patterns/{self._name}.yml: there is no pattern {name!r}")
        self.__dict__[name] = compiled
        return compiled


def pattern_files() -> list[str]:
    """The names of the files that hold patterns."""
    return sorted(path.stem for path in (FOLDER / "patterns").glob("*.yml"))


@lru_cache(maxsize=64)
def pattern_entries(name: str) -> Mapping[str, PatternEntry]:
    """The entries of a file, with their examples."""
    return dict(_file(name).patterns)


@lru_cache(maxsize=64)
def compiled_patterns(name: str) -> Mapping[str, re.Pattern[str]]:
    """The patterns of a file in its order."""
    content = _file(name)
    pieces: dict[str, str] = {}

    def filled(text: str) -> str:
        def piece(match: re.Match[str]) -> str:
            if match[1] not in pieces:
                raise LexiconError(f"patterns/{name}.yml: there is no piece {match[1]!r}")
            return f"(?:{pieces[match[1]]})"

        return _PIECE.sub(piece, text)

    for piece, text in content.pieces.items():
        pieces[piece] = filled(text)
    made = {}
    for title, entry in content.patterns.items():
        alternatives = [entry.is_] if isinstance(entry.is_, str) else entry.is_
        try:
            made[title] = re.compile("|".join(filled(a) for a in alternatives), 0 if entry.case else re.IGNORECASE)
        except re.error as problem:
            raise LexiconError(f"patterns/{name}.yml: {title}: {problem}") from problem
    return made


def _file(name: str) -> _PatternFile:
    content: _PatternFile = read_data(FOLDER / "patterns" / f"{name}.yml", _PatternFile)
    return content
