-- depends_on: {{ ref('int_slices__changed') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'targets', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}]
    )
}}
with stated as (
    select
        targets.unit_id,
        periods.period,
        periods.period_kind,
        periods.year,
        targets.indicator_code,
        breakdowns.breakdown_without_plan_level as breakdown,
        coalesce(substring(targets.breakdown, '(?:^|; )plan_level=([^;]+)'), '') as plan_level_code,
        targets.issuer,
        breakdowns.plan_level_name_vi,
        targets.value as target_value,
        targets.submission_id,
        targets.ref,
        stated_periods.period_kind = 'span' as is_of_span
    from {{ ref('fct_target') }} as targets
    inner join {{ ref('int_breakdowns__named') }} as breakdowns
        on targets.breakdown = breakdowns.breakdown
    {{ target_periods('targets') }}
    where
        targets.is_counted
        and periods.period_kind in ('quarter', 'year')
        and {{ in_changed_slices('targets.unit_id', 'periods.year', kind='targets') }}
),

-- What was set for the year itself goes before what a span says of it.
targets as (
    select distinct on (unit_id, period, indicator_code, breakdown, plan_level_code, issuer) *
    from stated
    order by unit_id, period, indicator_code, breakdown, plan_level_code, issuer, is_of_span, submission_id desc, ref
),

figures as (
    select
        unit_id,
        year,
        period,
        indicator_code,
        breakdown,
        value
    from {{ ref('rpt_unit_figure') }}
    where
        indicator_code in (select targets.indicator_code from targets)
        and {{ in_changed_slices(kind='targets', period='period') }}
    union all
    select
        province_unit_id as unit_id,
        year,
        period,
        indicator_code,
        breakdown,
        value
    from {{ ref('int_figures__province') }}
    where
        indicator_code in (select targets.indicator_code from targets)
        and {{ in_changed_slices('province_unit_id', kind='targets') }}
)

select
    targets.unit_id,
    units.unit_code,
    units.unit_name,
    units.unit_level,
    units.unit_sort_key,
    units.province_unit_id,
    targets.period,
    periods.period_name_vi,
    periods.period_name_en,
    targets.year,
    indicators.domain,
    targets.indicator_code,
    indicators.indicator_name_vi,
    indicators.indicator_name_en,
    targets.breakdown,
    breakdowns.breakdown_name_vi,
    breakdowns.breakdown_name_en,
    indicators.unit_of_measure,
    targets.plan_level_code,
    targets.plan_level_name_vi,
    targets.issuer,
    targets.target_value,
    targets.is_of_span,
    figures.value as actual_value,
    figures.value - targets.target_value as difference,
    case indicators.better
        when 'lower' then round(100 * targets.target_value / nullif(figures.value, 0), 2)
        else round(100 * figures.value / nullif(targets.target_value, 0), 2)
    end as attainment_pct,
    case indicators.better
        when 'lower' then figures.value <= targets.target_value
        when 'higher' then figures.value >= targets.target_value
    end as is_met,
    targets.submission_id,
    targets.ref
from targets
inner join {{ ref('dim_period') }} as periods
    on targets.period = periods.period
inner join {{ ref('int_units__versions') }} as units
    on
        targets.unit_id = units.unit_id
        -- The unit as it was on the period's last day, or on the nearest day of its own validity.
        and least(greatest(periods.last_day, units.unit_valid_from), units.unit_valid_to - 1) >= units.valid_from
        and least(greatest(periods.last_day, units.unit_valid_from), units.unit_valid_to - 1) < units.valid_to
inner join {{ ref('dim_indicator') }} as indicators
    on targets.indicator_code = indicators.indicator_code
inner join {{ ref('int_breakdowns__named') }} as breakdowns
    on targets.breakdown = breakdowns.breakdown
left join figures
    on
        targets.unit_id = figures.unit_id
        and targets.period = figures.period
        and targets.indicator_code = figures.indicator_code
        and targets.breakdown = figures.breakdown
