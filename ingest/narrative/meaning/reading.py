"""What is known of a quantity while its meaning is sought: what it hangs on, what was taken and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

from ingest.core.catalogue import Unit
from ingest.core.model import Accumulation, Status
from ingest.core.periods import Period
from ingest.narrative.meaning.windows import (
    Page,
    Window,
)
from ingest.narrative.text.quantities import Quantity
from ingest.narrative.text.segments import Passage

if TYPE_CHECKING:
    from ingest.narrative.meaning.counted_noun import CountedNoun
    from ingest.narrative.meaning.outlook import Outlook
    from ingest.narrative.meaning.report import Report
    from ingest.narrative.text.lexicon import Lexicon, Wording
    from ingest.narrative.text.times import Time

LinkKind = Literal[
    "pair", "follow", "bracket", "series", "for", "apart", "part", "item", "footnote", "ahead", "beside", "sentence"
]

# How strongly a quantity before speaks for its own indicator and family.
LINK_WEIGHT: dict[LinkKind, float] = {
    "pair": 0.9, "follow": 0.75, "bracket": 0.7, "series": 0.72, "for": 0.7, "apart": 0.5, "part": 0.62, "item": 0.6,
    "footnote": 0.65, "ahead": 0.6, "beside": 0.38, "sentence": 0.22,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What spoke for the indicator taken and against it, each from 0 up; for `confidence`.

    `worded` and `linked` are its own two parts; `kin` and `rival` are the totals of the best others, of its
    family and of another; `elsewhere` is how fully the words name another family; `fit` how well the unit
    fits; `known` the share of the words around that the lexicon knows; `titled` the share of what the titles
    above speak of that is of its subject, a half if they say nothing; `is_near` whether its wording stands right
    beside the number.
    """

    worded: float = 0.0
    linked: float = 0.0
    kin: float = 0.0
    rival: float = 0.0
    elsewhere: float = 0.0
    fit: float = 0.0
    known: float = 0.0
    titled: float = 0.5
    is_near: bool = False


@dataclass(slots=True)
class Reading:
    """A quantity with the meaning it was given; `steps` say why.

    `head` is what its table's column says; `noun` what it counts, where that is said; `outlook` that its section looks
    ahead; `sentence_ahead` the last number of the sentence before, `previous` the one before in its own; `times` the
    day up to which it counts and the time said of it itself. `link` is the quantity on which it hangs and `link_kind`
    how; `carrier` and `carries` are those of whose categories, measure and period it takes over; `wholes` are the
    quantities it is a part of; `decided` which rule of each table answered.
    """

    report: Report
    page: Page
    quantity: Quantity
    window: Window
    index: int
    indicator: str = ""
    base: str = ""
    score: float = 0.0
    margin: float = 0.0
    evidence: Evidence = field(default_factory=Evidence)
    link: Reading | None = None
    link_kind: LinkKind | None = None
    carrier: Reading | None = None
    carries: LinkKind | None = None
    wholes: list[Reading] = field(default_factory=list)
    role: Literal["", "denominator"] = ""
    is_change: bool = False
    breakdown: dict[str, str] = field(default_factory=dict)
    measure: str = "actual"
    period: Period | None = None
    as_of: date | None = None
    accumulation: Accumulation = "period"
    status: Status = "official"
    issuer: str = ""
    unit: Unit | None = None
    other_units: tuple[Unit, ...] = ()
    clash: Literal["", "before", "after", "elsewhere"] = ""
    is_blend: bool = False
    blended: set[str] = field(default_factory=set)
    confidence: float = 0.0
    head: str = ""
    noun: CountedNoun | None = None
    outlook: Outlook | None = None
    sentence_ahead: Reading | None = None
    previous: Reading | None = None
    times: tuple[Time | None, Time | None] = (None, None)
    has_far_category: bool = False
    decided: dict[str, str] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)

    def hang(self, link: Reading, kind: LinkKind) -> None:
        """Hangs this reading on another; an item of a series carries what the series' first item does."""
        self.link, self.link_kind = link, kind
        is_series = kind == "series"
        self.carrier, self.carries = (link.carrier, link.carries) if is_series else (link, kind)

    @property
    def lexicon(self) -> Lexicon:
        """What the report is read with."""
        return self.report.lexicon

    @property
    def wording(self) -> Wording | None:
        """What the lexicon knows of the indicator; None while none is found."""
        return self.report.lexicon.wordings.get(self.indicator)

    @property
    def series(self) -> Reading | None:
        """The first item of the enumeration in which this is another."""
        return self.link if self.link_kind == "series" and not self.is_change else None

    @property
    def before(self) -> str:
        """The words that lead up to the number."""
        return self.page.text(self.window.left, self.quantity.start)

    @property
    def sentence_before(self) -> str:
        """The sentence up to the number."""
        return self.page.text(self.window.sentence_start, self.quantity.start)

    @property
    def passage(self) -> Passage:
        """The passage it stands in."""
        return self.page.passage


@dataclass(slots=True)
class Vote:
    """What speaks for one indicator."""

    code: str
    cue: float = 0.0
    cue_text: str = ""
    link: float = 0.0
    reading: Reading | None = None
    kind: LinkKind | None = None

    @property
    def total(self) -> float:
        """The sum of both kinds of evidence."""
        return self.cue + self.link
