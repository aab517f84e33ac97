"""Thresholds have one place, which Python and dbt read."""

from __future__ import annotations

import json

import pytest
import yaml
from pydantic import ValidationError

from ingest.core.catalogue import load_catalogue
from ingest.review.proposals import minimum_confidence
from runtime.thresholds import THRESHOLDS, Thresholds, load_thresholds
from runtime.warehouse.dbt import variables_option

DATA = yaml.safe_load(THRESHOLDS.read_text(encoding="utf-8"))


def test_both_sides_get_what_the_file_says():
    option, text = variables_option({"known_at": "2024-01-01T00:00:00Z"})
    assert option == "--vars"
    given = json.loads(text)
    assert given.items() >= DATA.items()
    assert given["office_timezone"] == "Asia/Ho_Chi_Minh"
    assert given["known_at"] == "2024-01-01T00:00:00Z"
    assert minimum_confidence() == DATA["minimum_confidence"]


def test_small_counts_are_of_units_of_measure_that_there_are():
    assert set(load_thresholds().small_count_units) <= load_catalogue().code_lists["unit"].keys()


@pytest.mark.parametrize("change", [{"minimum_confidence": 1.5}, {"small_count_threshold": 0}, {"misspelt": 1}])
def test_what_is_no_threshold_is_refused(change):
    with pytest.raises(ValidationError):
        Thresholds.model_validate(DATA | change)
