"""How offices word what the catalogue knows: sentences of our own, each under the title of its section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.core.catalogue import load_catalogue
from ingest.narrative import extract

HEAD = (
    "UBND HUYỆN VĂN CHẤN\nPHÒNG LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI\n\n"
    "BÁO CÁO\nKết quả công tác lao động, người có công và xã hội năm 2024\n\n"
)
MARK = re.compile(r"\{(\w+)((?:;\w+=[\w/]+)*):([^{}]*)\}")


def sentences() -> Iterator[tuple[str, str]]:
    """The sentences of `wordings.txt`, each with the title above it."""
    title = ""
    for line in (Path(__file__).parent / "wordings.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            title = line.removeprefix("# ")
        elif "{" in line and not line.startswith("#"):
            yield title, line


@pytest.mark.parametrize(("title", "marked"), list(sentences()), ids=lambda text: text[:40])
def test_a_sentence_gives_its_figures_their_meaning(title, marked):
    plain = MARK.sub(lambda m: m[3], marked)
    read = extract(f"{HEAD}{title}\n\n{plain}\n", load_catalogue()).quantities
    last = max(int(q.ref.split(":")[0].removeprefix("L")) for q in read)
    found = {q.place[1]: q for q in read if q.ref.startswith(f"L{last}:")}
    shift = 0
    for mark in MARK.finditer(marked):
        start = mark.start() - shift
        shift += len(mark[0]) - len(mark[3])
        categories = [part for part in mark[2].split(";")[1:] if not part.startswith("m=")]
        measure = next((part[2:] for part in mark[2].split(";")[1:] if part.startswith("m=")), "actual")
        quantity = next(
            q for at, q in sorted(found.items()) if start - 12 <= at < start + len(mark[3]) and _covers(q, at, start)
        )
        assert (quantity.indicator_code, quantity.breakdown, quantity.measure) == (
            mark[1],
            "; ".join(categories),
            measure,
        )


def _covers(quantity, at, start):
    return at >= start or quantity.value == 0


def test_most_of_the_catalogue_is_worded():
    worded = {mark[1] for _, marked in sentences() for mark in MARK.finditer(marked)}
    assert len(worded) > 0.7 * len(load_catalogue().indicators)
