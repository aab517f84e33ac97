"""Why a document cannot be opened."""

from __future__ import annotations


class UnreadableDocumentError(ValueError):
    """The document cannot be opened; the message says why, without quoting it."""


class ScannedDocumentError(ValueError):
    """The PDF holds pictures of pages and no text."""
