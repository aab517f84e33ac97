-- depends_on: {{ ref('int_submissions__changed') }}, {{ ref('int_slices__changed') }}
-- Every statement that was read with enough confidence and is not set aside is in one fact: neither the joins of units,
-- indicators and periods nor the choice of the fact lose one or double it.
with expected as (
    select
        submissions.submission_id,
        count(observations.observation_id) as observations
    from {{ ref('int_submissions__known') }} as submissions
    inner join {{ ref('stg_submissions__observation') }} as observations
        on submissions.submission_id = observations.submission_id
    where
        submissions.is_in_effect
        -- What was read with less waits in staging for a person.
        and observations.confidence >= {{ var('minimum_confidence') }}::real
        and {{ is_fitting('observations') }}
        {% if not flags.FULL_REFRESH -%}
            and {{ of_changed_submissions('observations.submission_id') }}
        {%- endif %}
    group by submissions.submission_id
),

found as (
    select
        submission_id,
        count(*) as observations
    from {{ ref('int_observations__counted') }}
    where
        submission_id in (select expected.submission_id from expected)
        and {{ in_tested_slices() }}
    group by submission_id
)

select
    expected.submission_id,
    expected.observations as expected_observations,
    found.observations as found_observations
from expected
left join found
    on expected.submission_id = found.submission_id
where found.observations is distinct from expected.observations
