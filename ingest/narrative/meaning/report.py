"""The report that is read: its head, its passages with what was found in them, and what they are read with."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.core.catalogue import Catalogue, Unit, unit_name_key
from ingest.narrative.meaning.report_head import ReportContext
from ingest.narrative.meaning.windows import Page, read_page
from ingest.narrative.text.lexicon import Lexicon
from ingest.narrative.text.segments import Document, Passage


@dataclass(slots=True)
class Report:
    """What all readings of a report share.

    `title_pages` are those of the report's own title; `units_inside` the units below the reporting one by the key
    of their names.
    """

    head: ReportContext
    lexicon: Lexicon
    pages: list[Page]
    title_pages: list[Page] = field(default_factory=list)
    units_inside: dict[str, list[Unit]] = field(default_factory=dict)
    _page_of: dict[int, Page] = field(default_factory=dict)
    _places: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._places = {id(page): place for place, page in enumerate(self.pages)}

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that the lexicon words."""
        return self.lexicon.catalogue

    def place_of(self, page: Page) -> int:
        """Which of the pages one is."""
        return self._places[id(page)]

    def page_of(self, passage: Passage | None) -> Page | None:
        """A passage with everything found in it; None for a passage of another report."""
        return self._page_of.get(id(passage))


_HEADLINE = 200


def open_report(document: Document, head: ReportContext, lexicon: Lexicon) -> Report:
    """Finds quantities, wordings, times, cited documents and units in every passage of a report."""
    pages = [read_page(passage, head, lexicon, lexicon.catalogue) for passage in document.passages]
    titles = [page for page in pages[:20] if page.passage.text and page.passage.text in head.title]
    if not head.title:
        # A text without a title of its own opens with a headline.
        titles = [page for page in pages[:1] if len(page.passage.text) < _HEADLINE]
    page_of = {id(page.passage): page for page in pages}
    return Report(head, lexicon, pages, titles, _units_inside(head, lexicon.catalogue), page_of)


def _units_inside(head: ReportContext, catalogue: Catalogue) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = {}
    if head.unit is None:
        return found
    below = catalogue.children_of(head.unit, head.day)
    for unit in [*below, *(g for child in below for g in catalogue.children_of(child, head.day))]:
        found.setdefault(unit_name_key(unit.name), []).append(unit)
    return found
