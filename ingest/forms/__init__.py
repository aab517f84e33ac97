"""Forms as data: one folder per form, read once per process.

`README.md` beside this module tells how a form is written; `schema.py` holds its exact shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ingest.core.catalogue_files import FORMS
from ingest.forms.schema import Form, FormHead, FormRule, Version
from ingest.forms.yaml_file import DefinitionError, YamlFile, read_yaml

__all__ = ["DefinitionError", "Form", "load_form", "load_forms"]


@lru_cache(maxsize=4)
def load_forms(folder: Path = FORMS) -> Mapping[str, Form]:
    """Every form by its code.

    Raises:
        DefinitionError: a file does not fit the schema. What fits the schema but not the catalogue
            is found by `ansinh forms validate`.
    """
    forms = (load_form(head.parent) for head in sorted(folder.glob("*/form.yml")))
    return {form.code: form for form in forms}


def load_form(folder: Path) -> Form:
    """The form defined in a folder.

    Raises:
        DefinitionError: a file does not fit the schema.
    """
    head = read_yaml(folder / "form.yml").parse(FormHead)
    versions = tuple(read_yaml(path).parse(Version) for path in version_files(folder))
    rules_file = folder / "rules.yml"
    rules = tuple(rules_of(read_yaml(rules_file))) if rules_file.exists() else ()
    return Form(head, versions, rules)


def version_files(folder: Path) -> list[Path]:
    """The files of a form's versions, oldest first."""
    return sorted(folder.glob("v[0-9][0-9].yml"))


def rules_of(file: YamlFile) -> list[FormRule]:
    """The rules in a `rules.yml`.

    Raises:
        DefinitionError: the file is no list of rules.
    """
    if not isinstance(file.value, list):
        raise DefinitionError([file.problem((), "rules.yml is a list of rules")])
    return [file.parse(FormRule, (index,)) for index in range(len(file.value))]
