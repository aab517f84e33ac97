"""From a rule over several submissions to the SQL that applies it.

The SQL reads one relation, the *input*, of what counts: a row per statement with

    unit_id, parent_unit_id, level, period, year, period_before, period_year_before, period_year, months,
    indicator_code, breakdown, measure, accumulation, is_summable, siblings, value, submission_id, ref, form_code,
    source_kind, delivered_at

`period_before` is the quarter before in the same year (null for a first one), `period_year_before` the same period a
year before, `period_year` the year's own code, `months` how many months the period covers from January,
`siblings` how many units report to the parent for the period. A unit states
a quantity once for each form and kind of source.

The result has a row per comparison that could be made, held ones too, so that whoever calls can write both outcomes:

    rule_id, severity, unit_id, period, indicator_code, breakdown, measure, lhs, rhs, difference, is_broken,
    submission_id, ref, other_submission_id, other_ref

`submission_id` is the statement that was delivered later of the two: its sender is answered. All values of rules go
in as literals that psycopg quotes; texts of rules never stand in the SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from psycopg import sql

from ingest.checks.between import BetweenRule, Side
from ingest.core.model import breakdown_key


def query_of(
    rules: Sequence[BetweenRule], statements: sql.Composable, changed: sql.Composable | None = None
) -> sql.Composed:
    """One query that applies rules to the input relation.

    Args:
        rules: those to apply.
        statements: the input relation, such as `sql.Identifier("warehouse", "int_statements__counted")`.
        changed: a relation of `unit_id, year`: only comparisons in these slices, or that look back into them, are
            made. Without it all are.
    """
    return sql.SQL("\nunion all\n").join(_of_rule(rule, statements, changed) for rule in rules)


def _of_rule(rule: BetweenRule, statements: sql.Composable, changed: sql.Composable | None) -> sql.Composed:
    left, right = _side(rule.left, statements), _side(rule.right, statements)
    slices: sql.Composable = sql.SQL("true")
    if changed is not None:
        slices = sql.SQL(
            "exists (select from {changed} as c where c.unit_id = l.unit_id and c.year in (l.year, r.year))"
        ).format(changed=changed)
    joined = _join(rule)
    compared = sql.SQL(
        """
select
    {rule_id}::text as rule_id, {severity}::text as severity,
    l.unit_id, l.period, l.indicator_code, l.breakdown, l.measure,
    {lhs} as lhs, {rhs} as rhs, {lhs} - {rhs} as difference,
    {is_broken} as is_broken,
    case when l.delivered_at >= r.delivered_at then l.submission_id else r.submission_id end as submission_id,
    case when l.delivered_at >= r.delivered_at then l.ref else r.ref end as ref,
    case when l.delivered_at >= r.delivered_at then r.submission_id else l.submission_id end as other_submission_id,
    case when l.delivered_at >= r.delivered_at then r.ref else l.ref end as other_ref
