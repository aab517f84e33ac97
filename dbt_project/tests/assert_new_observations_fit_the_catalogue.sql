-- depends_on: {{ ref('int_submissions__changed') }}
-- What the submissions that this build brings in say fits the catalogue and is theirs to say. What does not is set
-- aside (fct_set_aside, rpt_set_aside): a warning names its submissions, and everybody else's figures arrive.
{{ config(severity='warn') }}
select
    submission_id,
    form_code,
    reporting_unit_id,
    submission_period,
    rule_id,
    count(*) as observations,
    min(ref) as first_ref
from {{ ref('fct_set_aside') }}
where
    is_in_effect
    and {{ in_tested_submissions() }}
group by submission_id, form_code, reporting_unit_id, submission_period, rule_id
