"""Planted mistakes against the checks: `python -m bench.checks [--rounds 3] [--kind NAME]`.

Mistakes of many kinds are planted into the samples' forms, once typed over (every cell a value) and once into a
template whose formulas calculate anew. Counted: of the mistakes that contradict something, how many are found, and
how often the cell that is named first is the one that was changed; and the cells that are accused though they are
right, in the samples as they are and beside a planted mistake.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from bench.planted_mistakes import CLOSED, KINDS, FilledForm, filled_forms
from bench.promises import at_least, at_most
from ingest.core.catalogue import load_catalogue
from ingest.core.model import Finding
from ingest.forms.relations import Place
from ingest.forms.rules import check_figures
from samples.books import sample_books


@dataclass
class Tally:
    """What became of the mistakes of one kind."""

    planted: int = 0
    contradict: int = 0
    named_first: int = 0
    accused: int = 0
    clean: int = 0
    missed: list[str] = field(default_factory=list)


def main() -> None:
    """Plants, measures, prints."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=2)
    arguments.add_argument("--kind", default="")
    chosen = arguments.parse_args()
    catalogue = load_catalogue()
    forms = [filled for book in sample_books(catalogue) for filled in filled_forms(book, catalogue)]
    _measure_clean(forms)
    seconds: list[float] = []
    for mode in ("typed", "live"):
        tallies = {
            kind: measure_kind(kind, forms, mode, chosen.rounds, seconds)
            for kind in KINDS
            if not chosen.kind or kind == chosen.kind
        }
        _print(mode, tallies, show_missed=bool(chosen.kind) and chosen.kind not in CLOSED)
    at_most("the slowest form with a mistake", max(seconds), 2, "s")


def _measure_clean(forms: Sequence[FilledForm]) -> None:
    accused = [finding for filled in forms for finding in findings_of(filled, filled.right, is_live=True)]
    for finding in accused[:10]:
        print(f"  accused though right: {finding.rule_id} {finding.ref} {finding.message_en}")
    at_most(f"right cells accused in {len(forms)} sample forms", len(accused), 0, "cells")


def findings_of(
    filled: FilledForm, values: Mapping[Place, Decimal], *, is_live: bool, typed_over: Collection[Place] = ()
) -> list[Finding]:
    """What the checks say of a form's values; a formula that was typed over is none any more."""
    formulas = filled.computed - set(typed_over) if is_live else frozenset()
    computed = {"\t".join(place) for place in formulas}
    figures = filled.figures(values)
    return check_figures(
        filled.form, filled.tables, figures, filled.catalogue, filled.period, computed.__contains__
    ).findings


def measure_kind(kind: str, forms: Sequence[FilledForm], mode: str, rounds: int, seconds: list[float]) -> Tally:
    """Plants a kind of mistake into forms that can have it."""
    tally = Tally()
    for number in range(rounds * 10):
        random = Random(f"{kind} {number}")  # noqa: S311 - made up, the same every time
        filled = random.choice(forms)
        planted = KINDS[kind](filled, random)
        tries = 0
        while planted is None and tries < 60:
            filled, tries = random.choice(forms), tries + 1
            planted = KINDS[kind](filled, random)
        if planted is None:
            continue
        values, places = planted
        if mode == "live":
            # A total that was typed over is no formula any more, and is kept.
            typed_over = {place: values[place] for place in places if place in filled.computed}
            values = {**filled.calculated(values), **typed_over}
        tally.planted += 1
        started = time.perf_counter()
        found = findings_of(filled, values, is_live=mode == "live", typed_over=places)
        seconds.append(time.perf_counter() - started)
        if not found:
            tally.missed.append(f"{filled.name} {places[0]}: {filled.right[places[0]]} -> {values[places[0]]}: nothing")
            continue
        tally.contradict += 1
        refs = ["\t".join(place) for place in places]
        tally.named_first += found[0].ref in refs
        tally.accused += sum(one.ref not in refs for one in found)
        tally.clean += len(values) - len(places)
        if found[0].ref not in refs:
            tally.missed.append(
                f"{filled.name} {places[:3]}: {filled.right[places[0]]} -> {values[places[0]]}:"
                f" {found[0].rule_id} {found[0].also} at {found[0].ref!r} right {found[0].right}"
            )
    return tally


def _print(mode: str, tallies: dict[str, Tally], *, show_missed: bool) -> None:
    print(f"{mode:28} planted  contradict  named first  accused")
    sums: dict[str, int] = defaultdict(int)
    for kind, tally in tallies.items():
        mark = "*" if kind in CLOSED else " "
        print(f" {mark}{kind:26} {tally.planted:7} {tally.contradict:11} {tally.named_first:12} {tally.accused:8}")
        if show_missed:
            print("\n".join(f"      {one}" for one in tally.missed))
        for name in ("planted", "contradict", "named_first", "accused", "clean"):
            sums[name] += getattr(tally, name)
    found = max(sums["contradict"], 1)
    print(f"  found of all planted: {sums['contradict'] / max(sums['planted'], 1):.3f}")
    at_least(f"the changed cell is named first ({mode})", sums["named_first"] / found, 0.85, "share")
    at_most(f"right cells accused beside a mistake ({mode})", sums["accused"] / max(sums["clean"], 1), 0.005, "share")


if __name__ == "__main__":
    main()
