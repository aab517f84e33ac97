"""Where the catalogue's files lie: what is asked, what it means, what the law says, what is reported. Data only."""

from __future__ import annotations

from pathlib import Path

CATALOGUE = Path(__file__).resolve().parents[2] / "catalogue"

SEEDS = CATALOGUE / "seeds"
FORMS = CATALOGUE / "forms"
RULES = CATALOGUE / "rules"
LEXICON = CATALOGUE / "lexicon"
REPORTS = CATALOGUE / "reports"
