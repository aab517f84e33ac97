"""The dbt project keeps the rules of dbt's project evaluator, which runs on it from outside, and our own on words.

The rules are those of its documentation, told again here over the manifest. What breaks one is excused by a row of
`catalogue/seeds/dbt_project_evaluator_exceptions.csv`, with a reason; a row that excuses nothing is found too.
"""

from __future__ import annotations

import csv
import fnmatch
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from ingest.core.catalogue_files import SEEDS
from runtime.warehouse.dbt import DBT_PROJECT, variables_option

pytestmark = pytest.mark.dbt

# The folders of models in the order of building, and how what lies in them is called.
PREFIXES = {
    "staging": ("stg_",),
    "reference": ("int_", "dim_"),
    "changes": ("int_",),
    "facts": ("fct_",),
    "figures": ("int_", "fct_"),
    "reports": ("rpt_",),
}
FOLDERS = tuple(PREFIXES)
# What a build of changes is to make anew is asked from every folder.
CHANGES = {"int_slices__changed", "int_submissions__changed"}
FANOUT, JOINS, CHAINED_VIEWS = 3, 7, 5
Finding = tuple[str, Mapping[str, str]]


class Project:
    """The manifest, with the relations that the rules speak of."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._manifest = manifest
        nodes = manifest["nodes"].values()
        self.models = {n["unique_id"]: n for n in nodes if n["resource_type"] == "model"}
        self.seeds = {n["unique_id"]: n for n in nodes if n["resource_type"] == "seed"}
        self.sources = manifest["sources"]
        self.macros = manifest["macros"]
        self.exposures = manifest["exposures"].values()
        self.parents = {k: {p for p in manifest["parent_map"][k] if p in self._resources} for k in self._resources}
        self.children = {k: {c for c in manifest["child_map"][k] if c in self.models} for k in self._resources}

    @cached_property
    def _resources(self) -> Mapping[str, Any]:
        return {**self.models, **self.seeds, **self.sources}

    @cached_property
    def tests(self) -> Mapping[str, list[Mapping[str, Any]]]:
        """Generic tests by the model that they test, which to the evaluator is the last one that they depend on."""
        found = defaultdict(list)
        for node in self._manifest["nodes"].values():
            is_of_model = node["resource_type"] == "test" and node.get("attached_node")
            if is_of_model and node["depends_on"]["nodes"][-1] == node["attached_node"]:
                found[node["attached_node"]].append(node)
        return found

    def name(self, unique_id: str) -> str:
        """What the evaluator calls a resource."""
        node = self._resources[unique_id]
        if unique_id in self.sources:
            return f"{node['source_name']}.{node['name']}"
        return f"{node['name']}.v{node['version']}" if node.get("version") else str(node["name"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    from dbt.cli.main import dbtRunner

    target = tmp_path_factory.mktemp("target")
    places = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target-path", str(target)]
    with pytest.MonkeyPatch.context() as patch:
        # Parsing connects to nothing.
        patch.setenv("PGUSER", "nobody")
        patch.setenv("PGDATABASE", "nothing")
        outcome = dbtRunner().invoke(["parse", "--quiet", "--log-path", str(target), *places, *variables_option()])
    assert outcome.success, outcome.exception
    return Project(json.loads((target / "manifest.json").read_text(encoding="utf-8")))


def modelling(project: Project) -> Iterator[Finding]:
    for key, model in project.models.items():
        layer = Path(model["original_file_path"]).parts[1]
        parents = project.parents[key]
        from_sources = [p for p in parents if p in project.sources]
        name = {"resource_name": model["name"], "child": model["name"], "model": model["name"]}
        if from_sources and layer != "staging":
            yield "fct_marts_or_intermediate_dependent_on_source", name
        if from_sources and len(parents) > 1:
            yield "fct_direct_join_to_source", name
        if len(from_sources) > 1:
            yield "fct_multiple_sources_joined", name
        if not parents:
            yield "fct_root_models", name
        if layer == "staging":
            for parent in parents & project.models.keys():
                kind = "staging" if project.name(parent).startswith("stg_") else "marts_or_intermediate"
                yield f"fct_staging_dependent_on_{kind}", name
        if len(parents) >= JOINS:
            yield "fct_too_many_joins", name
        if len([c for c in project.children[key] if not project.children[c]]) >= FANOUT:
            yield "fct_model_fanout", {"parent": project.name(key)}
        yield from rejoined(project, key)
        if chained_views(project, key) >= CHAINED_VIEWS:
            yield "fct_chained_views_dependencies", {"child": model["name"]}
        code = re.sub(r"--.*", "", model["raw_code"])
        if re.search(r"\b(from|join)\s+(\"?\w+\"?\.\"?\w+\"?|\{\{\s*var)", code, re.IGNORECASE):
            yield "fct_hard_coded_references", name
    for key in project.sources:
        if not project.children[key]:
            yield "fct_unused_sources", {"parent": project.name(key)}
        if len(project.children[key]) > 1:
            yield "fct_source_fanout", {"parent": project.name(key)}


def rejoined(project: Project, child: str) -> Iterator[Finding]:
    """A parent that comes in beside a model which is there for this child only and stands on the same parent."""
    parents = project.parents[child]
    for between in parents & project.models.keys():
        if len(project.children[between]) == 1:
            for parent in parents & project.parents[between]:
                names = {"parent": parent, "parent_and_child": between, "child": child}
                yield (
                    "fct_rejoining_of_upstream_concepts",
                    {column: project.name(unique_id) for column, unique_id in names.items()},
                )


def chained_views(project: Project, key: str) -> int:
    if project.models[key]["config"]["materialized"] not in {"view", "ephemeral", "readers_view"}:
        return 0
    return 1 + max((chained_views(project, p) for p in project.parents[key] & project.models.keys()), default=0)


def structure(project: Project) -> Iterator[Finding]:
    for key, model in project.models.items():
        path = Path(model["original_file_path"])
        layer = path.parts[1]
        if not model["name"].startswith(PREFIXES[layer]) and model["name"] != "metricflow_time_spine":
            yield "fct_model_naming_conventions", {"resource_name": model["name"]}
        for parent in project.parents[key] & project.sources.keys():
            if project.sources[parent]["source_name"] not in str(path.parent):
                yield "fct_model_directories", {"resource_name": model["name"]}
        for test in project.tests[key]:
            if Path(test["original_file_path"]).parent != path.parent:
                yield "fct_test_directories", {"test_name": test["name"]}
    for source in project.sources.values():
        if source["source_name"] not in str(Path(source["original_file_path"]).parent):
            yield "fct_source_directories", {"resource_name": source["name"]}


def keys_and_words(project: Project) -> Iterator[Finding]:
    keys = {"columns_are_unique", "unique_in_changed_slices", "key_is_enforced"}
    for key, model in project.models.items():
        kinds = defaultdict(set)
        for test in project.tests[key]:
            kinds[test["column_name"]].add(test["test_metadata"]["name"])
        if not any(found & keys or {"unique", "not_null"} <= found for found in kinds.values()):
            yield "fct_missing_primary_key_tests", {"resource_name": model["name"]}
        if not kinds:
            yield "fct_test_coverage", {"resource_name": model["name"]}
        if not model["description"]:
            yield "fct_undocumented_models", {"resource_name": model["name"]}
        if model["access"] == "public":
            if not model["contract"]["enforced"]:
                yield "fct_public_models_without_contract", {"resource_name": model["name"]}
            if any(not column["description"] for column in model["columns"].values()):
                yield "fct_undocumented_public_models", {"resource_name": model["name"]}
    for key, source in project.sources.items():
        if not source["description"] or not source["source_description"]:
            yield "fct_undocumented_source_tables", {"resource_name": project.name(key)}
        freshness = source.get("freshness") or {}
        if not any((freshness.get(after) or {}).get("count") for after in ("warn_after", "error_after")):
            yield "fct_sources_without_freshness", {"resource_name": project.name(key)}
    for exposure in project.exposures:
        for parent in exposure["depends_on"]["nodes"]:
            model = project.models.get(parent)
            if model is None or model["access"] != "public":
                yield "fct_exposures_dependent_on_private_models", {"exposure_name": exposure["name"]}
            elif model["config"]["materialized"] not in {"table", "incremental"}:
                yield "fct_exposure_parents_materializations", {"exposure_name": exposure["name"]}


def test_evaluator_finds_nothing_that_has_no_written_reason(project: Project) -> None:
    findings = [*modelling(project), *structure(project), *keys_and_words(project)]
    with (SEEDS / "dbt_project_evaluator_exceptions.csv").open(encoding="utf-8") as file:
        exceptions = list(csv.DictReader(file))
    assert all(row["comment"] for row in exceptions)

    def is_excused(finding: Finding, row: Mapping[str, str]) -> bool:
        rule, columns = finding
        pattern = row["id_to_exclude"].replace("%", "*")
        return rule == row["fct_name"] and fnmatch.fnmatchcase(columns.get(row["column_name"], ""), pattern)

    assert [f for f in findings if not any(is_excused(f, row) for row in exceptions)] == []
    unneeded = [row["id_to_exclude"] for row in exceptions if not any(is_excused(f, row) for f in findings)]
    assert unneeded == [], "exceptions that excuse nothing"


def test_everything_is_described_in_both_languages(project: Project) -> None:
    undescribed = []
    # The evaluator brings the description of its exceptions along; a second one is an error of dbt's.
    seeds = [seed for seed in project.seeds.values() if seed["name"] != "dbt_project_evaluator_exceptions"]
    for node in [*project.models.values(), *seeds]:
        if not re.search(r"\|\s|\n\n", node["description"]):
            undescribed.append(node["name"])
        undescribed += [
            f"{node['name']}.{column['name']}"
            for column in node["columns"].values()
            if " | " not in column["description"]
        ]
    assert undescribed == []


def test_public_models_have_contract_group_and_every_column(project: Project) -> None:
    public = [m for m in project.models.values() if m["access"] == "public"]
    assert {m["group"] for m in public} == {"warehouse"}
    assert {m["name"] for m in public} == {
        m["name"] for m in project.models.values() if m["name"].startswith(("dim_", "fct_", "rpt_", "metricflow_"))
    }
    assert [m["name"] for m in public if not m["contract"]["enforced"]] == []


def misread(project: Project) -> Iterator[tuple[str, str]]:
    """Each model with what it may not read: a later folder; for a report more than dimensions, facts and figures.

    A report that is a view may narrow another one.
    """
    for key, model in project.models.items():
        folder = folder_of(model)
        for parent in (project.models[p] for p in project.parents[key] & project.models.keys()):
            is_later = FOLDERS.index(folder_of(parent)) > FOLDERS.index(folder)
            is_for_reports = (
                folder_of(parent) == "figures"
                or parent["name"].startswith(("dim_", "fct_"))
                or parent["name"] in CHANGES
                or (parent["name"].startswith("rpt_") and model["config"]["materialized"] == "readers_view")
            )
            if is_later or (folder == "reports" and not is_for_reports):
                yield model["name"], parent["name"]


def folder_of(model: Mapping[str, Any]) -> str:
    return Path(model["original_file_path"]).parts[1]


def test_models_read_their_own_or_an_earlier_folder(project: Project) -> None:
    with (Path(__file__).parent / "folder_order_exceptions.csv").open(encoding="utf-8") as file:
        exceptions = {(row["model"], row["reads"]): row["reason"] for row in csv.DictReader(file)}
    assert all(exceptions.values()), "each exception has a reason"
    assert set(misread(project)) == exceptions.keys(), "excused is what breaks the rule, and nothing else"


def test_slices_are_of_listed_kinds_and_by_a_column_of_the_model(project: Project) -> None:
    kinds = slice_kinds(project)
    sliced = [m for m in project.models.values() if m["config"].get("incremental_strategy") == "replace_slices"]
    sliced = [m for m in sliced if m["config"]["materialized"] == "incremental"]
    assert len(sliced) > 20
    for model in sliced:
        found = model["config"]["meta"]["slice"]
        assert found["kind"] in kinds | {"submission"}, model["name"]
        assert found.get("unit", "submission_id") in model["columns"] or not model["columns"], model["name"]
    changed = next(m for m in project.models.values() if m["name"] == "int_slices__changed")
    assert set(re.findall(r"'(\w+)' as slice_kind", changed["raw_code"])) == kinds


def slice_kinds(project: Project) -> set[str]:
    """The kinds that the macro `slice_kinds` lists."""
    return set(re.findall(r"^ +'(\w+)':", project.macros["macro.ansinh.slice_kinds"]["macro_sql"], re.MULTILINE))


def test_every_macro_is_described(project: Project) -> None:
    own = [m for m in project.macros.values() if m["package_name"] == "ansinh"]
    assert [m["name"] for m in own if not m["description"]] == []


def test_what_overrides_dbt_stands_on_the_text_that_it_was_written_for(project: Project) -> None:
    """When dbt or its adapter changes one of these macros, ours has to be read again beside the new text."""
    overrides = [m for m in project.macros.values() if m["package_name"] == "ansinh" and m["meta"].get("stands_on")]
    in_place_of_dbt = {
        name
        for name in (m["name"] for m in project.macros.values() if m["package_name"] == "ansinh")
        if name.startswith(("postgres__", "materialization_", "generate_"))
    }
    assert {m["name"] for m in overrides} == in_place_of_dbt
    changed = []
    for macro in overrides:
        for base in macro["meta"]["stands_on"]:
            text = project.macros[base["macro"]]["macro_sql"].strip()
            if hashlib.sha256(text.encode()).hexdigest() != base["sha256"]:
                changed.append(f"{macro['name']} was written for {base['macro']} of {base['taken_from']}")
    assert changed == []


def test_no_indicator_is_named_in_sql(project: Project) -> None:
    """Which indicator stands where is data: a column of a seed."""
    with (SEEDS / "indicators.csv").open(encoding="utf-8") as file:
        codes = {row["code"] for row in csv.DictReader(file)}
    texts = {m["name"]: m["raw_code"] for m in project.models.values()}
    texts |= {m["name"]: m["macro_sql"] for m in project.macros.values() if m["package_name"] == "ansinh"}
    # A column may be called as an indicator is: in the profile it is told by the seed which one it shows.
    profile = set(re.findall(r"^    '(\w+)',?$", texts.pop("rpt_unit_profile"), re.MULTILINE))
    assert profile
    named = {name: codes & set(re.findall(r"'(\w+)'", text)) for name, text in texts.items()}
    assert {name: found for name, found in named.items() if found} == {}
