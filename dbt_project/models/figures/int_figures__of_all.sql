-- The figures of reporting units and of provinces alike, by quarter and year. A view.
{{ config(materialized='readers_view', tags=['static']) }}
select
    unit_id,
    province_unit_id,
    period,
    period_kind,
    year,
    indicator_code,
    breakdown,
    value
from {{ ref('fct_unit_figure') }}
union all
select
    province_unit_id as unit_id,
    province_unit_id,
    period,
    period_kind,
    year,
    indicator_code,
    breakdown,
    value
from {{ ref('fct_province_figure') }}
