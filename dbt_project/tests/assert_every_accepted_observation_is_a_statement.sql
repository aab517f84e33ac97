-- depends_on: {{ ref('int_submissions__changed') }}, {{ ref('int_slices__changed') }}
-- Joining units, indicators and periods to the observations loses none and doubles none.
with expected as (
    select
        submissions.submission_id,
        count(observations.observation_id) as observations
    from {{ ref('int_submissions__known') }} as submissions
    inner join {{ ref('stg_staging__observation') }} as observations
        on submissions.submission_id = observations.submission_id
    where
        submissions.is_in_effect
        {% if not flags.FULL_REFRESH -%}
            and submissions.submission_id in (
                select changed.submission_id from {{ ref('int_submissions__changed') }} as changed
            )
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
        {% if not flags.FULL_REFRESH -%}
            and (unit_id, year) in (
                select
                    slices.unit_id,
                    slices.year
                from {{ ref('int_slices__changed') }} as slices
                where slices.slice_kind = 'unit'
            )
        {%- endif %}
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
