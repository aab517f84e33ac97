{{ config(materialized='readers_view', tags=['static']) }}
select
    dues.form_code,
    forms.form_name_vi,
    forms.form_name_en,
    forms.domain,
    dues.province_unit_id,
    dues.district_unit_id,
    units.province_name,
    dues.unit_id,
    units.unit_code,
    units.unit_name,
    units.unit_sort_key,
    dues.period,
    periods.period_name_vi,
    periods.period_name_en,
    dues.year,
    dues.due_on,
    dues.is_expected,
    dues.is_form_in_use,
    dues.submission_id is not null as is_received,
    dues.received_on,
    coalesce(dues.received_on <= dues.due_on, false) as is_on_time,
    greatest(dues.received_on - dues.due_on, 0) as days_late,
    dues.is_accepted,
    dues.accepted_on,
    dues.submission_id,
    dues.state,
    dues.submissions
from {{ ref('fct_submission_status') }} as dues
inner join {{ ref('dim_period') }} as periods
    on dues.period = periods.period
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('periods.last_day', 'dues.unit_id', or_nearest=true) }}
left join {{ ref('dim_form') }} as forms
    on dues.form_code = forms.form_code
