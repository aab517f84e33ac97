"""Which cell is named: the smallest explanation, a slip that fits, no formula in place of a typed cell."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.core.catalogue import Catalogue, load_catalogue
from ingest.forms.relations import Figure, Place, Relation, holds
from ingest.forms.schema import FormRule
from ingest.forms.slips import likely_slip, slips_of
from ingest.forms.smallest_set import smallest_sets
from ingest.forms.suspects import Mistake, Network, mistakes_of

from bench.planted_mistakes import KINDS, FilledForm, filled_forms  # isort: skip
from ingest.forms.rules import check_figures
from samples.books import sample_books

ROWS, COLUMNS = ("a", "b", "c", "d"), ("x", "y", "whole")
RULE = FormRule(id="AB-001", kind="sum", name_vi="cộng", name_en="sum", whole="whole", parts=("x", "y"))
TOTAL = FormRule(id="AB-002", kind="total_row", name_vi="tổng", name_en="total")


def made_table() -> dict[Place, Decimal]:
    """Four rows, the sum of two columns, and a total row."""
    values: dict[Place, Decimal] = {}
    for number, row in enumerate(ROWS, start=1):
        values[row, "x"], values[row, "y"] = Decimal(137 * number), Decimal(59 * number + 4)
        values[row, "whole"] = values[row, "x"] + values[row, "y"]
    for column in COLUMNS:
        values["total", column] = sum((values[row, column] for row in ROWS), Decimal(0))
    return values


def relations() -> list[Relation]:
    zero = Decimal(0)
    found = []
    for row in (*ROWS, "total"):
        parts = (((row, "whole"), 1), ((row, "x"), -1), ((row, "y"), -1))
        found.append(Relation(RULE, "sum", (row, "whole"), (parts,), zero, zero))
    for column in COLUMNS:
        slot = ((("total", column), 1), *(((row, column), -1) for row in ROWS))
        found.append(Relation(TOTAL, "sum", ("total", column), (slot,), zero, zero))
    return found


def mistakes(changed: Mapping[Place, Decimal], formulas: frozenset[Place] = frozenset()) -> list[Mistake]:
    values = {**made_table(), **changed}
    figures = {place: Figure(value, str(place), "person") for place, value in values.items()}
    return mistakes_of(Network(relations(), figures, formulas, [(ROWS, COLUMNS)]))


def test_a_right_table_has_no_mistake() -> None:
    assert mistakes({}) == []


@pytest.mark.parametrize("place", sorted(made_table()))
def test_a_cell_that_breaks_two_relations_is_named_alone(place: Place) -> None:
    right = made_table()[place]
    (mistake,) = mistakes({place: right + 31})
    (suspect,) = mistake.suspects
    assert (suspect.place, suspect.right) == (place, right)


def test_a_formula_is_never_named_before_a_typed_cell() -> None:
    # All sums are formulas: a wrong part changes them, and nothing is broken but what an outside rule says.
    formulas = frozenset(place for place in made_table() if "whole" in place or "total" in place)
    wrong = {("b", "x"): Decimal(999)}
    values = {**made_table(), **wrong}
    for row in ROWS:
        values[row, "whole"] = values[row, "x"] + values[row, "y"]
    for column in COLUMNS:
        values["total", column] = sum((values[row, column] for row in ROWS), Decimal(0))
    values["other", "x"] = made_table()["total", "x"]
    slot = ((("total", "x"), 1), (("other", "x"), -1))
    outside = Relation(RULE, "sum", ("total", "x"), (slot,), Decimal(0), Decimal(0))
    figures = {place: Figure(value, str(place), "person") for place, value in values.items()}
    (mistake,) = mistakes_of(Network([*relations(), outside], figures, formulas, [(ROWS, COLUMNS)]))
    assert mistake.suspects[0].place not in formulas


def test_a_formula_over_too_few_rows_is_itself_the_mistake() -> None:
    place = ("total", "x")
    formulas = frozenset({place})
    (mistake,) = mistakes({place: made_table()[place] - 137}, formulas)
    assert mistake.suspects[0].place == place


def test_two_mistakes_are_two_findings() -> None:
    right = made_table()
    wrong = {("a", "x"): right["a", "x"] + 200, ("c", "y"): right["c", "y"] * 10}
    found = mistakes(wrong)
    assert {mistake.suspects[0].place: mistake.suspects[0].right for mistake in found} == {
        place: right[place] for place in wrong
    }


def test_figures_changed_over_are_one_mistake() -> None:
    right = made_table()
    found = mistakes({("a", "x"): right["b", "x"], ("b", "x"): right["a", "x"]})
    assert [(one.pattern, one.named) for one in found] == [("cells_changed_over", ("a", "b"))]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000), count=st.integers(1, 3))
def test_the_smallest_set_is_no_larger_than_what_was_changed(seed: int, count: int) -> None:
    random = Random(seed)
    right = made_table()
    changed = {place: right[place] + random.randrange(1, 500) for place in random.sample(sorted(right), count)}
    values = {**right, **changed}
    figures = {place: Figure(value, str(place), "person") for place, value in values.items()}
    network = Network(relations(), figures)
    broken = [n for n, one in enumerate(network.relations) if not holds(one, network.value_of)]
    if not broken:
        return
    sets = smallest_sets(network, broken, 3)
    assert sets
    assert all(len(one) <= count for one in sets)
    for one in sets:
        mended = {**values, **one}
        assert all(holds(relation, mended.__getitem__) for relation in network.relations)


@pytest.mark.parametrize(
    ("typed", "right", "kind"),
    [
        ("41", "14", "swapped_digits"),
        ("-470", "470", "sign"),
        ("1380", "138", "digit_more"),
        ("11390000", "113940000", "digit_less"),
        ("13260000", "103260000", "digit_less"),
        ("4414.8", "4414800", "unit_of_money"),
        ("356", "351", "one_digit"),
    ],
)
def test_a_slip_is_known_by_its_trace(typed: str, right: str, kind: str) -> None:
    slip = likely_slip(Decimal(typed), Decimal(right), Decimal(right), "vnd")
    assert slip is not None
    assert slip.kind == kind


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15))
def test_no_slip_leads_to_the_number_itself(typed: Decimal) -> None:
    found = [slip.right for slip in slips_of(typed, "vnd")]
    assert typed not in found
    assert len(found) == len(set(found))


@pytest.fixture(scope="module")
def employment() -> FilledForm:
    catalogue: Catalogue = load_catalogue()
    book = next(b for b in sample_books(catalogue) if b.forms == ("employment",) and b.shape == "template")
    return next(filled_forms(book, catalogue))


@pytest.mark.parametrize("kind", ["swap_digits", "times_10", "women_above_all", "total_swapped", "sign"])
def test_planted_mistakes_are_one_finding_at_their_cell(kind: str, employment: FilledForm) -> None:
    planted = KINDS[kind](employment, Random(5))
    assert planted is not None
    values, places = planted
    found = check_figures(
        employment.form, employment.tables, employment.figures(values), employment.catalogue, employment.period
    ).findings
    assert [one.ref for one in found] == ["\t".join(places[0])]
