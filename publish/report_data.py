"""Loads what a report shows: one province and period, in one consistent look at the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, LiteralString

from psycopg import Connection, IsolationLevel, sql
from psycopg.rows import dict_row

from ingest.core.catalogue import Catalogue, Unit, load_catalogue
from ingest.core.model import breakdown_key, parse_breakdown
from ingest.core.periods import Period, parse_period
from ingest.forms import load_forms
from publish.definition import ReportDefinition
from publish.model import (
    Due,
    Figure,
    ReportData,
    ReportedFinding,
    ReportingUnit,
    Source,
    Target,
    UnitFigure,
)
from runtime.settings import OFFICE_TIMEZONE

Rows = list[dict[str, Any]]


class NothingToPublishError(LookupError):
    """The marts hold nothing for that province and period, or there was no such province then."""


def load_report_data(
    connection: Connection,
    definition: ReportDefinition,
    *,
    province_code: str,
    period: str,
    catalogue: Catalogue | None = None,
) -> ReportData:
    """Everything a report of that province and period shows.

    Reads in one read-only transaction at repeatable read, so that a build that ends meanwhile
    changes nothing half-way. `connection` acts as role `publish` and is outside any transaction.

    Raises:
        ingest.core.periods.InvalidPeriodError: the period is none.
        NothingToPublishError: no such province on the period's last day, a period of another kind
            than the report's, or no figure in the marts.
    """
    catalogue = catalogue or load_catalogue()
    asked = parse_period(period)
    if asked.kind != definition.grain:
        raise NothingToPublishError(f"{definition.report_code} is a report of a {definition.grain}, {period} is none")
    province = catalogue.unit_by_code(province_code, asked.last_day)
    if province is None or province.level != "province":
        raise NothingToPublishError(f"There is no province {province_code} on {asked.last_day}")
    below = catalogue.children_of(province, asked.last_day)

    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    with connection.transaction():
        figures = list(_figures(_mart(connection, "rpt_provincial", definition.grain, province, asked)))
        unit_rows = _mart(connection, "rpt_unit", definition.grain, province, asked)
        sources = _sources(connection, catalogue, province, asked, unit_rows)
        findings = _findings(connection, catalogue, sources)
        dues = _dues(connection, catalogue, province, asked)
    if not figures and not unit_rows:
        raise NothingToPublishError(
            f"The marts hold no figure of {province.name} for {period}: submit and build first, or look at the period"
        )
    figures += _figures_of_units_only(unit_rows, {figure.key for figure in figures})
    return ReportData(
        report_code=definition.report_code,
        province_unit_id=province.unit_id,
        province_code=province.code,
        province_name=province.name,
        period_code=asked.code,
        units=tuple(
            ReportingUnit(u.unit_id, u.code, u.name, u.short_name) for u in _units_shown(catalogue, below, unit_rows)
        ),
        figures=tuple(_with_nesting(figures, catalogue)),
        unit_figures=tuple(_unit_figures(unit_rows)),
        sources=tuple(sources),
        findings=tuple(findings),
        dues=tuple(dues),
    )


def _units_shown(catalogue: Catalogue, below: Iterable[Unit], unit_rows: Rows) -> list[Unit]:
    """The units below the province and any other the marts speak of, by official code as official lists have them."""
    units = {unit.unit_id: unit for unit in below}
    units.update((row["unit_id"], catalogue.units[row["unit_id"]]) for row in unit_rows)
    return sorted(units.values(), key=lambda unit: (unit.code, unit.unit_id))


def _mart(connection: Connection, mart: str, grain: str, province: Unit, period: Period) -> Rows:
    query = sql.SQL("select * from {} where province_unit_id = %s and period = %s order by sort_order").format(
        sql.Identifier("marts", f"{mart}_{grain}")
    )
    return _rows(connection, query, (province.unit_id, period.code))


def _rows(
    connection: Connection, query: sql.Composed | LiteralString, parameters: Sequence[Any] | Mapping[str, Any]
) -> Rows:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchall()


def _figures(rows: Rows) -> Iterator[Figure]:
    for row in rows:
        yield Figure(
            **_names(row),
            indicator_name_en=row["indicator_name_en"],
            breakdown_name_en=row["breakdown_name_en"] if row["breakdown"] else "",
            unit_of_measure_name_vi=row["unit_of_measure_name_vi"],
            value=row["value"],
            value_partial=row["value_partial"],
            value_prior=row["value_prior"],
            change=row["change"],
            change_pct=row["change_pct"],
            target=_target(row),
            units_reported=row["units_reported"] or 0,
            units_expected=row["units_expected"] or 0,
            is_complete=row["is_complete"],
            units_missing=_split(row["units_missing"]),
            basis=row["basis"] or "",
        )


def _names(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "domain": row["domain"],
        "indicator_code": row["indicator_code"],
        "indicator_name_vi": row["indicator_name_vi"],
        "unit_of_measure": row["unit_of_measure"],
        "breakdown": row["breakdown"],
        "breakdown_name_vi": row["breakdown_name_vi"] if row["breakdown"] else "",
        "sort_order": row["sort_order"],
    }


def _target(row: dict[str, Any]) -> Target | None:
    if row["target_value"] is None:
        return None
    return Target(row["target_value"], row["target_issuer"] or "", row["target_attainment_pct"], row["is_target_met"])


def _split(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (names or "").split(";") if name.strip())


def _figures_of_units_only(unit_rows: Rows, known: set[tuple[str, str]]) -> list[Figure]:
    """What units state and the province has no row for: shown by unit, without a total."""
    figures: dict[tuple[str, str], Figure] = {}
    for row in unit_rows:
        figure = Figure(**_names(row), indicator_name_en="", unit_of_measure_name_vi="", basis="")
        if figure.key not in known:
            figures.setdefault(figure.key, figure)
    return list(figures.values())


def _with_nesting(figures: Iterable[Figure], catalogue: Catalogue) -> Iterator[Figure]:
    figures = sorted(figures, key=lambda figure: figure.sort_order)
    keys = {figure.key for figure in figures}
    for figure in figures:
        is_nested = any((figure.indicator_code, wider) in keys for wider in _wider(figure.breakdown, catalogue))
        yield replace(figure, is_nested=is_nested)


def _wider(breakdown: str, catalogue: Catalogue) -> Iterator[str]:
    """The breakdowns in which one category is replaced by one of those it lies in."""
    categories = parse_breakdown(breakdown)
    for list_name, code in categories.items():
        codes = catalogue.code_lists.get(list_name, {})
        while code in codes and (code := codes[code].parent):
            yield breakdown_key({**categories, list_name: code})


def _unit_figures(rows: Rows) -> Iterator[UnitFigure]:
    for row in rows:
        yield UnitFigure(
            unit_id=row["unit_id"],
            indicator_code=row["indicator_code"],
            breakdown=row["breakdown"],
            value=row["value"],
            value_prior=row["value_prior"],
            change=row["change"],
            submission_id=row["submission_id"],
            observation_id=row["observation_id"],
            source_kind=row["source_kind"] or "",
            ref=row["ref"] or "",
        )


def _units_of(catalogue: Catalogue, province: Unit, period: Period) -> list[str]:
    """The ids of the province and of all units in it, on the period's first or last day."""
    ids = {province.unit_id: None}
    for day in (period.first_day, period.last_day):
        level = [province]
        while level:
            level = [unit for above in level for unit in catalogue.children_of(above, day)]
            ids.update((unit.unit_id, None) for unit in level)
    return list(ids)


