"""The lexicon's files: where they lie, and how one is read by its schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from ingest.core.catalogue_files import LEXICON

FOLDER = LEXICON


class LexiconError(ValueError):
    """A file of the lexicon is not as it must be; the message names file and entry."""


# An entry of a file may hold nothing that its schema does not know.
STRICT = ConfigDict(extra="forbid", frozen=True)


def read_data(path: Path, schema: Any) -> Any:
    """Reads a YAML file by a schema.

    Raises:
        LexiconError: the file cannot be read or breaks the schema; the message names it.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return TypeAdapter(schema).validate_python(content)
    except (OSError, yaml.YAMLError, ValidationError) as problem:
        raise LexiconError(f"{path.name}: {problem}") from problem
