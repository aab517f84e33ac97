"""The layout that a newcomer relies on: a test file per large module, and no file that nobody reads in one go.

What does not keep to it stands in `project_layout.yml` beside this, each with its reason; an entry that has become
needless is refused too, so that the list only shrinks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from runtime.settings import PROJECT

PACKAGES = ("bench", "catalogue", "dags", "ingest", "jobs", "publish", "runtime", "samples")
LARGE, LARGEST = 150, 600
TESTS = PROJECT / "tests"


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def modules() -> Iterator[str]:
    """Every module of the packages, by its path from the checkout."""
    for package in PACKAGES:
        for path in (PROJECT / package).rglob("*.py"):
            yield path.relative_to(PROJECT).as_posix()


def mirror_of(module: str) -> Path:
    """The test file of a module: `ingest/core/text.py` → `tests/ingest/core/test_text.py`; of a package, beside it."""
    path = Path(module)
    named = path.parent if path.name == "__init__.py" else path
    return TESTS / named.parent / f"test_{named.stem}.py"


@pytest.fixture(scope="module")
def exceptions() -> dict[str, dict[str, str]]:
    return yaml.safe_load((TESTS / "project_layout.yml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_the_packages_are_found() -> None:
    assert len(list(modules())) > 150


def test_a_large_module_has_a_test_file_that_mirrors_it(exceptions: dict[str, dict[str, str]]) -> None:
    excused = exceptions["without_mirror"]
    without = {m for m in modules() if lines_of(PROJECT / m) > LARGE and not mirror_of(m).exists()}
    assert sorted(without - excused.keys()) == [], "give it a test file, or project_layout.yml a reason"
    assert sorted(excused.keys() - without) == [], "needs no excuse any more: take it out of project_layout.yml"


def test_no_file_is_too_long(exceptions: dict[str, dict[str, str]]) -> None:
    excused = exceptions["too_long"]
    tests = (path.relative_to(PROJECT).as_posix() for path in TESTS.rglob("*.py"))
    long = {m for m in (*modules(), *tests) if lines_of(PROJECT / m) > LARGEST}
    assert sorted(long - excused.keys()) == [], "cut it at its joints"
    assert sorted(excused.keys() - long) == [], "needs no excuse any more: take it out of project_layout.yml"


def test_every_exception_has_its_reason(exceptions: dict[str, dict[str, str]]) -> None:
    assert exceptions.keys() == {"without_mirror", "too_long"}
    reasons = [reason for group in exceptions.values() for reason in group.values()]
    assert all(isinstance(reason, str) and len(reason) > 20 for reason in reasons)


def test_tests_mirror_the_packages() -> None:
    """A folder of tests is named after what it tests: a package, or one of the few that go across them."""
    across = {"dbt", "end_to_end", "security"}
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")} - {Path()}
    astray = [folder for folder in folders if folder.parts[0] not in across and not (PROJECT / folder).is_dir()]
    assert astray == []


def test_the_hooks_before_a_commit_are_what_make_check_does() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(check-[a-z]+):", makefile, re.MULTILINE))
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    assert {hook["entry"].split()[-1] for hook in hooks[0]["hooks"]} == targets
    run_by_check = re.search(r"^check: .*\n(.*)$", makefile, re.MULTILINE)
    assert run_by_check is not None
    assert set(re.findall(r"check-[a-z]+", run_by_check[1])) == targets
