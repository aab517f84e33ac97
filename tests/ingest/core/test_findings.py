"""Texts of rules are data, and complete."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from ingest.checks.expectations import load_expectation_rules
from ingest.core.findings import finding, load_rules


def test_a_finding_fills_in_what_was_met():
    found = finding("FILE-003", "", name="bao-cao.xlsx", size_mb=120, limit_mb=100, lhs=Decimal(5), rhs=Decimal(7))
    assert "120 MB" in found.message_vi
    assert "120 MB" in found.message_en
    assert found.difference == -2


def test_a_hostile_value_is_cut():
    found = finding("FILE-002", "", name="x" * 1_000_000, kind="?")
    assert len(found.message_vi) < 1000


def test_a_forgotten_value_is_an_error_of_ours():
    with pytest.raises(KeyError):
        finding("FILE-003", "", name="a")


def test_both_languages_speak_of_the_same_values():
    for rule in load_rules().values():
        values = [
            set(re.findall(r"{(\w+)", what + mend))
            for what, mend in ((rule.what_vi, rule.mend_vi), (rule.what_en, rule.mend_en))
        ]
        bare = [{re.sub("_(vi|en)$", "", name) for name in names} for names in values]
        assert bare[0] == bare[1], rule.id


def test_ids_are_used_once_over_all_files():
    ids = [*load_rules(), *(rule.rule_id for rule in load_expectation_rules())]
    assert len(ids) == len(set(ids))
