"""Queries the semantic layer as a BI tool does: MetricFlow makes the SQL, which the BI role then runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.postgres import PostgresSQLSqlPlanRenderer
from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from metricflow_semantic_interfaces.transformations.semantic_manifest_transformer import (
    PydanticSemanticManifestTransformer,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup


class _Dialect:
    """What MetricFlow has to know of the database in order to write SQL; it is given no connection."""

    sql_engine_type = SqlEngine.POSTGRES
    sql_plan_renderer = PostgresSQLSqlPlanRenderer()


def sql_of(manifest: Path, metrics: Sequence[str], group_by: Sequence[str], where: Sequence[str] = ()) -> str:
    """The SQL of a query of metrics; `manifest` is dbt's semantic_manifest.json."""
    parsed = PydanticSemanticManifestTransformer.transform(
        PydanticSemanticManifest.parse_raw(manifest.read_text(encoding="utf-8"))
    )
    engine = MetricFlowEngine(SemanticManifestLookup(parsed), _Dialect())  # type: ignore[arg-type]
    request = MetricFlowQueryRequest.create(
        metric_names=metrics, group_by_names=group_by, order_by_names=group_by, where_constraints=where
    )
    return engine.explain(request).sql_statement.sql
