"""The rates by which the warehouse measures payments are those by which the lists themselves are checked."""

from __future__ import annotations

import csv

import yaml

from ingest.core.catalogue_files import SEEDS
from runtime.settings import PROJECT


def test_seed_says_what_the_lists_definitions_say() -> None:
    defined = {
        (
            path.parent.name,
            rule.get("category", ""),
            rule["rate"],
            rule.get("rate_category", "").split("{")[0],
            "{" in rule.get("rate_category", ""),
            rule.get("times", ""),
        )
        for path in sorted((PROJECT / "catalogue" / "forms").glob("*/v01.list.yml"))
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rates"]
    }
    with (SEEDS / "payment_rates.csv").open(encoding="utf-8") as file:
        seeded = {
            (
                row["form_code"],
                row["category_code"],
                row["rate_code"],
                row["rate_category"],
                row["is_prefix"] == "true",
                row["times_rate_code"],
            )
            for row in csv.DictReader(file)
        }
    assert seeded == defined
