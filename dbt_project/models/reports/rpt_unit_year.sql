{{ config(materialized='readers_view', tags=['static']) }}
select
    unit_id,
    unit_code,
    unit_name,
    unit_sort_key,
    province_unit_id,
    period,
    domain,
    indicator_code,
    indicator_name_vi,
    breakdown,
    breakdown_name_vi,
    unit_of_measure,
    value,
    value_prior,
    change,
    submission_id,
    observation_id,
    ref,
    source_kind,
    sort_order
from {{ ref('rpt_unit_figure_named') }}
where period_kind = 'year'
