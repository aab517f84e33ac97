"""Definitions of lists: what does not fit together is refused when it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.core.catalogue_files import FORMS
from ingest.readers.payment_list.list_schema import CategoryWords, RateRule, is_passed_over, list_files, load_lists


def test_the_projects_lists_are_loaded_with_their_versions_oldest_first() -> None:
    lists = load_lists()
    assert sorted(lists) == ["list_merit_subsidy", "list_social_assistance"]
    assert sum(map(len, lists.values())) == len(list_files())
    for versions in lists.values():
        begins = [one.version.valid_from for one in versions]
        assert begins == sorted(begins)
        for one in versions:
            assert {column.key for column in one.table.leaves} >= {"name", "amount"}
            assert sum(is_passed_over(column.key) for column in one.table.leaves) == len(one.layout.passed_over)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"rate": "r", "rate_category": "x"}, "needs category"),
        ({"rate": "r", "category": "c", "rate_category": "t{injury_pct:03d}"}, "needs injury_pct"),
        ({"rate": "r", "injury_pct": (40, 21)}, "range from 1 to 100"),
        ({"rate": "r", "injury_pct": (0, 21)}, "range from 1 to 100"),
        ({"rate": "r", "injury_pct": (90, 101)}, "range from 1 to 100"),
        ({"rate": "r", "colour": "red"}, "Extra inputs"),
        ({}, "Field required"),
    ],
)
def test_a_rate_that_does_not_fit_together_is_refused(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        RateRule.model_validate(fields)


@pytest.mark.parametrize("ages", [(16, 16), (60, 16)])
def test_an_age_above_its_own_limit_is_refused(ages: tuple[int, int]) -> None:
    with pytest.raises(ValidationError, match="greater than"):
        CategoryWords.model_validate({"words": ["x"], "from_age": ages[0], "below_age": ages[1]})


def test_a_folder_without_lists_has_none(tmp_path: Path) -> None:
    assert list_files(tmp_path) == []
    assert load_lists(tmp_path) == {}


def test_every_list_belongs_to_a_form() -> None:
    assert all((path.parent / "form.yml").exists() for path in list_files(FORMS))
