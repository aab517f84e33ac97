{{ config(materialized='readers_view', tags=['static']) }}
select
    figures.map_date,
    figures.unit_id,
    units.unit_code,
    units.unit_name,
    figures.unit_level,
    units.unit_sort_key,
    figures.province_unit_id,
    figures.period,
    figures.year,
    indicators.domain,
    figures.indicator_code,
    indicators.indicator_name_vi,
    indicators.indicator_name_en,
    figures.breakdown,
    breakdowns.breakdown_name_vi,
    breakdowns.breakdown_name_en,
    indicators.unit_of_measure,
    figures.value,
    figures.value_partial,
    figures.basis,
    figures.is_estimated,
    figures.estimate_basis,
    figures.source_level,
    figures.parts_reported,
    figures.parts_expected,
    figures.is_complete,
    figures.parts_missing
from {{ ref('fct_recast_figure') }} as figures
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('figures.map_date', 'figures.unit_id') }}
inner join {{ ref('dim_indicator') }} as indicators
    on figures.indicator_code = indicators.indicator_code
inner join {{ ref('dim_breakdown') }} as breakdowns
    on figures.breakdown = breakdowns.breakdown
