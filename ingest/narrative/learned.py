"""Wordings that a person has confirmed: what `ansinh review --apply` remembers and the next reading knows.

They are data, a YAML file of the installation (`ANSINH_PHRASINGS`), so that a steward can review, mend and
delete them. A wording is the words around a number, with numbers and names of units masked:
`đến cuối năm # [đơn vị] có [số] hộ nghèo`. It must be met word for word; a wording that was confirmed with
two meanings is used for neither.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.core.atomic_file import replacing
from ingest.core.catalogue import Catalogue
from ingest.core.model import parse_breakdown
from ingest.narrative.meaning.reading import Reading
from ingest.narrative.text.phrases import syllable_form

# What a reading is worth whose wording a person has confirmed in another report: more than any wording of the
# lexicon, less than the person's own answer about this report.
CONFIRMED = 0.97

NUMBER, UNIT_NAME = "[số]", "[đơn vị]"
_TOKEN = re.compile(r"\[số\]|\[đơn vị\]|#|[^\W\d_]+|\d+")
_UNIT_KIND = re.compile(
    r"(?<!\w)(?:tỉnh|huyện|quận|thị xã|thành phố|tp|xã(?!\s+hội)|phường|thị trấn|đặc khu)(?!\w)\.?", re.I
)
# A wording of fewer words says little by itself: it is remembered with the title it stands under.
_ENOUGH_WORDS = 5
_LEFT_WORDS, _RIGHT_WORDS, _TITLE_WORDS = 16, 8, 10

_HEAD = """\
# Wordings that persons confirmed in `ansinh review`; the next reading of a report knows them.
# [số] is the number, # any other number, [đơn vị] the name of a unit; `under` is the title the words stand under.
# An entry without indicator says that the number is no figure. Mend or delete entries freely.
"""


@dataclass(frozen=True, slots=True)
class Words:
    """The wording of a number: the words around it, and the title above where they alone say too little."""

    words: str
    under: str
    unit: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What two wordings have in common that are the same: spelling variants aside."""
        return _key(self.words), _key(self.under), self.unit


class Phrasing(BaseModel):
    """A confirmed wording, its meaning (no indicator: the number is no figure), and who confirmed it where."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: str
    under: str = ""
    unit: str = ""
    indicator: str = ""
    breakdown: str = ""
    measure: str = "actual"
    confirmed_by: str
    confirmed_at: datetime
    sha256: str = ""
    ref: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """As `Words.key`."""
        return Words(self.words, self.under, self.unit).key

    @property
    def meaning(self) -> tuple[str, str, str]:
        """What it says a number is."""
        return self.indicator, self.breakdown, self.measure


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phrasings: list[Phrasing] = []


class PhrasingsError(ValueError):
    """The file of confirmed wordings cannot be read; the message says where it is broken."""


@dataclass(slots=True)
class Phrasings:
    """The confirmed wordings of an installation. `problem` says why a file could not be used."""

    entries: list[Phrasing] = field(default_factory=list)
    problem: str = ""
    _by_key: dict[tuple[str, str, str], list[Phrasing]] = field(default_factory=lambda: defaultdict(list), repr=False)

    def __post_init__(self) -> None:
        for entry in self.entries:
            self._by_key[entry.key].append(entry)

    def __bool__(self) -> bool:
        return bool(self.entries)

    @property
    def version(self) -> str:
        """Tells one state of the wordings from another, for a submission's reader version; empty without any."""
        if not self.entries:
            return ""
        said = sorted(repr((entry.key, entry.meaning)) for entry in self.entries)
        return f"+p{hashlib.sha256(repr(said).encode()).hexdigest()[:8]}"

    def find(self, words: Words) -> Phrasing | None:
        """The entry of a wording, the latest; None where there is none or its entries contradict each other."""
        same = self._by_key.get(words.key, [])
        return same[-1] if same and len({entry.meaning for entry in same}) == 1 else None

    def of(self, words: Words) -> Sequence[Phrasing]:
        """Every entry of a wording."""
        return self._by_key.get(words.key, [])


def load_phrasings(path: Path | None) -> Phrasings:
    """Reads the confirmed wordings; none where there is no file.

    A broken file is no reason to read no report: it gives no wordings and says so in `problem`.
    """
    if path is None or not path.exists():
        return Phrasings()
    try:
        return Phrasings(_read(path))
    except PhrasingsError as problem:
        return Phrasings(problem=str(problem))


def _read(path: Path) -> list[Phrasing]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return _File.model_validate(content or {}).phrasings
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as problem:
        lines = str(problem).splitlines()
        raise PhrasingsError(f"{path.name}: {' '.join(line.strip() for line in lines[:4])}") from problem


