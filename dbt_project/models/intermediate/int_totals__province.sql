-- For each province: the sum of its reporting units or the rate recomputed from sums, what the province
-- states itself, which of the two counts, and how many of the expected units it rests on.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'province', 'unit': 'province_unit_id'}},
        indexes=[{'columns': ['province_unit_id', 'year']}]
    )
}}
with levels as (
    select *
    from {{ ref('int_levels__reporting_unit') }}
    where
        measure = 'actual'
        and value is not null
        and {{ in_changed_slices('province_unit_id', kind='province') }}
),

rates as (
    select *
    from {{ ref('int_rates__by_unit') }}
    where {{ in_changed_slices('province_unit_id', kind='province') }}
),

indicators as (
    select * from {{ ref('stg_catalogue__indicator') }}
),

expected as (
    select
        province_unit_id,
        period,
        count(*)::integer as units_expected
    from {{ ref('int_units__expected') }}
    group by province_unit_id, period
),

combined as (
    select
        levels.province_unit_id,
        levels.period,
        levels.period_kind,
        levels.year,
        levels.indicator_code,
        levels.breakdown,
        sum(levels.value) as value,
        count(*)::integer as units_reported,
        array_agg(levels.unit_id) as unit_ids,
        'summed' as basis
    from levels
    inner join indicators
        on levels.indicator_code = indicators.indicator_code
    where indicators.agg_units = 'sum'
    group by
        levels.province_unit_id,
        levels.period,
        levels.period_kind,
        levels.year,
        levels.indicator_code,
        levels.breakdown
    union all
    select
        province_unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        round(100 * sum(numerator) / nullif(sum(denominator), 0), 6) as value,
        count(*)::integer as units_reported,
        array_agg(unit_id) as unit_ids,
        'recomputed' as basis
    from rates
    group by province_unit_id, period, period_kind, year, indicator_code, breakdown
),

stated as (
    select by_unit.*
    from {{ ref('int_values__by_unit') }} as by_unit
    inner join {{ ref('stg_catalogue__admin_unit') }} as units
        on by_unit.unit_id = units.unit_id
    where
        units.unit_level = 'province'
        and by_unit.measure = 'actual'
        and by_unit.value is not null
        and {{ in_changed_slices('by_unit.unit_id', 'by_unit.year', kind='province') }}
),

side_by_side as (
    select
        coalesce(combined.province_unit_id, stated.unit_id) as province_unit_id,
        coalesce(combined.period, stated.period) as period,
        coalesce(combined.period_kind, stated.period_kind) as period_kind,
        coalesce(combined.year, stated.year) as year,
        coalesce(combined.indicator_code, stated.indicator_code) as indicator_code,
        coalesce(combined.breakdown, stated.breakdown) as breakdown,
        stated.value as value_stated,
        stated.observation_ids,
        combined.value as value_combined,
        combined.basis as combined_basis,
        coalesce(combined.units_reported, 0) as units_reported,
        coalesce(combined.unit_ids, '{}'::text[]) as unit_ids
    from combined
    full outer join stated
        on
            combined.province_unit_id = stated.unit_id
            and combined.period = stated.period
            and combined.indicator_code = stated.indicator_code
            and combined.breakdown = stated.breakdown
),

covered as (
    select
        side_by_side.*,
        coalesce(expected.units_expected, 0) as units_expected,
        coalesce(side_by_side.units_reported = expected.units_expected, false) as is_complete,
        case
            when side_by_side.units_reported = expected.units_expected then ''
            else (
                select string_agg(units.unit_name, '; ' order by units.unit_sort_key, units.unit_id)
                from {{ ref('int_units__expected') }} as units
                where
                    side_by_side.province_unit_id = units.province_unit_id
                    and side_by_side.period = units.period
                    and units.unit_id != all(side_by_side.unit_ids)
            )
        end as units_missing
    from side_by_side
    left join expected
        on
            side_by_side.province_unit_id = expected.province_unit_id
            and side_by_side.period = expected.period
),

counted as (
    select
        *,
        {{ figure_that_counts('false', 'value_stated', 'value_combined', 'is_complete') }} as value,
        case
            when is_complete or value_stated is null then combined_basis
            else 'stated'
        end as basis
    from covered
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
    value_combined,
    basis,
    units_reported,
    units_expected,
    is_complete,
    coalesce(units_missing, '') as units_missing,
    observation_ids
from counted
