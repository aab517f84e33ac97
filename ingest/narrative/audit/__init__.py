"""Do the figures of a report agree with each other?"""

from ingest.narrative.audit.checks import check

__all__ = ["check"]
