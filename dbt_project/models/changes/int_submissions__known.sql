-- When each submission counted: from its acceptance, or its coming back, until it was replaced or withdrawn.
with turns as (
    select
        submission_id,
        event_id,
        event,
        happened_at as known_from,
        lead(happened_at) over (partition by submission_id order by event_id) as known_to
    from {{ ref('stg_registry__submission_event') }}
    where event in ('accepted', 'reinstated', 'superseded', 'withdrawn')
)

select
    turns.event_id,
    turns.submission_id,
    submissions.source_kind,
    submissions.form_code,
    forms.form_rank,
    submissions.reporting_unit_id,
    submissions.period,
    submissions.status,
    submissions.is_nil,
    turns.known_from,
    turns.known_to,
    turns.known_to is null as is_in_effect
from turns
inner join {{ ref('stg_registry__submission') }} as submissions
    on turns.submission_id = submissions.submission_id
left join {{ ref('stg_catalogue__form') }} as forms
    on submissions.form_code = forms.form_code
where turns.event in ('accepted', 'reinstated')
