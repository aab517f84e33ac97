-- For each province: the sum of its reporting units or the rate recomputed from sums, what the province
-- states itself, which of the two counts, and how many of the expected units it rests on.
{{
    config(
        meta={'slice': {'kind': 'province', 'unit': 'province_unit_id'}},
        indexes=[{'columns': ['province_unit_id', 'year']}]
    )
}}
with levels as not materialized (
    select *
    from {{ ref('fct_unit_figure') }}
    where
        basis in ('stated', 'summed')
        and {{ in_changed_slices(period='period') }}
),

rates as not materialized (
    select *
    from {{ ref('int_ratios__by_unit') }}
    where {{ in_changed_slices() }}
),

indicators as not materialized (
    select * from {{ ref('stg_catalogue__indicator') }}
),

expected as (
    select * from {{ ref('int_provinces__expected') }}
),

combined as (
    select
        levels.province_unit_id,
        levels.period,
        max(levels.period_kind) as period_kind,
        max(levels.year) as year,
        levels.indicator_code,
        levels.breakdown,
        sum(levels.value) as value,
        count(*)::integer as units_reported,
        'summed' as basis
    from levels
    inner join indicators
        on levels.indicator_code = indicators.indicator_code
    where indicators.agg_units = 'sum'
    group by levels.province_unit_id, levels.period, levels.indicator_code, levels.breakdown
    union all
    select
        province_unit_id,
        period,
        max(period_kind) as period_kind,
        max(year) as year,
        indicator_code,
        breakdown,
        round(100 * sum(numerator) / nullif(sum(denominator), 0), 6) as value,
        count(*)::integer as units_reported,
        'recomputed' as basis
    from rates
    group by province_unit_id, period, indicator_code, breakdown
),

stated as (
    select by_unit.*
    from {{ ref('int_values__by_unit') }} as by_unit
    where
        by_unit.unit_level = 'province'
        and by_unit.measure = 'actual'
        and by_unit.value is not null
        and {{ in_changed_slices('by_unit.unit_id', 'by_unit.year') }}
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
        coalesce(combined.units_reported, 0) as units_reported
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
        coalesce(side_by_side.units_reported = expected.units_expected, false) as is_complete
    from side_by_side
    left join expected
        on
            side_by_side.province_unit_id = expected.province_unit_id
            and side_by_side.period = expected.period
),

-- The units behind a figure are looked up where some are missing only: most figures are complete.
incomplete as (
    select
        province_unit_id,
        period,
        indicator_code,
        breakdown
    from covered
    where not is_complete
),

parts as (
    select
        levels.province_unit_id,
        levels.period,
        levels.indicator_code,
        levels.breakdown,
        levels.unit_id
    from levels
    inner join indicators
        on levels.indicator_code = indicators.indicator_code
    where indicators.agg_units = 'sum'
    union all
    select
        province_unit_id,
        period,
        indicator_code,
        breakdown,
        unit_id
    from rates
),

present as (
    select parts.*
    from incomplete
    inner join parts
        on
            incomplete.province_unit_id = parts.province_unit_id
            and incomplete.period = parts.period
            and incomplete.indicator_code = parts.indicator_code
            and incomplete.breakdown = parts.breakdown
),

missing as (
    select
        incomplete.province_unit_id,
        incomplete.period,
        incomplete.indicator_code,
        incomplete.breakdown,
        string_agg(units.unit_name, '; ' order by units.unit_sort_key, units.unit_id) as units_missing
    from incomplete
    inner join {{ ref('int_units__expected') }} as units
        on
            incomplete.province_unit_id = units.province_unit_id
            and incomplete.period = units.period
    left join present
        on
            incomplete.province_unit_id = present.province_unit_id
            and incomplete.period = present.period
            and incomplete.indicator_code = present.indicator_code
            and incomplete.breakdown = present.breakdown
            and units.unit_id = present.unit_id
    where present.unit_id is null
    group by incomplete.province_unit_id, incomplete.period, incomplete.indicator_code, incomplete.breakdown
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
    counted.province_unit_id,
    counted.period,
    counted.period_kind,
    counted.year,
    counted.indicator_code,
    counted.breakdown,
    counted.value,
    counted.value_stated,
    counted.value_combined,
    counted.basis,
    counted.units_reported,
    counted.units_expected,
    counted.is_complete,
    coalesce(missing.units_missing, '') as units_missing,
    counted.observation_ids
from counted
left join missing
    on
        counted.province_unit_id = missing.province_unit_id
        and counted.period = missing.period
        and counted.indicator_code = missing.indicator_code
        and counted.breakdown = missing.breakdown
