"""Payment lists: a row per person paid, read under pseudonyms, checked and added up."""

from __future__ import annotations

from ingest.lists.book import holds_list
from ingest.lists.reader import read_payment_list

__all__ = ["holds_list", "read_payment_list"]
