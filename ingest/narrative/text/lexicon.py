"""The lexicon: how indicators, categories and marks are worded, as data in `lexicon/*.yml`.

The files are checked against a schema and against the catalogue when they are loaded; a mistake is
named with its file and entry.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from ingest.core.catalogue import Catalogue, Indicator, RateKind, load_catalogue
from ingest.narrative.text.data import FOLDER, STRICT, LexiconError, read_data
from ingest.narrative.text.phrases import Hit, PhraseBook, Tokens, tokenise

WHOLE = "whole"
NONE = "none"

Reach = Literal["phrase", "clause", "sentence", "passage", "heading"]


_MONEY_UNIT = re.compile(r"(nghìn|ngàn|triệu|tr\.?|tỷ|tỉ)?\s*(?:đồng|đ|vnđ|vnd)")


# An indicator worded with one of these counts what is approved or allotted itself.
_APPROVALS = ("phê duyệt", "phân bổ", "quyết định", "được giao")

# Units whose wordings list several kinds: xã, phường, thị trấn.
_LISTED_UNITS = ("province", "district", "commune", "place")


class _Entry(BaseModel):
    model_config = STRICT


class _UnitEntry(_Entry):
    code: str
    words: list[str] = Field(min_length=1)
    factor: int = 1


class _NameEntry(_Entry):
    why: str
    before: list[str] = Field(min_length=1)
    but_not: list[str] = []
    unless_unit: bool = False
    at_most: int = 0


class _CategoryEntry(_Entry):
    reach: Reach
    mixed: bool = False
    within: int = 1000
    no_names: bool = False
    noun: bool = False
    codes: dict[str, list[str]]
    of_family: dict[str, dict[str, list[str]]] = {}


class _IndicatorEntry(_Entry):
    family: str
    cues: list[str] = Field(min_length=1)
    also: list[str] = []
    not_: list[str] = Field(default=[], alias="not")
    needs: list[str] = []
    per: list[str] = []
    group: bool = False
    measure: Literal["actual", "plan"] = "actual"
    implies: list[str] = []
    without: list[str] = []
    title: list[str] = []
    over: str = ""
    near: list[str] = []
    topic: list[str] = []
    unless_under: list[str] = []
    lends: dict[str, str] = {}
    deepens: dict[str, str] = {}
    here: list[str] = []
    annual: bool = False
    everybody: bool = False
    of_one_month: str = ""


class _NotCollectedEntry(_Entry):
    units: list[str] = Field(min_length=1)
    words: list[str] = Field(min_length=1)
    unless: list[str] = []


class _IndicatorFile(_Entry):
    people: list[str] = []
    sets: dict[str, list[str]]
    indicators: dict[str, _IndicatorEntry]


@dataclass(frozen=True, slots=True)
class Cue:
    """A wording of an indicator: all of its terms must be met. `weight` grows with how much it says.

    `spoken` are the terms that speak for the indicator, `telling` those of them that do not merely name
    people, `conditions` the marks that must be there besides.
    """

    text: str
    terms: tuple[int, ...]
    weight: float
    spoken: tuple[int, ...]
    telling: tuple[int, ...]
    conditions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """What the lexicon knows of an indicator, and what of the catalogue's it needs at hand.

    `is_share_of_all`: a group's share in the whole of another quantity; `is_change`: a rise or fall;
    `is_excess`: by how much a fall passed its target; `is_of_approvals`: approvals are what it counts.
    """

    code: str
    family: str
    unit: str
    cues: tuple[Cue, ...]
    also: frozenset[str]
    against: frozenset[int]
    needs: frozenset[int]
    per: frozenset[str]
    is_group: bool
    measure: str
    lists: frozenset[str]
    implies: frozenset[str]
    title_lists: frozenset[str]
    over: str
    near: frozenset[int]
    topic: frozenset[int]
    unless_under: frozenset[int]
    lends: Mapping[str, str]
    deepens: Mapping[str, str]
    here: frozenset[str]
    annual: bool
    rate_kind: RateKind
    is_share_of_all: bool
    is_change: bool
    is_excess: bool
    everybody: bool
    of_one_month: str
    is_of_approvals: bool


@dataclass(frozen=True, slots=True)
class CategoryList:
    """How far the categories of a list reach, and whether naming several side by side means the whole.

    `no_names`: a capital inside a sentence makes a name of its words. `is_noun`: they name who or what is counted, so
    that they are of one number, not of its clause.
    """

    reach: Reach
    mixed: bool
    within: int
    no_names: bool
    is_noun: bool


@dataclass(frozen=True, slots=True)
class Mention:
    """A wording met in a text: a term of cues, a mark, or a category of a list."""

    start: int
    end: int
    kind: Literal["term", "mark", "category"]
    term: int = -1
    name: str = ""
    code: str = ""
    family: str = ""


class Lexicon:
    """Look-ups over the lexicon's files; build it once (`load_lexicon`).

    Raises:
        LexiconError: a file breaks the schema or names what the catalogue does not know.
    """

    def __init__(
        self, catalogue: Catalogue, folder: Path = FOLDER, learned: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.catalogue = catalogue
        self.units = PhraseBook()
        self._factors: dict[str, int] = {}
        self._names: dict[str, tuple[str, bool, int, tuple[str, ...]]] = {}
        self._book = PhraseBook()
        self._phrases: list[str] = []
        self._terms: dict[str, int] = {}
        self.marks: set[int] = set()
        self.people: set[int] = set()
        self.categories: dict[str, CategoryList] = {}
        self._capitals: dict[tuple[str, str], int] = {}
        self.wordings: dict[str, Wording] = {}
        self.by_term: dict[int, list[tuple[str, Cue]]] = defaultdict(list)
        self.by_family: dict[str, list[str]] = defaultdict(list)
        self._load_units(folder / "units.yml")
        self._load_names(folder / "not_quantities.yml")
        self._load_marks(folder / "marks.yml")
        self._load_categories(folder / "categories.yml")
        self._load_indicators(folder / "indicators.yml", learned or {})
        self.not_collected: dict[str, tuple[frozenset[str], str]] = {}
        self._load_not_collected(folder / "not_collected.yml")

    # Units and names

    def _load_units(self, path: Path) -> None:
        known = self.catalogue.code_lists["unit"]
        for entry in read_data(path, list[_UnitEntry]):
            if entry.code not in known:
                raise LexiconError(f"{path.name}: {entry.code!r} is not in the code list `unit`")
            for word in entry.words:
                if any(c.isalpha() for c in word):
                    self.units.add(word, entry.code)
                if entry.factor != 1:
                    self._factors[word.lower()] = entry.factor

    def unit_factor(self, word: str) -> Decimal:
        """What a unit's word scales by: 1000 for a ton that is counted in kilograms."""
        return Decimal(self._factors.get(word.lower(), 1))

    def unit_at(self, text: str, tokens: Tokens, index: int) -> Hit | None:
        """The longest unit's wording that begins at a word; only lists of places run over a comma."""
        hits = self.units.all_at(tokens, index)
        kept = [h for h in hits if h.value in _LISTED_UNITS or "," not in text[h.start : h.end]]
        return kept[-1] if kept else None

    def bare_unit(self, text: str) -> tuple[str, int]:
        """The unit that a text is as a whole (`%`, `triệu đồng`, `người`) and its factor; empty if it is none."""
        text = text.strip().lower()
        if text in ("%", "tỷ lệ %", "phần trăm"):
            return "percent", 1
        money = _MONEY_UNIT.fullmatch(text)
        if money:
            return "vnd", {"": 1, "nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tr": 10**6, "tỷ": 10**9, "tỉ": 10**9}[
                (money[1] or "").rstrip(".")
            ]
        tokens = tokenise(text)
        hit = self.units.at(tokens, 0) if tokens.keys and len(text) < 30 else None
        if hit is None or hit.start != 0 or hit.end != len(text):
            return "", 1
        return str(hit.value), self._factors.get(text, 1)

    def _load_names(self, path: Path) -> None:
        for entry in read_data(path, list[_NameEntry]):
            for word in entry.before:
                but_not = tuple(f" {w}" for w in entry.but_not)
                self._names[f" {word}"] = (entry.why, entry.unless_unit, entry.at_most, but_not)
        self._name_ends = tuple(sorted(self._names, key=len, reverse=True))

    def name_before(self, before: str) -> tuple[str, bool, int] | None:
        """What the words before a number make of it: why it is no quantity, and what would save it.

        A unit would if the second is true, and a number above the third if that is not 0.
        """
        if not before.endswith(self._name_ends):
            return None
        longest = next(name for name in self._name_ends if before.endswith(name))
        why, unless_unit, at_most, but_not = self._names[longest]
        return None if but_not and before.endswith(but_not) else (why, unless_unit, at_most)

    # Marks, categories, cues

    def _load_marks(self, path: Path) -> None:
        for name, phrases in read_data(path, dict[str, list[str]]).items():
            term = self._term(f"${name}")
            self.marks.add(term)
            for phrase in phrases:
                self._enter(phrase, ("mark", term, name, "", ""))

    def _load_categories(self, path: Path) -> None:
        for name, entry in read_data(path, dict[str, _CategoryEntry]).items():
            known = self.catalogue.code_lists.get(name, {})
            term = self._term(f"#{name}")
            self.categories[name] = CategoryList(entry.reach, entry.mixed, entry.within, entry.no_names, entry.noun)
            for family, codes in (("", entry.codes), *entry.of_family.items()):
                for code, phrases in codes.items():
                    if code not in known and code not in (WHOLE, NONE):
                        raise LexiconError(f"{path.name}: {code!r} is not in the code list {name!r}")
                    for phrase in phrases:
                        self._enter(phrase, ("category", term, name, code, family))
                        if phrase.istitle() and phrase.isalpha():
                            self._capitals[name, code] = len(phrase)

    def _load_indicators(self, path: Path, learned: Mapping[str, Sequence[str]]) -> None:
        content = read_data(path, _IndicatorFile)
        for name, phrases in content.sets.items():
            term = self._term(f"@{name}")
            for phrase in phrases:
                self._enter(phrase, ("term", term, name, "", ""))
        self.people = {self._phrase_term(path, f"@{name}") for name in content.people}
        for code, entry in content.indicators.items():
            indicator = self.catalogue.indicators.get(code)
            if indicator is None:
                raise LexiconError(f"{path.name}: {code!r} is no indicator of the catalogue")
            cues = tuple(self._cue(path, text) for text in dict.fromkeys([*entry.cues, *learned.get(code, ())]))
            wording = Wording(
                code=code,
                family=entry.family,
                unit=indicator.unit_of_measure,
                cues=cues,
                also=frozenset(entry.also),
                against=frozenset(self._phrase_term(path, text) for text in entry.not_),
                needs=frozenset(self._phrase_term(path, text) for text in entry.needs),
                per=frozenset(entry.per),
                is_group=entry.group,
                measure=entry.measure,
                lists=frozenset(indicator.breakdown_lists) - frozenset(entry.without),
                implies=frozenset(entry.implies),
                title_lists=frozenset(entry.title),
                over=entry.over,
                near=frozenset(self._phrase_term(path, text) for text in entry.near),
                topic=frozenset(self._phrase_term(path, text) for text in entry.topic),
                unless_under=frozenset(self._phrase_term(path, text) for text in entry.unless_under),
                lends=self._lent(path, code, entry.lends),
                deepens=entry.deepens,
                here=frozenset(entry.here),
                annual=entry.annual,
                rate_kind=indicator.rate_kind,
                is_share_of_all=indicator.rate_kind == "whole" and indicator.numerator != indicator.denominator,
                is_change=indicator.measure_type == "change",
                is_excess=self._is_excess(indicator),
                everybody=entry.everybody,
                is_of_approvals=any(word in " ".join(entry.cues) for word in _APPROVALS),
                of_one_month=self._known(path, code, entry.of_one_month),
            )
            self.wordings[code] = wording
            self.by_family[entry.family].append(code)
            for cue in cues:
                for term in set(cue.terms):
                    self.by_term[term].append((code, cue))

    def _load_not_collected(self, path: Path) -> None:
        for name, entry in read_data(path, dict[str, _NotCollectedEntry]).items():
            for mark, phrases in ((f"other_{name}", entry.words), (f"asked_{name}", entry.unless)):
                term = self._term(f"${mark}")
                self.marks.add(term)
                for phrase in phrases:
                    self._enter(phrase, ("mark", term, mark, "", ""))
            self.not_collected[f"other_{name}"] = (frozenset(entry.units), f"asked_{name}")

    def _known(self, path: Path, code: str, other: str) -> str:
        if other and other not in self.catalogue.indicators:
            raise LexiconError(f"{path.name}: {code} names {other!r}, which is no indicator of the catalogue")
        return other

    def _is_excess(self, indicator: Indicator) -> bool:
        base = self.catalogue.indicators.get(indicator.numerator)
        return indicator.measure_type == "change" and base is not None and base.measure_type == "change"

    @cached_property
    def completion_of(self) -> Mapping[str, str]:
        """By an indicator's code, the code of the rate that says how far its plan was fulfilled."""
        rates = (i for i in self.catalogue.indicators.values() if i.rate_kind == "plan" and i.code in self.wordings)
        return {rate.numerator: rate.code for rate in rates}

    @cached_property
    def statuses(self) -> Mapping[str, frozenset[str]]:
        """By code list, the categories of which nobody has two: those that names of groups of households imply."""
        groups = [w for w in self.wordings.values() if w.is_group and w.unit == "household"]
        found = {}
        for name, tree in self.catalogue.code_lists.items():
            codes = {code for wording in groups for code in wording.implies if code in tree}
            whole = {code for code in tree if codes & set(self.catalogue.descendants(name, code))}
            joined = tuple(f"{code}_{word}_" for code in codes for word in ("to", "or"))
            beside = {code for code in tree if code.startswith(joined)}
            if codes:
                found[name] = frozenset(codes | whole | beside)
        return found

    @cached_property
    def group_families(self) -> frozenset[str]:
        """The families of indicators that count a group, whatever is done for it."""
        return frozenset(wording.family for wording in self.wordings.values() if wording.is_group)

    @cached_property
    def fall_of(self) -> Mapping[str, str]:
        """By an indicator's code, the code of its own fall."""
        changes = (i for i in self.catalogue.indicators.values() if i.measure_type == "change" and i.numerator)
        return {i.numerator: i.code for i in changes if not self._is_excess(i)}

    @cached_property
    def of_everybody(self) -> Mapping[str, str]:
        """By a unit of measure, the indicator that counts all there are of it."""
        return {wording.unit: code for code, wording in self.wordings.items() if wording.everybody}

    def _lent(self, path: Path, code: str, lends: Mapping[str, str]) -> Mapping[str, str]:
        for name, category in lends.items():
            if category not in self.catalogue.code_lists.get(name, {}):
                raise LexiconError(f"{path.name}: {code} lends {name}={category}, which no code list holds")
        return lends

    def _enter(self, phrase: str, value: object) -> None:
        self._phrases.append(phrase)
        self._book.add(phrase, value)

    def _cue(self, path: Path, text: str) -> Cue:
        parts = [part.strip() for part in text.split(" + ")]
        terms = tuple(self._phrase_term(path, part) for part in parts)
        syllables = sum(3 if part[0] in "@$#" else len(part.split()) for part in parts)
        spoken = tuple(term for term in terms if term not in self.marks)
        return Cue(
            text=text,
            terms=terms,
            weight=0.8 + 0.05 * min(syllables, 8) + 0.1 * (len(parts) - 1),
            spoken=spoken,
            telling=tuple(term for term in spoken if term not in self.people) or spoken,
            conditions=tuple(term for term in terms if term in self.marks),
        )

    def _phrase_term(self, path: Path, text: str) -> int:
        if text[0] in "@$#":
            if text not in self._terms:
                raise LexiconError(f"{path.name}: {text!r} is not defined")
            return self._terms[text]
        parts = text.split(" + ")
        if len(parts) > 1:
            raise LexiconError(f"{path.name}: {text!r} must be one wording")
        key = " ".join(tokenise(text).words)
        if key not in self._terms:
            self._enter(text, ("term", self._term(key), key, "", ""))
        return self._terms[key]

    def _term(self, name: str) -> int:
        return self._terms.setdefault(name, len(self._terms))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of the lexicon's phrases, in small letters: words that a Vietnamese report may hold."""
        return frozenset(word for phrase in self._phrases for word in tokenise(phrase).words)

    @lru_cache(maxsize=4096)  # noqa: B019 - a lexicon lives as long as the process
    def subjects_of(self, term: int) -> frozenset[str]:
        """The domains whose indicators a term tells of; none if it merely names people."""
        if term in self.people:
            return frozenset()
        told = (code for code, cue in self.by_term.get(term, ()) if term in cue.telling)
        return frozenset(self.catalogue.indicators[code].domain for code in told)

    def term(self, name: str) -> int:
        """The number of a mark (`$fall`), a set (`@poor`) or a list (`#ethnicity`). Raises KeyError if unknown."""
        return self._terms[name]

    @lru_cache(maxsize=512)  # noqa: B019 - a lexicon lives as long as the process
    def mentions_of(self, text: str) -> Mentions:
        """Every wording in a short text such as a table's head."""
        return self.mentions(tokenise(text))

    def mentions(self, tokens: Tokens, borders: Sequence[tuple[int, int]] = ()) -> Mentions:
        """Every wording in a text. Of one code list only the longest of those that lie in each other.

        `borders` are the unit words (start, end) that a comma follows: no wording runs from one of them
        on over the comma (`3.960 lao động, xuất khẩu 618 …`).
        """
        ends = {position: end for start, end in borders for position in range(start, end)}
        found = [
            Mention(hit.start, hit.end, *_tag(hit.value))  # type: ignore[arg-type]
            for hit in self._book.find(tokens)
            if ends.get(hit.start, hit.end) >= hit.end
        ]
        found = [
            m for m in found
            if m.kind != "category" or self._has_its_case(m, tokens)
        ]  # fmt: skip
        kept = [m for m in _without_nested(Mentions(found)) if m.code != NONE]
        peoples = [m for m in kept if m.name == "ethnicity"]

        def is_of_a_people(mark: Mention) -> bool:
            """`tổng số hộ Khmer` are not all households."""
            return any(m.start <= mark.end + 1 and m.end > mark.end for m in peoples)

        return Mentions([m for m in kept if m.name != "share_of_all" or not is_of_a_people(m)])

    def _has_its_case(self, mention: Mention, tokens: Tokens) -> bool:
        """Whether a category is written as it must be: `phía Nam` is no sex, `dao` no people."""
        if mention.start in tokens.names and self.categories[mention.name].no_names:
            return False
        if (mention.name, mention.code) not in self._capitals or mention.start in tokens.capitals:
            return True
        return mention.end - mention.start > self._capitals[mention.name, mention.code]


