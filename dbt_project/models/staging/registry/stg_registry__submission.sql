-- With known_at, in the state in which each submission was then.
with last_events as (
    select distinct on (submission_id)
        submission_id,
        case event when 'reinstated' then 'accepted' else event end as state,
        case when event in ('accepted', 'reinstated') then happened_at end as accepted_at,
        case when event in ('superseded', 'withdrawn') then happened_at end as superseded_at
    from {{ ref('stg_registry__submission_event') }}
    where event in ('read', 'accepted', 'quarantined', 'superseded', 'reinstated', 'withdrawn')
    order by submission_id, event_id desc
)

select
    submissions.submission_id,
    submissions.sha256,
    submissions.part,
    submissions.form_code,
    submissions.form_version,
    submissions.reader_version,
    submissions.source_kind,
    submissions.reporting_unit_id,
    submissions.period,
    submissions.status,
    submissions.is_nil,
    {{ 'last_events' if var('known_at') else 'submissions' }}.state,
    {{ 'last_events' if var('known_at') else 'submissions' }}.accepted_at,
    {{ 'last_events' if var('known_at') else 'submissions' }}.superseded_at,
    submissions.created_at
from {{ source('registry', 'submission') }} as submissions
{% if var('known_at') -%}
    inner join last_events
        on submissions.submission_id = last_events.submission_id
{%- endif %}
