{{ config(meta={'slice': {'kind': 'registry_unit', 'unit': 'unit_id'}}) }}
with scopes as (
    select * from {{ ref('fct_submission_status') }}
    where
        submission_id is not null
        and {{ in_changed_slices() }}
)

select
    scopes.province_unit_id,
    scopes.district_unit_id,
    units.province_name,
    scopes.unit_id,
    units.unit_code,
    units.unit_name,
    units.unit_sort_key,
    scopes.period,
    periods.period_name_vi,
    periods.period_name_en,
    scopes.year,
    scopes.form_code,
    forms.form_name_vi,
    forms.form_name_en,
    scopes.submission_id,
    scopes.state,
    checks.rule_id,
    checks.severity,
    checks.checks_made,
    checks.checks_failed,
    checks.is_passed,
    checks.first_ref,
    checks.first_difference,
    checks.first_message_vi,
    checks.first_message_en
from scopes
inner join {{ ref('int_checks__by_rule') }} as checks
    on scopes.submission_id = checks.submission_id
inner join {{ ref('dim_period') }} as periods
    on scopes.period = periods.period
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('periods.last_day', 'scopes.unit_id', or_nearest=true) }}
left join {{ ref('dim_form') }} as forms
    on scopes.form_code = forms.form_code