# No wording is longer.
_LONGEST = 120


class Mentions(Sequence[Mention]):
    """The wordings met in a text in the order of their beginnings, with quick ways to those near a place."""

    def __init__(self, found: Sequence[Mention]) -> None:
        self._all = sorted(found, key=lambda m: m.start)
        self._starts = [m.start for m in self._all]
        self._marks: dict[str, list[Mention]] = defaultdict(list)
        self._categories: dict[str, list[Mention]] = defaultdict(list)
        for mention in self._all:
            if mention.kind == "mark":
                self._marks[mention.name].append(mention)
            elif mention.kind == "category":
                self._categories[mention.name].append(mention)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self._all[index]

    def between(self, start: int, end: int) -> list[Mention]:
        """Those that begin in a stretch."""
        return self._all[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def touching(self, start: int, end: int) -> list[Mention]:
        """Those that share a character with a stretch."""
        return [m for m in self.between(start - _LONGEST, end) if m.end > start]

    def marks(self, *names: str) -> list[Mention]:
        """The marks of these names, in order."""
        if len(names) == 1:
            return self._marks.get(names[0], [])
        return sorted((m for name in names for m in self._marks.get(name, ())), key=lambda m: m.start)

    def categories(self, name: str) -> list[Mention]:
        """The categories of a list, in order."""
        return self._categories.get(name, [])


def _tag(value: object) -> tuple[str, int, str, str, str]:
    return value  # type: ignore[return-value]


def _without_nested(found: Mentions) -> list[Mention]:
    """Drops what is only a piece of something longer.

    A category inside or overlapping a longer one of its list, a mark inside a longer mark, and whatever
    is part of an agency's name: the `thương binh` of a labour department are no war invalids.
    """
    agencies = found.marks("agency")
    in_agency = {position for m in agencies for position in range(m.start, m.end)}

    def is_piece(mention: Mention) -> bool:
        length = mention.end - mention.start
        if mention.start in in_agency and mention.end - 1 in in_agency:
            return mention.name != "agency"
        if mention.kind == "term" or mention.family:
            return False
        rivals = [m for m in found.touching(mention.start, mention.end) if m.kind == mention.kind]
        if mention.kind == "mark":
            return any(m.start <= mention.start and mention.end <= m.end and m.end - m.start > length for m in rivals)
        return any(
            m.name == mention.name
            and not m.family
            and m not in dropped
            and (m.end - m.start > length or (m.end - m.start == length and m.start < mention.start))
            for m in rivals
        )

    # The longest first, so that what is dropped itself drops nothing else.
    dropped: set[Mention] = set()
    for mention in sorted(found, key=lambda m: m.start - m.end):
        if is_piece(mention):
            dropped.add(mention)
    return [mention for mention in found if mention not in dropped]


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """The project's own lexicon over its own catalogue, compiled once per process."""
    return Lexicon(load_catalogue())
