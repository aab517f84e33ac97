-- depends_on: {{ ref('int_slices__changed') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'figures', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}]
    )
}}
with levels as (
    select *
    from {{ ref('int_levels__reporting_unit') }}
    where
        indicator_code in ('ntp_budget_allocated', 'ntp_budget_carried_over', 'ntp_budget_disbursed')
        and value is not null
        and {{ in_changed_slices('province_unit_id', kind='figures') }}
),

of_provinces as (
    select *
    from {{ ref('int_values__by_unit') }}
    where
        indicator_code in ('ntp_budget_allocated', 'ntp_budget_carried_over', 'ntp_budget_disbursed')
        and value is not null
        and unit_id in (select expected.province_unit_id from {{ ref('int_units__expected') }} as expected)
        and {{ in_changed_slices(kind='figures') }}
),

expected as (
    select
        province_unit_id,
        period,
        count(*) as units_expected
    from {{ ref('int_units__expected') }}
    group by province_unit_id, period
),

-- A province's money is what its units have if all of them are there, else what it states itself.
summed as (
    select
        levels.province_unit_id as unit_id,
        levels.period,
        levels.period_kind,
        levels.year,
        levels.indicator_code,
        levels.breakdown,
        levels.measure,
        sum(levels.value) as value
    from levels
    inner join expected
        on
            levels.province_unit_id = expected.province_unit_id
            and levels.period = expected.period
    group by
        levels.province_unit_id,
        levels.period,
        levels.period_kind,
        levels.year,
        levels.indicator_code,
        levels.breakdown,
        levels.measure
    having count(*) = max(expected.units_expected)
),

figures as (
    select
        unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        measure,
        value
    from levels
    union all
    select * from summed
    union all
    select
        of_provinces.unit_id,
        of_provinces.period,
        of_provinces.period_kind,
        of_provinces.year,
        of_provinces.indicator_code,
        of_provinces.breakdown,
        of_provinces.measure,
        of_provinces.value
    from of_provinces
    left join summed
        on
            of_provinces.unit_id = summed.unit_id
            and of_provinces.period = summed.period
            and of_provinces.indicator_code = summed.indicator_code
            and of_provinces.breakdown = summed.breakdown
            and of_provinces.measure = summed.measure
    where summed.unit_id is null
),

-- What was allotted is a plan, what was carried over or paid out is actual; a form may say either of either.
amounts as (
    select
        unit_id,
        period,
        period_kind,
        year,
        breakdown,
        coalesce(
            max(value) filter (where indicator_code = 'ntp_budget_allocated' and measure = 'plan'),
            max(value) filter (where indicator_code = 'ntp_budget_allocated')
        ) as allocated_vnd,
        coalesce(
            max(value) filter (where indicator_code = 'ntp_budget_carried_over' and measure = 'actual'),
            max(value) filter (where indicator_code = 'ntp_budget_carried_over')
        ) as carried_over_vnd,
        max(value) filter (where indicator_code = 'ntp_budget_disbursed' and measure = 'actual') as disbursed_vnd
    from figures
    group by unit_id, period, period_kind, year, breakdown
),

-- Money is given for the year: a quarter is measured by the year's allotment where it has none of its own.
with_year as (
    select
        amounts.unit_id,
        amounts.period,
        amounts.year,
        amounts.breakdown,
        coalesce(amounts.allocated_vnd, of_year.allocated_vnd) as allocated_vnd,
        coalesce(amounts.carried_over_vnd, of_year.carried_over_vnd) as carried_over_vnd,
        amounts.disbursed_vnd
    from amounts
    left join amounts as of_year
        on
            amounts.unit_id = of_year.unit_id
            and amounts.year = of_year.year
            and amounts.breakdown = of_year.breakdown
            and amounts.period_kind != 'year'
            and of_year.period_kind = 'year'
)

select
    with_year.unit_id,
    units.unit_code,
    units.unit_name,
    units.unit_level,
    units.unit_sort_key,
    units.province_unit_id,
    with_year.period,
    periods.period_name_vi,
    periods.period_name_en,
    with_year.year,
    with_year.breakdown,
    breakdowns.programme_code,
    programmes.path_name_vi as programme_name_vi,
    programmes.name_en as programme_name_en,
    breakdowns.funding_source_code,
    sources.name_vi as funding_source_name_vi,
    sources.name_en as funding_source_name_en,
    breakdowns.fund_type_code,
    breakdowns.fund_year_code,
    with_year.allocated_vnd,
    with_year.carried_over_vnd,
    with_year.disbursed_vnd,
    with_year.allocated_vnd - with_year.disbursed_vnd as remaining_vnd,
    round(100 * with_year.disbursed_vnd / nullif(with_year.allocated_vnd, 0), 2) as disbursed_pct
from with_year
inner join {{ ref('dim_period') }} as periods
    on with_year.period = periods.period
inner join {{ ref('int_units__versions') }} as units
    on
        with_year.unit_id = units.unit_id
        and periods.last_day >= units.valid_from
        and periods.last_day < units.valid_to
inner join {{ ref('dim_breakdown') }} as breakdowns
    on with_year.breakdown = breakdowns.breakdown
left join {{ ref('dim_programme') }} as programmes
    on breakdowns.programme_code = programmes.code
left join {{ ref('dim_funding_source') }} as sources
    on breakdowns.funding_source_code = sources.code
where {{ in_changed_slices('with_year.unit_id', 'with_year.year', kind='figures') }}
