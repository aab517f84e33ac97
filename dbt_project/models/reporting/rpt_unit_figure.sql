-- depends_on: {{ ref('int_slices__changed') }}
-- The figures of each unit that reports, each once: what it states, brought to quarters and years; where it does not,
-- the sum of the units below if they are all there, a rate recomputed, a fall from two years; and the gaps.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        indexes=[{'columns': ['period', 'indicator_code']}]
    )
}}
-- What is large and read twice is read by all workers, not held; few indicators fall, these are read once.
with levels as not materialized (
    select * from {{ ref('int_levels__reporting_unit') }}
    where
        measure = 'actual'
        and (value is not null or derivation = 'gap')
        and {{ in_changed_slices(kind='reporting_unit') }}
),

rates as not materialized (
    select * from {{ ref('int_rates__by_unit') }}
    where {{ in_changed_slices(kind='reporting_unit', with_year_before=true) }}
),

indicators as not materialized (
    select * from {{ ref('stg_catalogue__indicator') }}
),

falling as not materialized (
    select indicators.numerator as indicator_code
    from indicators
    where {{ is_fall('indicators') }}
),

recomputed as not materialized (
    select
        unit_id,
        province_unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        round(100 * numerator / denominator, 6) as value
    from rates
    where not is_stated
),

-- What may have fallen, in this year and the one before, and stated falls.
yearly_levels as materialized (
    select
        unit_id,
        province_unit_id,
        period,
        year,
        indicator_code,
        breakdown,
        value
    from {{ ref('int_levels__reporting_unit') }}
    where
        measure = 'actual'
        and period_kind = 'year'
        and value is not null
        and indicator_code in (
            select falling.indicator_code from falling
            union all
            select indicators.indicator_code from indicators
            where indicators.measure_type = 'change'
        )
        and {{ in_changed_slices(kind='reporting_unit', with_year_before=true) }}
),

yearly as not materialized (
    select * from yearly_levels
    where indicator_code in (select falling.indicator_code from falling)
    union all
    select
        recomputed.unit_id,
        recomputed.province_unit_id,
        recomputed.period,
        recomputed.year,
        recomputed.indicator_code,
        recomputed.breakdown,
        recomputed.value
    from recomputed
    inner join falling
        on recomputed.indicator_code = falling.indicator_code
    where recomputed.period_kind = 'year'
),

falls as (
    select
        this_year.unit_id,
        this_year.province_unit_id,
        this_year.period,
        'year' as period_kind,
        this_year.year,
        indicators.indicator_code,
        this_year.breakdown,
        year_before.value - this_year.value as value
    from indicators
    inner join yearly as this_year
        on indicators.numerator = this_year.indicator_code
    inner join yearly as year_before
        on
            this_year.unit_id = year_before.unit_id
            and this_year.indicator_code = year_before.indicator_code
            and this_year.breakdown = year_before.breakdown
            and this_year.year = year_before.year + 1
    where {{ is_fall('indicators') }}
),

stated_falls as (
    select yearly_levels.*
    from yearly_levels
    inner join indicators
        on yearly_levels.indicator_code = indicators.indicator_code
    where indicators.measure_type = 'change'
),

-- What follows from other figures has no statement of its own.
derived as (
    select * from recomputed
    union all
    select falls.*
    from falls
    left join stated_falls
        on
            falls.unit_id = stated_falls.unit_id
            and falls.period = stated_falls.period
            and falls.indicator_code = stated_falls.indicator_code
            and falls.breakdown = stated_falls.breakdown
    where stated_falls.unit_id is null
),

figures as (
    select
        unit_id,
        province_unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        value,
        basis,
        derivation,
        observation_ids,
        submission_id,
        source_kind,
        ref
    from levels
    union all
    select
        *,
        'recomputed' as basis,
        null as derivation,
        null::text as observation_ids,
        null::bigint as submission_id,
        null::text as source_kind,
        null::text as ref
    from derived
)

select
    unit_id,
    province_unit_id,
    period,
    period_kind,
    year,
    indicator_code,
    breakdown,
    value,
    basis,
    derivation,
    -- Of a difference or a sum the statement that closes it; the others stand behind it in observation_ids.
    split_part(observation_ids, ';', 1)::bigint as observation_id,
    observation_ids,
    submission_id,
    source_kind,
    ref
from figures
where {{ in_changed_slices(kind='reporting_unit') }}