def _unit_name(catalogue: Catalogue, unit_id: str) -> str:
    unit = catalogue.units.get(unit_id)
    return unit.name if unit else unit_id


def _form_name(code: str) -> str:
    form = load_forms().get(code)
    return form.head.name_vi if form else code


def _lies_in(period: Period, code: str) -> bool:
    return period.contains(parse_period(code))


def _sources(
    connection: Connection, catalogue: Catalogue, province: Unit, period: Period, unit_rows: Rows
) -> list[Source]:
    """The submissions behind the units' figures and the others accepted for the period."""
    named = {row["submission_id"] for row in unit_rows if row["submission_id"] is not None}
    rows = _rows(
        connection,
        """
        select submission.*, delivery.source_path
        from registry.submission as submission
        join lateral (
            select source_path from registry.delivery
            where delivery.sha256 = submission.sha256 order by delivery_id limit 1
        ) as delivery on true
        where submission.submission_id = any(%s)
            or (submission.state = 'accepted' and submission.reporting_unit_id = any(%s))
        order by submission.submission_id
        """,
        (list(named), _units_of(catalogue, province, period)),
    )
    return [
        Source(
            submission_id=row["submission_id"],
            sha256=row["sha256"],
            file_name=PurePosixPath(row["source_path"]).name,
            form_code=row["form_code"],
            form_name_vi=_form_name(row["form_code"]),
            unit_name=_unit_name(catalogue, row["reporting_unit_id"]),
            period=row["period"],
            status=row["status"],
            accepted_at=row["accepted_at"],
        )
        for row in rows
        if row["submission_id"] in named or _lies_in(period, row["period"])
    ]


