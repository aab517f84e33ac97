-- depends_on: {{ ref('int_slices__changed') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'consolidated', 'unit': 'province_unit_id', 'year': 'left(old_rows.period, 4)::integer'}},
        indexes=[{'columns': ['province_unit_id', 'period']}]
    )
}}
{{ provincial_report('quarter') }}
