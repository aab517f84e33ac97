"""Which list a sheet holds, told by its title, its categories and the folder that it lay in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.core.text import fold, squeeze
from ingest.readers.payment_list.field_values import OtherKind, load_vocabulary
from ingest.readers.payment_list.list_schema import PaymentListForm, load_lists
from ingest.readers.payment_list.open_list import ListSheet
from ingest.readers.spreadsheet.cells import cell_text
from ingest.readers.spreadsheet.identify import HiddenEntry
from ingest.readers.spreadsheet.labels import label_key
from ingest.readers.spreadsheet.tables import Block


class Titled(Protocol):
    """A sheet with a list's columns and a title above them."""

    sheet: ListSheet
    block: Block
    findings: list[Finding]

    @property
    def columns(self) -> dict[str, int]:
        """The sheet's column of each of the list's."""
        ...


def title_of(place: Titled) -> str:
    """What stands above a list's headings."""
    return " | ".join(title_texts(place))


def names_another_list(place: Titled) -> bool:
    """Whether a title says that this is another kind of list, of funerals or gifts for example.

    With its diacritics: "quà" is a gift, "qua" is through.
    """
    title = title_of(place).casefold()
    words = (word for versions in load_lists().values() for word in versions[-1].layout.other_lists)
    return any(_has_word(title, squeeze(word).casefold()) for word in words)


def form_code(place: Titled, entries: Sequence[HiddenEntry], path_hint: str) -> str | None:
    """Which list a sheet holds: by the hidden sheet, else its title, its categories, the folder it lay in."""
    lists = load_lists()
    hidden = next((entry.form_code for entry in entries if entry.form_code in lists), None)
    title = fold(title_of(place))
    titled: set[str] = set()
    if not names_another_list(place):
        titled = {
            code
            for code, versions in lists.items()
            if any(_has_word(title, fold(word)) for word in versions[-1].layout.title_words)
        }
    if hidden is not None:
        if titled and hidden not in titled:
            names = {code: versions[-1].form.head.name_vi for code, versions in lists.items()}
            where = place.sheet.head.ref(0, 0)
            place.findings.append(finding("LST-003", where, hidden=names[hidden], title=names[min(titled)]))
        return hidden
    if len(titled) != 1 and not names_another_list(place):
        titled = _by_categories(place, titled or set(lists)) or titled
    if len(titled) == 1:
        return next(iter(titled))
    if names_another_list(place):
        return None
    folders = path_hint.replace("\\", "/").split("/")[:-1]
    return next((code for code in lists if code in folders and (not titled or code in titled)), None)


def _has_word(title: str, word: str) -> bool:
    return f" {word} " in f" {''.join(c if c.isalnum() else ' ' for c in title)} "


def _by_categories(place: Titled, codes: set[str]) -> set[str]:
    """The lists to which most of the categories in the first lines belong."""
    column = place.columns.get("category")
    if column is None:
        return set()
    rows = place.sheet.head.rows[place.block.bottom + 1 :]
    keys = {label_key(text) for row in rows if column < len(row) and (text := cell_text(row[column]))}
    counted = {code: len(keys & set(category_meanings(load_lists()[code][-1]))) for code in codes}
    most = max(counted.values(), default=0)
    return {code for code, count in counted.items() if count == most and most > 0}


def category_meanings(listed: PaymentListForm) -> dict[str, int]:
    """The wordings of a list's categories, made comparable, with the category's position."""
    meanings: dict[str, int] = {}
    for position, (code, category) in enumerate(listed.layout.categories.items()):
        for word in (code, code.replace("_", " "), *category.words):
            meanings.setdefault(label_key(word), position)
    return meanings


# Lists of another kind

_LISTS = ("danh sach", "bang ke", "bang tong hop", "ds ", "bieu", "ho so", "tong hop")
# Acts that a title rests on, and the notes on them: what they are about is not what the list is.
_NOT_TITLES = (
    "kem theo",
    "(kem theo",
    "can cu",
    "theo quyet dinh",
    "(theo",
    "thuc hien",
    "don vi",
    "ky bao cao",
    "so:",
)


def other_kind(texts: Sequence[str]) -> OtherKind | None:
    """What kind of list a title announces that is none of those paid in their month; None for an ordinary one.

    Looked at is what follows the word "danh sách", over several lines: a place or an act above it says nothing.
    """
    title, has_begun = [], False
    for text in texts:
        plain = fold(text[:300])
        has_begun = has_begun or any(word in plain for word in _LISTS)
        if has_begun and not plain.startswith(_NOT_TITLES):
            title.append(plain.partition("(kem theo")[0])
    joined = " ".join(title)
    for kind in load_vocabulary().other_kinds.values():
        rest = kind.unless.sub(" ", joined) if kind.unless is not None else joined
        if kind.words.search(rest):
            return kind
    return None


def title_texts(place: Titled) -> list[str]:
    """The texts above a list's headings, from top to bottom."""
    rows = place.sheet.head.rows[: place.block.top]
    return [squeeze(value) for row in rows for value in row if isinstance(value, str) and 0 < len(value) <= 400]
