-- One row per statement of an accepted submission. Of several statements of one quantity exactly one
-- counts; what prose says with too little confidence waits for a person and counts not at all.
with submissions as (
    select
        submissions.submission_id,
        submissions.source_kind,
        submissions.form_code,
        submissions.reporting_unit_id,
        submissions.accepted_at,
        forms.form_rank
    from {{ ref('stg_registry__submission') }} as submissions
    left join {{ ref('stg_catalogue__form') }} as forms
        on submissions.form_code = forms.form_code
    where submissions.state = 'accepted'
),

observations as (
    select * from {{ ref('stg_staging__observation') }}
),

indicators as (
    select * from {{ ref('stg_catalogue__indicator') }}
),

periods as (
    select * from {{ ref('int_periods__described') }}
),

units as (
    select * from {{ ref('int_units__versions') }}
),

stated as (
    select
        observations.observation_id,
        observations.submission_id,
        submissions.source_kind,
        submissions.form_code,
        submissions.form_rank,
        submissions.accepted_at,
        submissions.reporting_unit_id,
        observations.unit_id,
        units.unit_key,
        units.province_unit_id,
        observations.period,
        periods.year,
        observations.as_of,
        observations.accumulation,
        observations.status,
        observations.indicator_code,
        observations.breakdown,
        observations.measure,
        observations.issuer,
        observations.value,
        observations.unit_of_measure,
        observations.qualifier,
        observations.confidence,
        observations.ref,
        {{ fact_name('observations', 'indicators') }} as fact_name,
        observations.confidence >= {{ var('minimum_confidence') }}::real as is_confident
    from observations
    inner join submissions
        on observations.submission_id = submissions.submission_id
    inner join indicators
        on observations.indicator_code = indicators.indicator_code
    inner join periods
        on observations.period = periods.period
    -- The unit as it was on the period's last day, or on the nearest day of its own validity.
    inner join units
        on
            observations.unit_id = units.unit_id
            and least(greatest(periods.last_day, units.unit_valid_from), units.unit_valid_to - 1) >= units.valid_from
            and least(greatest(periods.last_day, units.unit_valid_from), units.unit_valid_to - 1) < units.valid_to
),

ranked as (
    select
        stated.*,
        row_number() over (
            partition by
                stated.unit_id,
                stated.period,
                stated.accumulation,
                stated.indicator_code,
                stated.breakdown,
                stated.measure,
                stated.issuer,
                stated.is_confident
            order by
                (stated.status = 'official') desc,
                -- A form that is no longer in the catalogue goes last.
                stated.form_rank nulls last,
                stated.as_of desc nulls last,
                stated.accepted_at desc,
                stated.observation_id
        ) as precedence
    from stated
)

select
    observation_id,
    submission_id,
    source_kind,
    form_code,
    reporting_unit_id,
    unit_id,
    unit_key,
    province_unit_id,
    period,
    year,
    as_of,
    accumulation,
    status,
    indicator_code,
    breakdown,
    measure,
    issuer,
    value,
    unit_of_measure,
    qualifier,
    confidence,
    ref,
    fact_name,
    is_confident and precedence = 1 as is_counted
from ranked
