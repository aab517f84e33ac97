-- How many units report below each province in each quarter and year.
{{ config(materialized='readers_view', tags=['static']) }}
select
    province_unit_id,
    period,
    count(*)::integer as units_expected
from {{ ref('int_units__expected') }}
group by province_unit_id, period
