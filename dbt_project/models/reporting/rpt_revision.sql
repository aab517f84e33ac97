-- depends_on: {{ ref('int_submissions__changed') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'submission'}},
        indexes=[{'columns': ['submission_id']}, {'columns': ['unit_id', 'year']}]
    )
}}
with replaced as (
    select * from {{ ref('int_submissions__replaced') }}
    {% if is_incremental() -%}
        where {{ of_changed_submissions() }}
    {%- endif %}
),

observations as not materialized (
    select * from {{ ref('stg_staging__observation') }}
),

old_values as (
    select distinct on (
        replaced.event_id,
        observations.unit_id,
        observations.period,
        observations.indicator_code,
        observations.breakdown,
        observations.measure,
        observations.accumulation,
        observations.issuer
    )
        replaced.event_id,
        observations.*
    from replaced
    inner join observations
        on replaced.submission_id = observations.submission_id
    -- As values, which an index looks up: few of all submissions were replaced.
    where observations.submission_id = any(array(select asked.submission_id from replaced as asked))
    order by
        replaced.event_id,
        observations.unit_id,
        observations.period,
        observations.indicator_code,
        observations.breakdown,
        observations.measure,
        observations.accumulation,
        observations.issuer,
        observations.observation_id
),

new_values as (
    select distinct on (
        replaced.event_id,
        observations.unit_id,
        observations.period,
        observations.indicator_code,
        observations.breakdown,
        observations.measure,
        observations.accumulation,
        observations.issuer
    )
        replaced.event_id,
        observations.*
    from replaced
    inner join observations
        on replaced.new_submission_id = observations.submission_id
    where observations.submission_id = any(array(select asked.new_submission_id from replaced as asked))
    order by
        replaced.event_id,
        observations.unit_id,
        observations.period,
        observations.indicator_code,
        observations.breakdown,
        observations.measure,
        observations.accumulation,
        observations.issuer,
        observations.observation_id
),

-- A value that was withdrawn without anything in its place has no new one; one that came in has no old one.
changed_values as (
    select
        coalesce(old_values.event_id, new_values.event_id) as event_id,
        coalesce(old_values.unit_id, new_values.unit_id) as unit_id,
        coalesce(old_values.period, new_values.period) as period,
        coalesce(old_values.indicator_code, new_values.indicator_code) as indicator_code,
        coalesce(old_values.breakdown, new_values.breakdown) as breakdown,
        coalesce(old_values.measure, new_values.measure) as measure,
        coalesce(old_values.accumulation, new_values.accumulation) as accumulation,
        coalesce(old_values.issuer, new_values.issuer) as issuer,
        coalesce(old_values.observation_id, new_values.observation_id) as observation_id,
        old_values.value as value_old,
        new_values.value as value_new,
        old_values.ref as ref_old,
        new_values.ref as ref_new
    from old_values
    full outer join new_values
        on
            old_values.event_id = new_values.event_id
            and old_values.unit_id = new_values.unit_id
            and old_values.period = new_values.period
            and old_values.indicator_code = new_values.indicator_code
            and old_values.breakdown = new_values.breakdown
            and old_values.measure = new_values.measure
            and old_values.accumulation = new_values.accumulation
            and old_values.issuer = new_values.issuer
    where not coalesce(old_values.value = new_values.value, false)
)

select
    replaced.event_id,
    changed_values.observation_id,
    replaced.submission_id,
    replaced.new_submission_id,
    replaced.form_code,
    replaced.reporting_unit_id,
    replaced.known_to as revised_at,
    case
        when replaced.new_submission_id is null then 'withdrawn'
        when replaced.is_emptied then 'emptied'
        when changed_values.value_new is null then 'removed'
        when changed_values.value_old is null then 'added'
        else 'corrected'
    end as revision_kind,
    changed_values.unit_id,
    units.unit_code,
    units.unit_name,
    units.unit_sort_key,
    units.district_unit_id,
    units.province_unit_id,
    changed_values.period,
    periods.period_name_vi,
    periods.period_name_en,
    periods.year,
    indicators.domain,
    changed_values.indicator_code,
    indicators.indicator_name_vi,
    indicators.indicator_name_en,
    changed_values.breakdown,
    breakdowns.breakdown_name_vi,
    breakdowns.breakdown_name_en,
    changed_values.measure,
    changed_values.accumulation,
    indicators.unit_of_measure,
    changed_values.value_old,
    changed_values.value_new,
    changed_values.value_new - changed_values.value_old as difference,
    round(
        100 * (changed_values.value_new - changed_values.value_old) / nullif(abs(changed_values.value_old), 0), 2
    ) as difference_pct,
    changed_values.ref_old,
    changed_values.ref_new
from changed_values
inner join replaced
    on changed_values.event_id = replaced.event_id
inner join {{ ref('dim_period') }} as periods
    on changed_values.period = periods.period
inner join {{ ref('int_units__versions') }} as units
    on
        changed_values.unit_id = units.unit_id
        and least(greatest(periods.last_day, units.unit_valid_from), units.unit_valid_to - 1) >= units.valid_from
        and least(greatest(periods.last_day, units.unit_valid_from), units.unit_valid_to - 1) < units.valid_to
inner join {{ ref('dim_indicator') }} as indicators
    on changed_values.indicator_code = indicators.indicator_code
inner join {{ ref('int_breakdowns__named') }} as breakdowns
    on changed_values.breakdown = breakdowns.breakdown
