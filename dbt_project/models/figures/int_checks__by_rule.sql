-- What each rule found in each submission; the first of the findings tells what the rule is about.
{{ config(materialized='view', tags=['static']) }}
select
    submission_id,
    rule_id,
    case min(array_position(array['error', 'warning', 'info'], severity))
        when 1 then 'error'
        when 2 then 'warning'
        else 'info'
    end as severity,
    count(*)::integer as checks_made,
    count(*) filter (where outcome = 'fail')::integer as checks_failed,
    {%- for column in ['ref', 'difference', 'message_vi', 'message_en'] %}
        (array_agg({{ column }} order by check_result_id) filter (where outcome = 'fail'))[1] as first_{{ column }},
    {%- endfor %}
    count(*) filter (where outcome = 'fail') = 0 as is_passed
from {{ ref('stg_registry__check_result') }}
group by submission_id, rule_id
