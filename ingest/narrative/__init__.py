"""The reading of Vietnamese written reports: from prose to quantities with their meaning and place.

`extract` is the whole; every stage is a pure function that can be looked at alone: `segments`
(lines to passages), `quantities` (the grammar of numbers), `context` (the report's own head),
`windows` and `attach` (which indicator), `details` (breakdown, measure, period, unit, issuer),
`arithmetic` (do the figures agree with each other).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.model import Accumulation, Status, breakdown_key
from ingest.core.periods import Period
from ingest.narrative.learned import CONFIRMED, Phrasings, recognise
from ingest.narrative.meaning.confidence import confidence
from ingest.narrative.meaning.indicator import attach
from ingest.narrative.meaning.interpretation import interpret
from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.report import open_report
from ingest.narrative.meaning.report_head import ReportContext, read_context
from ingest.narrative.text.lexicon import Lexicon, load_lexicon
from ingest.narrative.text.segments import Document, SourceLine, lines_of, segment


@dataclass(frozen=True, slots=True)
class Extracted:
    """One quantity of a report.

    `value` is in the catalogue's unit of measure; `unit_of_measure` is the indicator's, or the unit
    as written where `indicator_code` is empty. `place` is (line, column) of its first character, for
    the order of reading. `steps` tell how it got its meaning.
    """

    ref: str
    raw: str
    value: Decimal
    unit_of_measure: str
    qualifier: str
    indicator_code: str
    unit: Unit | None
    period: str
    breakdown: str
    measure: str
    confidence: float
    as_of: date | None
    accumulation: Accumulation
    status: Status
    issuer: str
    place: tuple[int, int]
    steps: tuple[str, ...] = ()


@dataclass(slots=True)
class Extraction:
    """What was read out of a report: its head and its quantities in reading order."""

    context: ReportContext
    document: Document
    quantities: list[Extracted]
    readings: list[Reading] = field(repr=False, default_factory=list)


def extract(
    text: str,
    catalogue: Catalogue,
    *,
    unit_hint: Unit | None = None,
    period_hint: Period | None = None,
    home: Unit | None = None,
    lexicon: Lexicon | None = None,
    phrasings: Phrasings | None = None,
) -> Extraction:
    """Reads a report given as plain text. Hints hold only where the report itself is silent.

    `home` is the province of the installation: of several units of one name, one inside it is meant.
    """
    return extract_lines(
        lines_of(text),
        catalogue,
        unit_hint=unit_hint,
        period_hint=period_hint,
        home=home,
        lexicon=lexicon,
        phrasings=phrasings,
    )


def extract_lines(
    lines: Iterable[SourceLine],
    catalogue: Catalogue,
    *,
    unit_hint: Unit | None = None,
    period_hint: Period | None = None,
    home: Unit | None = None,
    lexicon: Lexicon | None = None,
    phrasings: Phrasings | None = None,
) -> Extraction:
    """Reads a report given in lines that know their places; `phrasings` are wordings that persons confirmed."""
    lexicon = lexicon or load_lexicon()
    document = segment(lines)
    context = read_context(document, catalogue, unit_hint=unit_hint, period_hint=period_hint, home=home)
    readings = attach(open_report(document, context, lexicon))
    interpret(readings)
    confirmed = recognise(readings, phrasings or Phrasings(), catalogue)
    quantities: list[Extracted] = []
    kept: list[Reading] = []
    for reading in readings:
        is_confirmed = bool(reading.indicator) and id(reading) in confirmed
        reading.confidence = CONFIRMED if is_confirmed else confidence(reading)
        sure = document.certainty(reading.passage, reading.quantity.start, reading.quantity.end)
        if sure < 1:
            reading.confidence = round(reading.confidence * sure, 3)
            reading.steps.append(f"recognised by machine, {sure:.0%} sure of the number")
        made = _extracted(reading, document, catalogue)
        quantities.extend(made)
        kept.extend([reading] * len(made))
    order = sorted(range(len(quantities)), key=lambda i: quantities[i].place)
    return Extraction(context, document, [quantities[i] for i in order], [kept[i] for i in order])


def _extracted(reading: Reading, document: Document, catalogue: Catalogue) -> list[Extracted]:
    """The quantities that a reading states: one, or one for each unit that a zero in words names."""
    quantity = reading.quantity
    if quantity.is_zero and (not reading.indicator or reading.measure == "target"):
        return []
    indicator = catalogue.indicators.get(reading.indicator)
    unit_of_measure = indicator.unit_of_measure if indicator else quantity.unit
    units = (reading.unit, *reading.other_units)
    accumulation = reading.accumulation
    if indicator is not None and reading.period is not None:
        accumulation = indicator.accumulation(reading.accumulation, reading.period.code)
    return [
        Extracted(
            ref=document.ref(reading.passage, quantity.start, quantity.end),
            raw=quantity.raw,
            value=quantity.value,
            unit_of_measure=unit_of_measure,
            qualifier=quantity.qualifier,
            indicator_code=reading.indicator,
            unit=unit,
            period=reading.period.code if reading.period else "",
            breakdown=breakdown_key(reading.breakdown),
            measure=reading.measure,
            confidence=reading.confidence,
            as_of=reading.as_of,
            accumulation=accumulation,
            status=reading.status,
            issuer=reading.issuer,
            place=reading.passage.origin(quantity.start),
            steps=tuple(reading.steps),
        )
        for unit in units
    ]
