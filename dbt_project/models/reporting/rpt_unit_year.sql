{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'reporting_unit', 'unit': 'unit_id', 'year': 'left(old_rows.period, 4)::integer'}},
        indexes=[{'columns': ['province_unit_id', 'period']}, {'columns': ['indicator_code', 'period']}]
    )
}}
{{ unit_report('year') }}
