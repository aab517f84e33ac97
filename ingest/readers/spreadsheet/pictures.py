"""Pictures on the sheets of an .xlsx that are large enough to be a table: what they show can't be read here."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

# In EMU, of which a centimetre has 360,000. Seals, signatures and emblems are smaller than a table of some columns.
_LEAST_WIDTH, _LEAST_HEIGHT = 2_500_000, 900_000
# The same for pictures that are tied to cells at both ends.
_LEAST_COLUMNS, _LEAST_ROWS = 3, 4

_ANCHOR = re.compile(rb"<(?:\w+:)?(?:twoCellAnchor|oneCellAnchor|absoluteAnchor)\b.*?</(?:\w+:)?(?:two|one|absolute)\w+>", re.DOTALL)  # fmt: skip  # noqa: E501
_PICTURE = re.compile(rb"<(?:\w+:)?pic[\s>]")
_FROM = re.compile(rb"<(?:\w+:)?from>.*?<(?:\w+:)?col>(\d+)<.*?<(?:\w+:)?row>(\d+)<", re.DOTALL)
_TO = re.compile(rb"<(?:\w+:)?to>.*?<(?:\w+:)?col>(\d+)<.*?<(?:\w+:)?row>(\d+)<", re.DOTALL)
_SIZE = re.compile(rb"<(?:\w+:)?ext\s+cx=[\"'](\d+)[\"']\s+cy=[\"'](\d+)[\"']")
_TARGET = re.compile(rb"Target=[\"']([^\"']*drawings?/[^\"']+\.xml)[\"']")


def large_pictures(sheet_part: str, parts: Mapping[str, bytes]) -> list[tuple[int, int]]:
    """The upper left cells (row, column from 0) of pictures on a sheet that may be tables.

    Args:
        sheet_part: the entry of the worksheet.
        parts: the book's unpacked entries by name, relations and drawings among them.
    """
    folder, name = posixpath.split(sheet_part)
    relations = parts.get(f"{folder}/_rels/{name}.rels")
    if not relations or b"drawing" not in relations:
        return []
    found = []
    for target in _TARGET.findall(relations):
        path = target.decode("utf-8", "replace")
        drawing = parts.get(path[1:] if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path)), b"")
        for anchor in _ANCHOR.findall(drawing):
            if _PICTURE.search(anchor) and _is_large(anchor):
                start = _FROM.search(anchor)
                found.append((int(start[2]), int(start[1])) if start is not None else (0, 0))
    return found


def _is_large(anchor: bytes) -> bool:
    start, end, size = _FROM.search(anchor), _TO.search(anchor), _SIZE.search(anchor)
    if size is not None and int(size[1]) and int(size[2]):
        return int(size[1]) >= _LEAST_WIDTH and int(size[2]) >= _LEAST_HEIGHT
    if start is not None and end is not None:
        return int(end[1]) - int(start[1]) >= _LEAST_COLUMNS and int(end[2]) - int(start[2]) >= _LEAST_ROWS
    return False
