-- The figures of reporting units with names, last year and the statement that each rests on.
{{ config(materialized='readers_view', tags=['static']) }}
select
    figures.unit_id,
    units.unit_code,
    units.unit_name,
    units.unit_sort_key,
    figures.province_unit_id,
    figures.period,
    figures.period_kind,
    indicators.domain,
    figures.indicator_code,
    indicators.indicator_name_vi,
    figures.breakdown,
    breakdowns.breakdown_name_vi,
    indicators.unit_of_measure,
    figures.value,
    year_before.value as value_prior,
    figures.value - year_before.value as change,
    figures.submission_id,
    figures.observation_id,
    figures.ref,
    figures.source_kind,
    -- By indicator, and of one indicator by breakdown.
    indicators.sort_order * 10000 + breakdowns.sort_order as sort_order
from {{ ref('fct_unit_figure') }} as figures
inner join {{ ref('dim_period') }} as periods
    on figures.period = periods.period
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('periods.last_day', 'figures.unit_id') }}
inner join {{ ref('dim_indicator') }} as indicators
    on figures.indicator_code = indicators.indicator_code
inner join {{ ref('dim_breakdown') }} as breakdowns
    on figures.breakdown = breakdowns.breakdown
left join {{ ref('fct_unit_figure') }} as year_before
    on
        figures.unit_id = year_before.unit_id
        and periods.prior_year_period = year_before.period
        and figures.indicator_code = year_before.indicator_code
        and figures.breakdown = year_before.breakdown
