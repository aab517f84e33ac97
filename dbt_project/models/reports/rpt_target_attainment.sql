{{
    config(
        meta={'slice': {'kind': 'target_unit', 'unit': 'unit_id'}}
    )
}}
with stated as (
    select * from {{ ref('int_targets__by_period') }}
    where {{ in_changed_slices() }}
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
    from {{ ref('int_figures__of_all') }}
    where
        indicator_code in (select targets.indicator_code from targets)
        and {{ in_changed_slices(period='period') }}
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
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('periods.last_day', 'targets.unit_id', or_nearest=true) }}
inner join {{ ref('dim_indicator') }} as indicators
    on targets.indicator_code = indicators.indicator_code
inner join {{ ref('dim_breakdown') }} as breakdowns
    on targets.breakdown = breakdowns.breakdown
left join figures
    on
        targets.unit_id = figures.unit_id
        and targets.period = figures.period
        and targets.indicator_code = figures.indicator_code
        and targets.breakdown = figures.breakdown
