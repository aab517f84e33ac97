-- depends_on: {{ ref('int_slices__changed') }}
-- For each unit that reports: what it states, what the units below it add up to, and which of the two counts.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'reporting_unit', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}, {'columns': ['province_unit_id', 'year']}]
    )
}}
with valued as (
    select
        by_unit.*,
        units.parent_unit_id,
        units.province_unit_id,
        units.is_reporting_level,
        indicators.agg_units
    from {{ ref('int_values__by_unit') }} as by_unit
    inner join {{ ref('int_periods__described') }} as periods
        on by_unit.period = periods.period
    inner join {{ ref('int_units__versions') }} as units
        on
            by_unit.unit_id = units.unit_id
            and periods.last_day >= units.valid_from
            and periods.last_day < units.valid_to
    inner join {{ ref('stg_catalogue__indicator') }} as indicators
        on by_unit.indicator_code = indicators.indicator_code
    {% if is_incremental() -%}
        where
            (by_unit.unit_id, by_unit.year) in (
                select
                    slices.unit_id,
                    slices.year
                from {{ ref('int_slices__changed') }} as slices
                where slices.slice_kind = 'reporting_unit'
                union
                select
                    below.unit_id,
                    slices.year
                from {{ ref('int_slices__changed') }} as slices
                inner join {{ ref('int_units__versions') }} as below
                    on slices.unit_id = below.parent_unit_id
                where slices.slice_kind = 'reporting_unit'
            )
    {%- endif %}
),

stated as (
    select * from valued
    where is_reporting_level
),

below as (
    select
        parent_unit_id as unit_id,
        province_unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        measure,
        sum(value) as value,
        count(value)::integer as units_reported
    from valued
    where not is_reporting_level and parent_unit_id is not null and agg_units = 'sum'
    group by parent_unit_id, province_unit_id, period, period_kind, year, indicator_code, breakdown, measure
),

asked as (
    select distinct
        unit_id,
        period
    from below
),

-- How many units lie below, counted only where something was said about one of them.
below_expected as (
    select
        asked.unit_id,
        asked.period,
        count(*)::integer as units_expected
    from asked
    inner join {{ ref('int_periods__described') }} as periods
        on asked.period = periods.period
    inner join {{ ref('int_units__versions') }} as units
        on
            asked.unit_id = units.parent_unit_id
            and periods.last_day >= units.valid_from
            and periods.last_day < units.valid_to
    group by asked.unit_id, asked.period
),

side_by_side as (
    select
        coalesce(stated.unit_id, below.unit_id) as unit_id,
        coalesce(stated.province_unit_id, below.province_unit_id) as province_unit_id,
        coalesce(stated.period, below.period) as period,
        coalesce(stated.period_kind, below.period_kind) as period_kind,
        coalesce(stated.year, below.year) as year,
        coalesce(stated.indicator_code, below.indicator_code) as indicator_code,
        coalesce(stated.breakdown, below.breakdown) as breakdown,
        coalesce(stated.measure, below.measure) as measure,
        stated.value as value_stated,
        stated.derivation,
        stated.observation_ids,
        below.value as value_summed,
        coalesce(below.units_reported, 0) as units_reported,
        coalesce(below_expected.units_expected, 0) as units_expected,
        coalesce(below.units_reported = below_expected.units_expected, false) as is_complete
    from stated
    full outer join below
        on
            stated.unit_id = below.unit_id
            and stated.period = below.period
            and stated.indicator_code = below.indicator_code
            and stated.breakdown = below.breakdown
            and stated.measure = below.measure
    left join below_expected
        on
            below.unit_id = below_expected.unit_id
            and below.period = below_expected.period
)

select
    unit_id,
    province_unit_id,
    period,
    period_kind,
    year,
    indicator_code,
    breakdown,
    measure,
    value_stated,
    value_summed,
    units_reported,
    units_expected,
    is_complete,
    {{ figure_that_counts('true', 'value_stated', 'value_summed', 'is_complete') }} as value,
    case when value_stated is not null then 'stated' when is_complete then 'summed' end as basis,
    derivation,
    observation_ids
from side_by_side
