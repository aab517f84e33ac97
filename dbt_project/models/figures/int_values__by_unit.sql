-- What counts about each unit by quarter and year: what adds up in time, and what does not. A view on both tables;
-- where a flow's statement stands is taken apart for who asks.
{{ config(materialized='readers_view', tags=['static']) }}
select
    {{ unit_value_columns() }},
    split_part(closed_by, chr(31), 1)::bigint as submission_id,
    split_part(closed_by, chr(31), 2) as source_kind,
    split_part(closed_by, chr(31), 3) as ref
from {{ ref('int_flows__by_unit') }}
union all
select
    {{ unit_value_columns() }},
    submission_id,
    source_kind,
    ref
from {{ ref('int_stocks__by_unit') }}
