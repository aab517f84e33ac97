-- What counts about each unit by quarter and year: what adds up in time, and what does not. A view on both tables.
{{ config(materialized='readers_view', tags=['static']) }}
select * from {{ ref('int_flows__by_unit') }}
union all
select * from {{ ref('int_stocks__by_unit') }}
