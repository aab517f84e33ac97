"""How indicators, categories, measures and units are written in the review workbook, and read back from it.

A label ends in its code in brackets, `Số hộ nghèo [poor_households]`, `Dân tộc Kinh [ethnicity=kinh]`, so that
a drop-down's entry is read back without doubt; a code alone, typed by hand, is read as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.model import breakdown_key, parse_breakdown
from ingest.core.text import fold

CONFIRM, CORRECT, REFUSE = "Đúng", "Sửa", "Không phải số liệu"
NO_BREAKDOWN = "(không phân tổ) [none]"

MEASURES: Mapping[str, str] = {
    "actual": "Thực hiện",
    "target": "Chỉ tiêu",
    "plan": "Kế hoạch, dự toán",
    "change": "Mức tăng, giảm",
    "prior": "Số kỳ trước",
}
_CODE = re.compile(r"\[([^\[\]]+)\]\s*$")
_CATEGORY = re.compile(r"([a-z][a-z0-9_]*)\s*=\s*([a-z0-9][a-z0-9_]*)")


class UnknownLabelError(ValueError):
    """The text names nothing of the catalogue; the message is the text."""


def indicator_label(code: str, catalogue: Catalogue) -> str:
    """An indicator as an entry of a drop-down; empty for none."""
    return f"{catalogue.indicators[code].name_vi} [{code}]" if code else ""


def category_label(list_name: str, code: str, catalogue: Catalogue) -> str:
    """A category as an entry of a drop-down."""
    return f"{catalogue.code_lists[list_name][code].name_vi.split(';')[0]} [{list_name}={code}]"


def breakdown_label(breakdown: str, catalogue: Catalogue) -> str:
    """A breakdown in words, a category a line."""
    lists = catalogue.code_lists
    names = [
        lists[name][code].name_vi.split(";")[0] if name in lists and code in lists[name] else f"{name}={code}"
        for name, code in parse_breakdown(breakdown).items()
    ]
    return "\n".join(names)


def unit_label(unit: Unit) -> str:
    """An administrative unit as an entry of a drop-down."""
    return f"{unit.name} [{unit.unit_id}]"


def measure_label(code: str) -> str:
    """A measure as an entry of a drop-down."""
    return f"{MEASURES[code]} [{code}]"


def read_indicator(text: str, catalogue: Catalogue) -> str:
    """The code of an indicator written as label, code or name. Raises UnknownLabelError."""
    return _one_of(text, {code: indicator.name_vi for code, indicator in catalogue.indicators.items()})


def read_measure(text: str) -> str:
    """The code of a measure. Raises UnknownLabelError."""
    return _one_of(text, MEASURES)


def read_unit(text: str, units: Mapping[str, Unit]) -> str:
    """The id of one of some units, written as label, id, code or name. Raises UnknownLabelError."""
    by_code = {unit.code: unit.unit_id for unit in units.values()}
    written = _code(text)
    return by_code.get(written) or _one_of(text, {unit_id: unit.name for unit_id, unit in units.items()})


def read_breakdown(texts: list[str], catalogue: Catalogue) -> str:
    """The breakdown that cells name, each one category or several. Raises UnknownLabelError."""
    found: dict[str, str] = {}
    for text in texts:
        if _code(text) == "none":
            continue
        pairs = _CATEGORY.findall(text)
        if not pairs:
            raise UnknownLabelError(text)
        for name, code in pairs:
            if code not in catalogue.code_lists.get(name, {}) or found.get(name, code) != code:
                raise UnknownLabelError(f"{name}={code}")
            found[name] = code
    return breakdown_key(found)


def _code(text: str) -> str:
    match = _CODE.search(text)
    return (match[1] if match else text).strip()


def _one_of(text: str, names: Mapping[str, str]) -> str:
    code = _code(text)
    if code in names:
        return code
    same = [code for code, name in names.items() if fold(name) == fold(text)]
    if len(same) != 1:
        raise UnknownLabelError(text)
    return same[0]
