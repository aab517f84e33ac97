{{
    config(
        meta={'slice': {'kind': 'map_unit', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}, {'columns': ['source_unit_id', 'year']}]
    )
}}
with parts as (
    select * from {{ ref('int_recast__parts') }}
    -- A unit that is one and the same on both maps has no parts to speak of; which communes of today make up a unit of
    -- old, `rpt_unit_year` shows.
    where
        how != 'same'
        and (source_level != 'commune' or unit_level = 'commune')
        and {{ in_changed_slices() }}
),

sources as (
    select * from {{ ref('int_recast__sources') }}
),

totals as (
    select * from {{ ref('fct_recast_figure') }}
    where {{ in_changed_slices() }}
)

select
    parts.map_date,
    parts.unit_id,
    units.unit_code,
    units.unit_name,
    totals.province_unit_id,
    parts.period,
    parts.year,
    indicators.domain,
    parts.indicator_code,
    indicators.indicator_name_vi,
    indicators.indicator_name_en,
    parts.breakdown,
    breakdowns.breakdown_name_vi,
    breakdowns.breakdown_name_en,
    indicators.unit_of_measure,
    parts.source_unit_id,
    sources.source_name,
    parts.source_level,
    parts.how,
    sources.weight,
    sources.weight_reason,
    parts.is_counted,
    parts.value,
    totals.value as value_total,
    totals.value_partial as value_total_partial,
    case when parts.agg_units = 'sum' then round(100 * parts.value / nullif(totals.value, 0), 2) end as share_pct,
    case
        when parts.agg_units = 'sum' then round(100 * parts.value / nullif(totals.value_partial, 0), 2)
    end as share_of_reported_pct,
    totals.parts_reported,
    totals.parts_expected,
    totals.is_complete,
    totals.parts_missing
from parts
inner join totals
    on
        parts.map_date = totals.map_date
        and parts.unit_id = totals.unit_id
        and parts.period = totals.period
        and parts.indicator_code = totals.indicator_code
        and parts.breakdown = totals.breakdown
inner join sources
    on
        parts.map_date = sources.map_date
        and parts.unit_id = sources.unit_id
        and parts.period = sources.period
        and parts.source_unit_id = sources.source_unit_id
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('parts.map_date', 'parts.unit_id') }}
inner join {{ ref('dim_indicator') }} as indicators
    on parts.indicator_code = indicators.indicator_code
inner join {{ ref('dim_breakdown') }} as breakdowns
    on parts.breakdown = breakdowns.breakdown
