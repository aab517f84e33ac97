"""Payment lists: a row per person paid, read under pseudonyms, checked and added up."""

from __future__ import annotations

from ingest.readers.payment_list.open_list import holds_list
from ingest.readers.payment_list.read_list import read_payment_list

__all__ = ["holds_list", "read_payment_list"]
