-- What is set aside of submissions in effect, with the reason and how to mend it. A view.
{{ config(materialized='readers_view', tags=['static']) }}
select
    set_aside.rule_id,
    reasons.rule_name_vi,
    reasons.rule_name_en,
    reasons.mend_vi,
    reasons.mend_en,
    set_aside.form_code,
    forms.form_name_vi,
    forms.form_name_en,
    set_aside.source_kind,
    set_aside.reporting_unit_id,
    set_aside.district_unit_id,
    set_aside.province_unit_id,
    set_aside.submission_period,
    set_aside.submission_status,
    set_aside.submission_id,
    set_aside.observation_id,
    set_aside.ref,
    set_aside.stated_unit_id,
    set_aside.stated_period,
    set_aside.indicator_code,
    indicators.indicator_name_vi,
    indicators.indicator_name_en,
    set_aside.breakdown,
    set_aside.measure,
    set_aside.accumulation,
    set_aside.value,
    set_aside.unit_of_measure,
    set_aside.status
from {{ ref('fct_set_aside') }} as set_aside
inner join {{ ref('dim_set_aside_reason') }} as reasons
    on set_aside.rule_id = reasons.rule_id
left join {{ ref('dim_form') }} as forms
    on set_aside.form_code = forms.form_code
left join {{ ref('dim_indicator') }} as indicators
    on set_aside.indicator_code = indicators.indicator_code
where set_aside.is_in_effect
