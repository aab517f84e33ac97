{{ config(materialized='readers_view', tags=['static']) }}
{{ unit_report('quarter') }}
