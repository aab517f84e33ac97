-- Each time that a submission ceased to count, with the one that then counted in its scope, if any.
with known as (
    select * from {{ ref('int_submissions__known') }}
),

ended as (
    select * from known
    where known_to is not null
)

select distinct on (ended.event_id)
    ended.event_id,
    ended.submission_id,
    ended.form_code,
    ended.source_kind,
    ended.reporting_unit_id,
    ended.period,
    ended.status,
    ended.known_from,
    ended.known_to,
    next_known.submission_id as new_submission_id,
    coalesce(next_known.is_nil, false) as is_emptied
from ended
left join known as next_known
    on
        ended.form_code = next_known.form_code
        and ended.reporting_unit_id = next_known.reporting_unit_id
        and ended.period = next_known.period
        and ended.status = next_known.status
        and ended.event_id != next_known.event_id
        and ended.known_to <= next_known.known_from
order by ended.event_id, next_known.known_from, next_known.event_id
