"""YAML that knows its lines: what is wrong with a definition is said with file and line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a definition, with the file and the line (from 1)."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class DefinitionError(ValueError):
    """A definition can't be used; `problems` says why, each with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class YamlFile:
    """A parsed file: its value and the nodes it came from."""

    path: Path
    value: Any
    node: yaml.Node | None

    def line(self, location: Location) -> int:
        """The line of the deepest part of a location (keys and indexes) that exists."""
        node, line = self.node, 1
        for step in location:
            if node is None:
                break
            found = _step(node, step)
            if found is None:
                # Pydantic puts the names of union members into its locations; they are no steps in the file.
                continue
            line, node = found
        return line

    def problem(self, location: Location, message: str) -> Problem:
        """A problem at a location."""
        return Problem(self.path, self.line(location), message)

    def parse(self, model: type[Model], location: Location = ()) -> Model:
        """Checks the part at a location against a schema.

        Raises:
            DefinitionError: it does not fit.
        """
        value = self.value
        for step in location:
            value = value[step]
        try:
            return model.model_validate(value)
        except ValidationError as error:
            problems = []
            for detail in error.errors(include_url=False):
                where = (*location, *detail["loc"])
                named = ".".join(str(step) for step in detail["loc"])
                problems.append(self.problem(where, f"{named}: {detail['msg']}" if named else detail["msg"]))
            raise DefinitionError(problems) from None


class _Loader(yaml.CSafeLoader):
    """Leaves dates to the schema: an impossible one is then named with its place."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path) -> YamlFile:
    """Reads a file.

    Raises:
        DefinitionError: it is no YAML, or a key stands twice in one mapping.
    """
    text = path.read_text(encoding="utf-8")
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            value = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DefinitionError([Problem(path, mark.line + 1 if mark else 1, str(error.problem))]) from None
    twice = list(_repeated_keys(path, node)) if node is not None else []
    if twice:
        raise DefinitionError(twice)
    return YamlFile(path, value, node)


def _step(node: yaml.Node, step: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None


def _repeated_keys(path: Path, node: yaml.Node) -> list[Problem]:
    problems = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                problems.append(Problem(path, key.start_mark.line + 1, f'"{key.value}" stands twice'))
            seen.add(key.value)
            problems += _repeated_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            problems += _repeated_keys(path, item)
    return problems
