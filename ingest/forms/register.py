"""The register of rules: what holds for every form, and what joins forms, periods and levels.

A form's own rules stand beside the form (`rules.yml`), the texts of general findings in `findings.yml`
(`ingest/core/findings.py`). All files of rules are in `catalogue/rules/`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ingest.core.catalogue_files import RULES
from ingest.forms.schema import FormRule
from ingest.forms.yaml_file import DefinitionError, read_yaml

EVERY_FORM_FILE = RULES / "every_form.yml"


@lru_cache(maxsize=2)
def every_form_rules(path: Path = EVERY_FORM_FILE) -> tuple[FormRule, ...]:
    """The rules that hold within every form.

    Raises:
        DefinitionError: the file is no list of rules.
    """
    file = read_yaml(path)
    if not isinstance(file.value, list):
        raise DefinitionError([file.problem((), f"{path.name} is a list of rules")])
    return tuple(file.parse(FormRule, (index,)) for index in range(len(file.value)))
