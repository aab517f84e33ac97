"""Filled templates go through what happens to workbooks, and every figure arrives or a finding says why not."""

from __future__ import annotations

import copy
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from random import Random

import pytest

import tests.ingest.readers.page_mutations  # noqa: F401
from bench.made_forms import consistent_values
from ingest.core.catalogue import Catalogue, Unit
from ingest.core.model import ReadFile
from ingest.forms.schema import Form
from ingest.readers.form.read_form import read_workbook
from ingest.submitters.form_template import write_template
from tests.ingest.readers.mutations import MUTATIONS, SAME, may_follow
from tests.ingest.readers.sheets import Book, read_book, write_book

PERIOD, PERIOD_KIND = "2023", "year"
FORMS_PER_MUTATION = 4
COMBINATIONS = 40

# What a typing error leaves of a label may fit no label any more: then a finding must say so.
MAY_BE_SAID = {"typing_errors_in_headings", "units_misspelled", "category_labels_retyped"}

Figures = Mapping[tuple[str, ...], Decimal]


@dataclass(frozen=True)
class Filled:
    """A filled template as grids, and the figures that it holds."""

    code: str
    book: Book
    figures: Figures


@dataclass(frozen=True)
class Outcome:
    """What became of a deformed book: `same`, `said` (a finding) or `silent`; `wrong` figures by key."""

    kind: str
    wrong: list[tuple[str, ...]]
    findings: list[str]


def _figures(read: ReadFile) -> dict[tuple[str, ...], Decimal]:
    return {
        (s.form_code, s.period, o.unit_id, o.indicator_code, o.breakdown, o.measure, o.accumulation): o.value
        for s in read.submissions
        for o in s.observations
    }


@pytest.fixture(scope="module")
def filled(
    forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Filled]:
    """A filled template per form, each read back before anything happens to it."""
    folder = tmp_path_factory.mktemp("filled")
    made = {}
    for code, form in forms.items():
        if PERIOD_KIND not in form.head.frequency or not form.versions[0].tables:
            continue
        path = folder / f"{code}.xlsx"
        write_template(
            form, dak_mil, PERIOD, path, catalogue, consistent_values(form, dak_mil, PERIOD, catalogue, Random(1))
        )
        read = read_workbook(path.read_bytes(), path.name, catalogue, forms)
        assert not read.all_findings
        made[code] = Filled(code, read_book(path.read_bytes()), _figures(read))
    return made


@pytest.fixture(scope="module")
def shares(request: pytest.FixtureRequest) -> Iterator[dict[str, Counter[str]]]:
    """How many books came through, by kind of deformation; printed at the end."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    yield counted
    lines = ["", f"{'deformation':<40} {'same':>6} {'said':>6} {'silent':>6}"]
    for name, kinds in counted.items():
        total = kinds.total()
        lines.append(f"{name:<40} " + " ".join(f"{kinds[kind] / total:>6.0%}" for kind in ("same", "said", "silent")))
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\n".join(lines))


def _outcome(book: Book, expected: Figures, catalogue: Catalogue, forms: Mapping[str, Form]) -> Outcome:
    read = read_workbook(write_book(book), "returned.xlsx", catalogue, forms)
    figures = _figures(read)
    findings = [finding for finding in read.all_findings if finding.severity != "info"]
    is_clean = not any(finding.severity == "error" for finding in findings)
    kind = "same" if figures == expected and is_clean else "said" if findings else "silent"
    wrong = [key for key, value in figures.items() if expected.get(key) != value]
    return Outcome(kind, wrong, [f"{f.rule_id} {f.ref} {f.message_en}" for f in findings[:5]])


def _deformed(name: str, filled: Mapping[str, Filled]) -> Iterator[tuple[Filled, Book]]:
    """A few books that a deformation changes: others for each deformation, the same in every run."""
    random = Random(zlib.crc32(name.encode()))
    left = FORMS_PER_MUTATION
    for one in random.sample(list(filled.values()), len(filled)):
        book = copy.deepcopy(one.book)
        MUTATIONS[name].apply(book, random)
        if book != one.book:
            yield one, book
            left -= 1
        if not left:
            return


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_deformation(
    name: str,
    filled: Mapping[str, Filled],
    shares: dict[str, Counter[str]],
    catalogue: Catalogue,
    forms: Mapping[str, Form],
) -> None:
    for one, book in _deformed(name, filled):
        outcome = _outcome(book, one.figures, catalogue, forms)
        shares[name][outcome.kind] += 1
        assert outcome.kind != "silent", f"{one.code}: figures were lost in silence"
        if MUTATIONS[name].promise == SAME:
            assert not outcome.wrong, f"{one.code}: {outcome.wrong[:3]} {outcome.findings}"
            assert outcome.kind == "same" or name in MAY_BE_SAID, f"{one.code}: {outcome.findings}"


@pytest.mark.parametrize("seed", range(COMBINATIONS))
def test_deformations_together(
    seed: int,
    filled: Mapping[str, Filled],
    shares: dict[str, Counter[str]],
    catalogue: Catalogue,
    forms: Mapping[str, Form],
) -> None:
    random = Random(seed)
    harmless = [mutation for mutation in MUTATIONS.values() if mutation.promise == SAME]
    names: list[str] = []
    while len(names) < 3:
        name = random.choice(harmless).name
        if may_follow(name, names):
            names.append(name)
    one = random.choice(list(filled.values()))
    book = copy.deepcopy(one.book)
    for name in names:
        MUTATIONS[name].apply(book, random)
    outcome = _outcome(book, one.figures, catalogue, forms)
    shares["three together"][outcome.kind] += 1
    assert outcome.kind != "silent", f"{one.code}, {names}: figures were lost in silence"
    assert not outcome.wrong, f"{one.code}, {names}: {outcome.wrong[:3]} {outcome.findings}"
    assert outcome.kind == "same" or MAY_BE_SAID & set(names), f"{one.code}, {names}: {outcome.findings}"
