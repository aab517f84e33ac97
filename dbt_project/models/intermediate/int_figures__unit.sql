-- The figures of each reporting unit: stated, summed, rates recomputed where not stated, falls from two years.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'reporting_unit', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}]
    )
}}
with levels as (
    select *
    from {{ ref('int_levels__reporting_unit') }}
    where
        measure = 'actual'
        and (value is not null or derivation = 'gap')
        -- A fall needs the year before.
        and {{ in_changed_slices(kind='reporting_unit', with_year_before=true) }}
),

rates as (
    select *
    from {{ ref('int_rates__by_unit') }}
    where {{ in_changed_slices(kind='reporting_unit', with_year_before=true) }}
),

indicators as (
    select * from {{ ref('stg_catalogue__indicator') }}
),

periods as (
    select * from {{ ref('int_periods__described') }}
),

known as (
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
        observation_ids
    from levels
    union all
    select
        rates.unit_id,
        rates.province_unit_id,
        rates.period,
        rates.period_kind,
        rates.year,
        rates.indicator_code,
        rates.breakdown,
        round(100 * rates.numerator / rates.denominator, 6) as value,
        'recomputed' as basis,
        null as derivation,
        null::text as observation_ids
    from rates
    left join levels
        on
            rates.unit_id = levels.unit_id
            and rates.period = levels.period
            and rates.indicator_code = levels.indicator_code
            and rates.breakdown = levels.breakdown
            and levels.value is not null
    where levels.unit_id is null
),

falls as (
    select
        this_year.unit_id,
        this_year.province_unit_id,
        this_year.period,
        this_year.period_kind,
        this_year.year,
        indicators.indicator_code,
        this_year.breakdown,
        year_before.value - this_year.value as value,
        'recomputed' as basis,
        null as derivation,
        null::text as observation_ids
    from indicators
    inner join known as this_year
        on
            indicators.numerator = this_year.indicator_code
            and this_year.period_kind = 'year'
    inner join periods
        on this_year.period = periods.period
    inner join known as year_before
        on
            this_year.unit_id = year_before.unit_id
            and this_year.indicator_code = year_before.indicator_code
            and this_year.breakdown = year_before.breakdown
            and periods.prior_year_period = year_before.period
    where
        {{ is_fall('indicators') }}
        and this_year.value is not null
        and year_before.value is not null
),

figures as (
    select * from known
    union all
    select falls.*
    from falls
    left join known
        on
            falls.unit_id = known.unit_id
            and falls.period = known.period
            and falls.indicator_code = known.indicator_code
            and falls.breakdown = known.breakdown
    where known.unit_id is null
)

select * from figures
where {{ in_changed_slices(kind='reporting_unit') }}
