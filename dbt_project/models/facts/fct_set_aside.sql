-- What accepted submissions say that does not fit: it counts in no fact, and stops nobody else's figures. The first
-- reason that fits is told. A statement counts for the unit that reports and for those below it: on the period's last
-- day, or where the reporting unit began later or ended before, on its own first or last one.
{{
    config(
        meta={
            'slice': {'kind': 'submission'},
            'unique_where': [],
            'rows': ['reporting_unit_id', 'district_unit_id', 'province_unit_id']
        },
        indexes=[{'columns': ['submission_id']}]
    )
}}
with submissions as (
    select
        submission_id,
        form_code,
        source_kind,
        reporting_unit_id,
        period as submission_period,
        status as submission_status,
        bool_or(is_in_effect) as is_in_effect
    from {{ ref('int_submissions__known') }}
    where {{ in_changed_submissions() }}
    group by submission_id, form_code, source_kind, reporting_unit_id, period, status
),

observations as (
    select * from {{ ref('stg_submissions__observation') }}
    where
        -- What prose says with too little confidence waits for a person instead.
        confidence >= {{ var('minimum_confidence') }}::real
        and {{ in_changed_submissions() }}
),

-- A unit's whole life, beside its versions.
lives as (
    select
        unit_id,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from {{ ref('int_units__versions') }}
    group by unit_id
),

dated as (
    select
        observations.*,
        submissions.form_code,
        submissions.source_kind,
        submissions.reporting_unit_id,
        submissions.submission_period,
        submissions.submission_status,
        submissions.is_in_effect,
        periods.period is not null as is_period,
        greatest(least(periods.last_day, reporters.valid_to - 1), reporters.valid_from) as stated_on
    from observations
    inner join submissions
        on observations.submission_id = submissions.submission_id
    left join {{ ref('int_periods__described') }} as periods
        on observations.period = periods.period
    left join lives as reporters
        on submissions.reporting_unit_id = reporters.unit_id
),

judged as (
    select
        dated.*,
        case
            when not dated.is_period then 'SET-001'
            when units.unit_id is null then 'SET-002'
            when indicators.indicator_code is null then 'SET-003'
            when
                dated.reporting_unit_id not in (
                    units.unit_id, coalesce(units.district_unit_id, ''), units.province_unit_id
                )
                then 'SET-004'
            when dated.unit_of_measure != indicators.unit_of_measure then 'SET-005'
            when dated.status != dated.submission_status then 'SET-006'
            -- A change may go either way and by any extent.
            when dated.measure = 'change' or indicators.measure_type = 'change' then null
            when dated.value < 0 then 'SET-007'
            when dated.value > indicators.upper_bound then 'SET-008'
        end as rule_id
    from dated
    left join {{ ref('stg_catalogue__indicator') }} as indicators
        on dated.indicator_code = indicators.indicator_code
    left join {{ ref('int_units__versions') }} as units
        on {{ unit_on('dated.stated_on', 'dated.unit_id', or_nearest=true) }}
)

select
    judged.observation_id,
    judged.submission_id,
    judged.is_in_effect,
    judged.rule_id,
    judged.source_kind,
    judged.form_code,
    judged.reporting_unit_id,
    reporters.district_unit_id,
    reporters.province_unit_id,
    judged.submission_period,
    judged.submission_status,
    judged.unit_id as stated_unit_id,
    judged.period as stated_period,
    judged.indicator_code,
    judged.breakdown,
    judged.measure,
    judged.accumulation,
    judged.value,
    judged.unit_of_measure,
    judged.status,
    judged.ref
from judged
left join {{ ref('int_units__versions') }} as reporters
    on {{ unit_on('judged.stated_on', 'judged.reporting_unit_id', 'reporters', or_nearest=true) }}
where judged.rule_id is not null