from ({left}) as l
inner join ({right}) as r on {joined}
where {slices} and {valid}"""
    ).format(
        rule_id=sql.Literal(rule.id),
        severity=sql.Literal(rule.severity),
        lhs=_rounded("l.value", rule),
        rhs=_rounded("r.value", rule),
        is_broken=_is_broken(rule),
        left=left,
        right=right,
        joined=joined,
        slices=slices,
        valid=_valid(rule),
    )
    return _repeated(rule, compared) if rule.relation == "repeated" else compared


def _side(side: Side, statements: sql.Composable) -> sql.Composed:
    """The statements of a side: one row for each unit, period and quantity."""
    conditions: list[sql.Composable] = [sql.SQL("true")]
    if side.forms:
        conditions.append(sql.SQL("s.form_code = any({})").format(sql.Literal(list(side.forms))))
    if side.source is not None:
        conditions.append(sql.SQL("s.source_kind = {}").format(sql.Literal(side.source)))
    if side.level is not None:
        conditions.append(sql.SQL("s.level = {}").format(sql.Literal(side.level)))
    if side.every == "since_january":
        conditions.append(sql.SQL("s.accumulation = 'since_january'"))
    elif side.every == "summable":
        conditions.append(sql.SQL("s.is_summable and s.measure = 'actual'"))
    if side.period == "fourth_quarter":
        conditions.append(sql.SQL("s.period like '____-Q4'"))
    if side.terms:
        conditions.append(
            sql.SQL("({})").format(
                sql.SQL(" or ").join(
                    sql.SQL("(s.indicator_code = {} and s.breakdown = {} and s.measure = {})").format(
                        sql.Literal(term.indicator),
                        sql.Literal(breakdown_key(term.breakdown)),
                        sql.Literal(term.measure),
                    )
                    for term in side.terms
                )
            )
        )
    by_parent = side.of == "children"
    quantity: list[sql.Composable] = (
        # The sum of named terms is one quantity, called by the first of them.
        [sql.Literal(side.terms[0].indicator), sql.Literal(breakdown_key(side.terms[0].breakdown)),
         sql.Literal(side.terms[0].measure)]
        if side.terms
        else [sql.SQL("s.indicator_code"), sql.SQL("s.breakdown"), sql.SQL("s.measure")]
    )  # fmt: skip
    form = sql.SQL("s.form_code") if not side.terms and not by_parent else sql.SQL("''::text")
    return sql.SQL(
        """
    select
        {unit} as unit_id, s.period, s.year,
        {form} as form_code,
        {indicator}::text as indicator_code, {breakdown}::text as breakdown, {measure}::text as measure,
        sum(s.value){months} as value, count(*) as terms,
        (array_agg(s.submission_id order by s.delivered_at desc))[1] as submission_id,
        (array_agg(s.ref order by s.delivered_at desc))[1] as ref,
        max(s.delivered_at) as delivered_at, max(s.period_year) as period_year,
        max(s.period_before) as period_before, max(s.period_year_before) as period_year_before
    from {statements} as s
    where {conditions}
    group by {unit}, s.period, s.year, s.months, {form}{by_quantity}
    having {complete}"""
    ).format(
        unit=sql.SQL("s.parent_unit_id" if by_parent else "s.unit_id"),
        form=form,
        indicator=quantity[0],
        breakdown=quantity[1],
        measure=quantity[2],
        months=sql.SQL(" * s.months" if side.months else ""),
        statements=statements,
        conditions=sql.SQL(" and ").join(conditions),
        by_quantity=sql.SQL("" if side.terms else ", s.indicator_code, s.breakdown, s.measure"),
        # A sum of which a term, or a unit, is missing is not known.
        complete=sql.SQL("count(distinct (s.indicator_code, s.breakdown)) = {}").format(sql.Literal(len(side.terms)))
        if side.terms
        else sql.SQL("count(distinct s.unit_id) = max(s.siblings)" if by_parent else "true"),
    )


def _join(rule: BetweenRule) -> sql.Composed:
    """On what two statements are compared: unit, quantity, and the period that the right side is looked up in."""
    looked_up = {
        "same": "l.period",
        "year_before": "l.period_year_before",
        "before": "l.period_before",
        "year_of": "l.period_year",
        "fourth_quarter": "l.period",
    }[rule.right.period]
    conditions = ["l.unit_id = r.unit_id", f"r.period = {looked_up}"]
    if rule.left.every is not None:
        conditions += ["l.indicator_code = r.indicator_code", "l.breakdown = r.breakdown", "l.measure = r.measure"]
        if rule.left.source == rule.right.source and rule.right.of == "unit":
            conditions.append("l.form_code = r.form_code")
    return sql.SQL(" and ").join(sql.SQL(one) for one in conditions)


def _rounded(value: str, rule: BetweenRule) -> sql.Composed:
    if rule.decimals is None:
        return sql.Composed([sql.SQL(value)])
    return sql.SQL("round({}, {})").format(sql.SQL(value), sql.Literal(rule.decimals))


def _is_broken(rule: BetweenRule) -> sql.Composed:
    left, right = _rounded("l.value", rule), _rounded("r.value", rule)
    let_through = sql.SQL("({tolerance}::numeric + abs({right}) * {share}::numeric)").format(
        tolerance=sql.Literal(rule.tolerance), right=right, share=sql.Literal(rule.tolerance_pct / 100)
    )
    form = {
        "equal": "abs({left} - {right}) > {let_through}",
        "at_most": "{left} - {right} > {let_through}",
        "at_least": "{right} - {left} > {let_through}",
        "repeated": "{left} = {right}",
    }[rule.relation]
    return sql.SQL(form).format(left=left, right=right, let_through=let_through)


def _valid(rule: BetweenRule) -> sql.Composed:
    """The years in which a rule is in force; a rule that ends within a year is not applied to that year."""
    low = rule.valid_from.year if rule.valid_from > date.min else 0
    high = rule.valid_to.year - 1 if rule.valid_to < date.max else 9_999
    return sql.SQL("l.year between {} and {}").format(sql.Literal(low), sql.Literal(high))


def _repeated(rule: BetweenRule, compared: sql.Composed) -> sql.Composed:
    """A submission all of whose figures, enough of them and not zero, are those of another one: one row."""
    return sql.SQL(
        """
select
    min(p.rule_id) as rule_id, min(p.severity) as severity, p.unit_id, p.period,
    ''::text as indicator_code, ''::text as breakdown, ''::text as measure,
    count(*) filter (where p.is_broken)::numeric as lhs, count(*)::numeric as rhs,
    (count(*) filter (where p.is_broken) - count(*))::numeric as difference,
    bool_and(p.is_broken) and count(*) filter (where p.lhs != 0) >= {least} as is_broken,
    p.submission_id, ''::text as ref, p.other_submission_id, ''::text as other_ref
from ({compared}) as p
group by p.unit_id, p.period, p.submission_id, p.other_submission_id"""
    ).format(least=sql.Literal(rule.least_figures), compared=compared)


def rules_on(rules: Iterable[BetweenRule], day: date) -> list[BetweenRule]:
    """The rules that are in force on a day."""
    return [rule for rule in rules if rule.is_valid_on(day)]
