-- How far each unit fell below the year before, where it does not say so itself.
{{
    config(
        meta={'slice': {'kind': 'reporting_unit', 'unit': 'unit_id'}}
    )
}}
with indicators as not materialized (
    select * from {{ ref('stg_catalogue__indicator') }}
),

falling as not materialized (
    select
        indicators.indicator_code,
        indicators.numerator
    from indicators
    where {{ is_fall('indicators') }}
),

-- What may have fallen, in this year and the one before, and stated falls: few indicators, looked for once.
levels as materialized (
    select
        unit_id,
        province_unit_id,
        period,
        period_kind,
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
            select falling.numerator from falling
            union all
            select indicators.indicator_code from indicators
            where indicators.measure_type = 'change'
        )
        and {{ in_changed_slices(with_year_before=true) }}
),

yearly as not materialized (
    select * from levels
    union all
    select
        unit_id,
        province_unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        value
    from {{ ref('int_ratios__by_unit') }}
    where
        not is_stated
        and period_kind = 'year'
        and indicator_code in (select falling.numerator from falling)
        and {{ in_changed_slices(with_year_before=true) }}
),

falls as (
    select
        this_year.unit_id,
        this_year.province_unit_id,
        this_year.period,
        this_year.period_kind,
        this_year.year,
        falling.indicator_code,
        this_year.breakdown,
        year_before.value - this_year.value as value
    from falling
    inner join yearly as this_year
        on falling.numerator = this_year.indicator_code
    inner join yearly as year_before
        on
            this_year.unit_id = year_before.unit_id
            and this_year.indicator_code = year_before.indicator_code
            and this_year.breakdown = year_before.breakdown
            and this_year.year = year_before.year + 1
)

select falls.*
from falls
left join levels as stated
    on
        falls.unit_id = stated.unit_id
        and falls.period = stated.period
        and falls.indicator_code = stated.indicator_code
        and falls.breakdown = stated.breakdown
where
    stated.unit_id is null
    and {{ in_changed_slices('falls.unit_id', 'falls.year') }}
