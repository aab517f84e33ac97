"""Where the answers to senders lie."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePosixPath

from runtime.settings import Settings

SUFFIX = ".phan-hoi.xlsx"
_LONGEST_NAME_BYTES = 200
# No folder of a sender's may bear the name of an answer: one of them could not be written, ever.
_LIKE_AN_ANSWER = re.compile(rf"{re.escape(SUFFIX)}_*", re.IGNORECASE)


def feedback_path(source_path: str, settings: Settings) -> Path:
    """Where the answer to a file goes: the same folders as in the inbox, below `outbox/feedback`.

    A folder whose name ends as an answer's does gets a `_` more.
    """
    # A path from the command line may be absolute or climb; below the outbox it must not.
    parts = [part for part in PurePosixPath(source_path).parts if part not in ("/", "..", ".")]
    folders = [_fitting_name(f"{part}_" if _is_like_an_answer(part) else part) for part in parts[:-1]]
    return settings.feedback.joinpath(*folders, _fitting_name(parts[-1]) + SUFFIX)


def _is_like_an_answer(folder: str) -> bool:
    at = folder.lower().rfind(SUFFIX)
    return at >= 0 and _LIKE_AN_ANSWER.fullmatch(folder, at) is not None


def _fitting_name(name: str) -> str:
    """A name that leaves room for an ending in the 255 bytes that file systems allow."""
    encoded = name.encode()
    if len(encoded) <= _LONGEST_NAME_BYTES:
        return name
    digest = hashlib.sha256(encoded).hexdigest()[:16]
    return f"{encoded[: _LONGEST_NAME_BYTES - 17].decode(errors='ignore')}-{digest}"
