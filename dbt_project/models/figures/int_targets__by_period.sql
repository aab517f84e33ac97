-- Each target that counts, by the quarter or year for which it holds: one that was written for a span of years is the
-- annual target of each of them. A level at which it was set tells targets apart, not what they are about.
{{ config(materialized='readers_view', tags=['static']) }}
select
    targets.unit_id,
    targets.province_unit_id,
    periods.period,
    periods.period_kind,
    periods.year,
    targets.indicator_code,
    breakdowns.breakdown_without_plan_level as breakdown,
    coalesce(substring(targets.breakdown, '(?:^|; )plan_level=([^;]+)'), '') as plan_level_code,
    breakdowns.plan_level_name_vi,
    targets.issuer,
    targets.value as target_value,
    stated_periods.period_kind = 'span' as is_of_span,
    targets.submission_id,
    targets.ref
from {{ ref('fct_target') }} as targets
inner join {{ ref('int_breakdowns__named') }} as breakdowns
    on targets.breakdown = breakdowns.breakdown
inner join {{ ref('int_periods__described') }} as stated_periods
    on targets.period = stated_periods.period
inner join {{ ref('int_periods__described') }} as periods
    on
        (stated_periods.period_kind != 'span' and stated_periods.period = periods.period)
        or (
            stated_periods.period_kind = 'span'
            and periods.period_kind = 'year'
            and periods.year between stated_periods.first_year and stated_periods.year
        )
where
    targets.is_counted
    and periods.period_kind in ('quarter', 'year')
