{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'registry_unit', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}]
    )
}}
with scopes as (
    select * from {{ ref('rpt_completeness_unit') }}
    where
        is_received
        and {{ in_changed_slices(kind='registry_unit') }}
),

checks as (
    select * from {{ ref('stg_registry__check_result') }}
)

select
    scopes.province_unit_id,
    scopes.district_unit_id,
    scopes.province_name,
    scopes.unit_id,
    scopes.unit_code,
    scopes.unit_name,
    scopes.unit_sort_key,
    scopes.period,
    scopes.period_name_vi,
    scopes.period_name_en,
    scopes.year,
    scopes.form_code,
    scopes.form_name_vi,
    scopes.form_name_en,
    scopes.submission_id,
    scopes.state,
    checks.rule_id,
    case min(array_position(array['error', 'warning', 'info'], checks.severity))
        when 1 then 'error'
        when 2 then 'warning'
        else 'info'
    end as severity,
    count(*)::integer as checks_made,
    count(*) filter (where checks.outcome = 'fail')::integer as checks_failed,
    count(*) filter (where checks.outcome = 'fail') = 0 as is_passed,
    -- The first of the findings tells what the rule is about.
    (array_agg(checks.ref order by checks.check_result_id) filter (where checks.outcome = 'fail'))[1] as first_ref,
    (array_agg(checks.difference order by checks.check_result_id) filter (where checks.outcome = 'fail'))[1]
        as first_difference,
    (array_agg(checks.message_vi order by checks.check_result_id) filter (where checks.outcome = 'fail'))[1]
        as first_message_vi,
    (array_agg(checks.message_en order by checks.check_result_id) filter (where checks.outcome = 'fail'))[1]
        as first_message_en
from scopes
inner join checks
    on scopes.submission_id = checks.submission_id
group by
    scopes.province_unit_id,
    scopes.district_unit_id,
    scopes.province_name,
    scopes.unit_id,
    scopes.unit_code,
    scopes.unit_name,
    scopes.unit_sort_key,
    scopes.period,
    scopes.period_name_vi,
    scopes.period_name_en,
    scopes.year,
    scopes.form_code,
    scopes.form_name_vi,
    scopes.form_name_en,
    scopes.submission_id,
    scopes.state,
    checks.rule_id