def _findings(connection: Connection, catalogue: Catalogue, sources: Iterable[Source]) -> list[ReportedFinding]:
    """What checks found in these submissions, notes of no consequence left out."""
    rows = _rows(
        connection,
        """
        select result.*, submission.reporting_unit_id
        from registry.check_result as result
        join registry.submission as submission using (submission_id)
        where result.submission_id = any(%s) and result.outcome = 'fail' and result.severity != 'info'
        order by submission.reporting_unit_id, result.rule_id, result.check_result_id
        """,
        ([source.submission_id for source in sources],),
    )
    return [
        ReportedFinding(
            rule_id=row["rule_id"],
            severity=row["severity"],
            submission_id=row["submission_id"],
            unit_name=_unit_name(catalogue, row["reporting_unit_id"]),
            ref=row["ref"],
            message_vi=row["message_vi"],
            lhs=row["lhs"],
            rhs=row["rhs"],
            difference=row["difference"],
        )
        for row in rows
    ]


def _dues(connection: Connection, catalogue: Catalogue, province: Unit, period: Period) -> list[Due]:
    """What was due for the period and the periods inside it, with what became of it."""
    rows = _rows(
        connection,
        """
        select calendar.*, received.state, received.received_on
        from registry.calendar as calendar
        left join lateral (
            select
                submission.state,
                (
                    select (min(delivery.delivered_at) at time zone %(office_timezone)s)::date
                    from registry.delivery as delivery where delivery.sha256 = submission.sha256
                ) as received_on
            from registry.submission as submission
            where (submission.form_code, submission.reporting_unit_id, submission.period)
                = (calendar.form_code, calendar.reporting_unit_id, calendar.period)
            order by submission.state = 'accepted' desc, submission.submission_id desc
            limit 1
        ) as received on true
        where calendar.reporting_unit_id = any(%(units)s)
        order by calendar.form_code, calendar.period, calendar.reporting_unit_id
        """,
        {"office_timezone": OFFICE_TIMEZONE.key, "units": _units_of(catalogue, province, period)},
    )
    return [
        Due(
            form_code=row["form_code"],
            form_name_vi=_form_name(row["form_code"]),
            unit_name=_unit_name(catalogue, row["reporting_unit_id"]),
            period=row["period"],
            due_on=row["due_on"],
            state=row["state"] or "",
            received_on=row["received_on"],
        )
        for row in rows
        if _lies_in(period, row["period"])
    ]
