-- The name that readers knew: version 1 of fct_unit_figure, until its deprecation date.
{{ config(materialized='readers_view', tags=['static']) }}
select
    unit_id,
    province_unit_id,
    period,
    period_kind,
    year,
    indicator_code,
    breakdown,
    value,
    basis,
    derivation,
    observation_id,
    observation_ids,
    submission_id,
    source_kind,
    ref
from {{ ref('fct_unit_figure', v=2) }}