def remember(path: Path, new: Iterable[Phrasing]) -> list[Phrasing]:
    """Adds wordings to the file, whole or not at all; returns those that were not there with that meaning.

    Raises:
        PhrasingsError: the file that is there cannot be read; it is left as it is.
    """
    known = _read(path) if path.exists() else []
    have = {(entry.key, entry.meaning) for entry in known}
    added: list[Phrasing] = []
    for entry in new:
        if (entry.key, entry.meaning) not in have:
            have.add((entry.key, entry.meaning))
            added.append(entry)
    if not added:
        return []
    content = {"phrasings": [entry.model_dump(mode="json", exclude_defaults=True) for entry in [*known, *added]]}
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as target:
        target.write(_HEAD)
        yaml.safe_dump(content, target, allow_unicode=True, sort_keys=False, width=120)
    return added


def words_of(reading: Reading) -> Words:
    """The wording of a reading's number."""
    window, quantity, passage = reading.window, reading.quantity, reading.page.passage
    right = _tokens(reading, quantity.number_end, max(window.right, quantity.end))[:_RIGHT_WORDS]
    left = _tokens(reading, window.left, quantity.start)
    # A sum or a share says by its own words how much, seldom of what.
    is_dependent = quantity.unit in ("vnd", "percent", "percentage_point")
    told = _count(left) + _count(_tokens(reading, quantity.end, max(window.right, quantity.end))[:_RIGHT_WORDS])
    if told < _ENOUGH_WORDS or is_dependent:
        left = _tokens(reading, window.sentence_start, quantity.start)
        told += _count(left)
    left = left[-_LEFT_WORDS:]
    under: list[str] = []
    if passage.kind == "row":
        under = _plain_tokens(reading.head)
    elif told < _ENOUGH_WORDS or is_dependent or passage.kind in ("item", "footnote"):
        under = _plain_tokens(_title(reading))
    return Words(
        " ".join([*left, NUMBER, *right]), " ".join(under[:_TITLE_WORDS]), quantity.units[0] if quantity.units else ""
    )


def recognise(readings: Iterable[Reading], phrasings: Phrasings, catalogue: Catalogue) -> Mapping[int, Phrasing]:
    """Gives readings the meaning of the confirmed wordings they bear; which wording, by the reading's `id`."""
    found: dict[int, Phrasing] = {}
    if not phrasings:
        return found
    for reading in readings:
        phrasing = phrasings.find(words_of(reading))
        if phrasing is None or (phrasing.indicator and phrasing.indicator not in catalogue.indicators):
            continue
        found[id(reading)] = phrasing
        reading.indicator = reading.base = phrasing.indicator
        reading.breakdown = parse_breakdown(phrasing.breakdown)
        reading.measure = phrasing.measure
        meaning = f"{phrasing.indicator} {phrasing.breakdown}".strip() or "no figure"
        reading.steps.append(
            f"confirmed phrasing: {phrasing.words!r} is {meaning}"
            f" (by {phrasing.confirmed_by}, {phrasing.confirmed_at:%Y-%m-%d})"
        )
    return found


# Words


def _tokens(reading: Reading, start: int, end: int) -> list[str]:
    """The words of a stretch of a reading's passage, the names of units masked."""
    text, pieces, at = reading.page.passage.text, [], start
    for first, last, _ in reading.page.units:
        if at <= first and last <= end:
            pieces += [text[at:first], f" {UNIT_NAME} "]
            at = last
    pieces.append(text[at:end])
    return _plain_tokens("".join(pieces))


def _plain_tokens(text: str) -> list[str]:
    tokens: list[str] = []
    for token in _TOKEN.findall(_UNIT_KIND.sub(f" {UNIT_NAME} ", text).lower()):
        masked = "#" if token.isdigit() else token
        # `2.439` is one number, `huyện Đắk Mil, tỉnh Đắk Nông` one place.
        if not (tokens and masked == tokens[-1] and masked in ("#", UNIT_NAME)):
            tokens.append(masked)
    return tokens


def _count(tokens: Iterable[str]) -> int:
    return sum(token not in ("#", NUMBER, UNIT_NAME) for token in tokens)


def _key(words: str) -> str:
    return " ".join(word if word[0] in "[#" else syllable_form(word) for word in _TOKEN.findall(words.lower()))


def _title(reading: Reading) -> str:
    """The nearest title above: the passage's own, that of the list's lead, or the heading's."""
    passage = reading.page.passage
    if passage.title and passage.title_end <= reading.window.sentence_start:
        return passage.title
    if passage.kind == "item" and passage.lead is not None:
        last = passage.lead.sentences[-1]
        return passage.lead.text[last.start : last.end]
    return next((parent.title for parent in passage.parents if parent.title), "")
