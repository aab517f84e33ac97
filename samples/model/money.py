"""What the law pays, from the catalogue's rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ingest.core.catalogue import Catalogue


def rate(catalogue: Catalogue, code: str, on: date, category: str = "") -> Decimal:
    """A legal rate in force on a day.

    Raises:
        LookupError: the catalogue holds none.
    """
    found = catalogue.rate_on(code, on, category)
    if found is None:
        raise LookupError(f"no rate {code} {category} on {on}")
    return found.value


def health_insurance_premium(catalogue: Catalogue, on: date) -> int:
    """Dong a month for one card, wholly paid by the budget."""
    return int(rate(catalogue, "hi_premium_rate", on) * rate(catalogue, "base_salary", on) / 100)
