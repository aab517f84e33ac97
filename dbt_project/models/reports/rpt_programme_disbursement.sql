{{
    config(
        meta={'slice': {'kind': 'figure_unit', 'unit': 'unit_id'}}
    )
}}
-- Which of a programme's amounts an indicator is, the catalogue says (seeds/indicator_roles.csv).
with amounts_of_programmes as (
    select
        indicator_code,
        budget_role
    from {{ ref('dim_indicator') }}
    where budget_role is not null
),

levels as (
    select *
    from {{ ref('int_levels__reporting_unit') }}
    where
        indicator_code in (select asked.indicator_code from amounts_of_programmes as asked)
        and value is not null
        and {{ in_changed_slices('province_unit_id') }}
),

of_provinces as (
    select *
    from {{ ref('int_values__by_unit') }}
    where
        indicator_code in (select asked.indicator_code from amounts_of_programmes as asked)
        and value is not null
        and unit_id in (select expected.province_unit_id from {{ ref('int_provinces__expected') }} as expected)
        and {{ in_changed_slices() }}
),

summed as (
    select
        province_unit_id as unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        measure,
        sum(value) as value,
        count(*) as units_reported
    from levels
    group by province_unit_id, period, period_kind, year, indicator_code, breakdown, measure
),

complete as (
    select summed.*
    from summed
    inner join {{ ref('int_provinces__expected') }} as expected
        on
            summed.unit_id = expected.province_unit_id
            and summed.period = expected.period
            and summed.units_reported = expected.units_expected
),

{% set figure = ['unit_id', 'period', 'period_kind', 'year', 'indicator_code', 'breakdown', 'measure'] -%}
-- A province's money is what its units have if all of them are there, else what it states itself.
figures as (
    select
        {{ figure | join(',\n        ') }},
        value
    from levels
    union all
    select
        {%- for column in figure %}
            coalesce(complete.{{ column }}, of_provinces.{{ column }}) as {{ column }},
        {%- endfor %}
        {{ figure_that_counts('false', 'of_provinces.value', 'complete.value', 'complete.unit_id is not null') }}
            as value
    from complete
    full outer join of_provinces
        on
            {%- for column in figure %}
                {{ 'and ' if not loop.first }}complete.{{ column }} = of_provinces.{{ column }}
            {%- endfor %}
),

-- What was allotted is a plan, what was carried over or paid out is actual; a form may say either of either.
amounts as (
    select
        figures.unit_id,
        figures.period,
        figures.period_kind,
        figures.year,
        figures.breakdown,
        coalesce(
            max(figures.value) filter (where roles.budget_role = 'allocated' and figures.measure = 'plan'),
            max(figures.value) filter (where roles.budget_role = 'allocated')
        ) as allocated_vnd,
        coalesce(
            max(figures.value) filter (where roles.budget_role = 'carried_over' and figures.measure = 'actual'),
            max(figures.value) filter (where roles.budget_role = 'carried_over')
        ) as carried_over_vnd,
        max(figures.value) filter (where roles.budget_role = 'disbursed' and figures.measure = 'actual')
            as disbursed_vnd
    from figures
    inner join amounts_of_programmes as roles
        on figures.indicator_code = roles.indicator_code
    group by figures.unit_id, figures.period, figures.period_kind, figures.year, figures.breakdown
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
inner join {{ ref('dim_unit') }} as units
    on {{ unit_on('periods.last_day', 'with_year.unit_id') }}
inner join {{ ref('dim_breakdown') }} as breakdowns
    on with_year.breakdown = breakdowns.breakdown
left join {{ ref('dim_programme') }} as programmes
    on breakdowns.programme_code = programmes.code
left join {{ ref('dim_funding_source') }} as sources
    on breakdowns.funding_source_code = sources.code
where {{ in_changed_slices('with_year.unit_id', 'with_year.year') }}
