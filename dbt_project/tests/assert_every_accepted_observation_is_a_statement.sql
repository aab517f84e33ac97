-- Joining units, indicators and periods to the observations loses none and doubles none.
with accepted as (
    select count(*) as observations
    from {{ ref('stg_staging__observation') }} as observations
    inner join {{ ref('stg_registry__submission') }} as submissions
        on observations.submission_id = submissions.submission_id
    where submissions.state = 'accepted'
),

statements as (
    select count(*) as observations
    from {{ ref('int_observations__counted') }}
)

select
    accepted.observations as accepted_observations,
    statements.observations as statements
from accepted
inner join statements
    on accepted.observations != statements.observations
