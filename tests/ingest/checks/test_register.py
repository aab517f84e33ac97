"""The register of rules: what is wrong with it is said with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.checks.validate import validate_rules
from ingest.core.catalogue_files import RULES


@pytest.fixture
def register(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def test_the_register_can_be_used() -> None:
    assert validate_rules() == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("between.yml", "relation: at_most", "relation: below", "relation"),
        ("between.yml", "indicator: trainees", "indicator: pupils", 'no indicator "pupils"'),
        ("between.yml", "channel: vocational_training", "channel: magic", '"magic" is not in the list'),
        ("between.yml", "forms: [employment]", "forms: [employ]", 'no form "employ"'),
        ("between.yml", "id: BTW-002", "id: BTW-001", "BTW-001 is used twice"),
        ("between.yml", "tolerance_pct: 20", "tolerance_pct: -1", "tolerance_pct"),
        ("between.yml", "valid_to: 2025-07-01", "valid_to: 2025-07-32", "valid_to"),
        ("every_form.yml", "id: WB-023", "id: POV-001", "POV-001 is used twice"),
        ("retired.yml", "id: GX-010", "id: GX-001", "GX-001 is used twice"),
        ("findings.yml", "severity: error", "severity: fatal", "severity"),
        ("expectations.yml", "what_vi:", "what_fr:", "what_"),
        ("rule_texts.yml", "together:", "apart:", 'no text for "together"'),
        ("slip_texts.yml", "sign:", "signs:", 'no text for "sign"'),
    ],
)
def test_a_fault_is_told_with_its_line(register: Path, name: str, old: str, new: str, said: str) -> None:
    path = register / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = validate_rules(register)
    assert any(said in problem.message for problem in problems), problems
    assert all(problem.line >= 1 for problem in problems)
