-- The figures of each province: its totals, and falls from the totals of two years.
{{
    config(
        meta={'slice': {'kind': 'province_two_years', 'unit': 'province_unit_id'}},
        indexes=[{'columns': ['province_unit_id', 'year']}]
    )
}}
with counted as (
    select * from {{ ref('int_totals__province') }}
    where {{ in_changed_slices(with_year_before=true) }}
),

indicators as (
    select * from {{ ref('stg_catalogue__indicator') }}
),

periods as (
    select * from {{ ref('int_periods__described') }}
),

falls as (
    select
        this_year.province_unit_id,
        this_year.period,
        this_year.period_kind,
        this_year.year,
        indicators.indicator_code,
        this_year.breakdown,
        year_before.value - this_year.value as value,
        -- A fall between two figures is no better than the weaker one.
        case when 'stated' in (this_year.basis, year_before.basis) then 'stated' else 'recomputed' end as basis,
        this_year.units_reported,
        this_year.units_missing,
        this_year.units_expected,
        this_year.is_complete
    from indicators
    inner join counted as this_year
        on
            indicators.numerator = this_year.indicator_code
            and this_year.period_kind = 'year'
    inner join periods
        on this_year.period = periods.period
    inner join counted as year_before
        on
            this_year.province_unit_id = year_before.province_unit_id
            and this_year.indicator_code = year_before.indicator_code
            and this_year.breakdown = year_before.breakdown
            and periods.prior_year_period = year_before.period
    where
        {{ is_fall('indicators') }}
        and this_year.value is not null
        and year_before.value is not null
),

figures as (
    select
        coalesce(falls.province_unit_id, counted.province_unit_id) as province_unit_id,
        coalesce(falls.period, counted.period) as period,
        coalesce(falls.period_kind, counted.period_kind) as period_kind,
        coalesce(falls.year, counted.year) as year,
        coalesce(falls.indicator_code, counted.indicator_code) as indicator_code,
        coalesce(falls.breakdown, counted.breakdown) as breakdown,
        counted.value_stated,
        coalesce(falls.value, counted.value) as value,
        coalesce(falls.value, counted.value_combined) as value_combined,
        coalesce(falls.basis, counted.basis) as basis,
        coalesce(falls.units_reported, counted.units_reported) as units_reported,
        coalesce(falls.units_missing, counted.units_missing) as units_missing,
        coalesce(falls.units_expected, counted.units_expected) as units_expected,
        coalesce(falls.is_complete, counted.is_complete) as is_complete,
        counted.observation_ids
    from counted
    full outer join falls
        on
            counted.province_unit_id = falls.province_unit_id
            and counted.period = falls.period
            and counted.indicator_code = falls.indicator_code
            and counted.breakdown = falls.breakdown
)

select
    province_unit_id,
    period,
    period_kind,
    year,
    indicator_code,
    breakdown,
    value,
    value_stated,
    case when not is_complete then value_combined end as value_partial,
    basis,
    units_reported,
    units_expected,
    is_complete,
    units_missing,
    observation_ids
from figures
where {{ in_changed_slices() }}
