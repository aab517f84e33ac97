"""How sure a reading is: the share of readings like it that were right."""

from __future__ import annotations

from ingest.narrative.attach import Reading


def confidence(reading: Reading) -> float:
    """From 0 to 1; 0 where no indicator was found."""
    if not reading.indicator:
        return 0.0
    strength = min(1.0, max(0.0, (reading.score - 0.5) / 0.6))
    lead = min(1.0, max(0.0, reading.margin / 0.3))
    return round(0.45 + 0.3 * strength + 0.24 * lead, 3)
