-- What the units below each unit that reports add up to, and how many of them are in it.
{{
    config(
        meta={'slice': {'kind': 'reporting_unit', 'unit': 'unit_id'}}
    )
}}
with below as (
    select
        by_unit.parent_unit_id as unit_id,
        by_unit.province_unit_id,
        by_unit.period,
        by_unit.period_kind,
        by_unit.year,
        by_unit.indicator_code,
        by_unit.breakdown,
        by_unit.measure,
        sum(by_unit.value) as value_summed,
        count(by_unit.value)::integer as units_reported
    from {{ ref('int_values__by_unit') }} as by_unit
    inner join {{ ref('stg_catalogue__indicator') }} as indicators
        on by_unit.indicator_code = indicators.indicator_code
    where
        not by_unit.is_reporting_level
        and by_unit.parent_unit_id is not null
        and indicators.agg_units = 'sum'
        {% if is_incremental() -%}
            -- A list of the units themselves, which an index can look up.
            and by_unit.unit_id = any(
                array(
                    select versions.unit_id
                    from {{ ref('int_units__versions') }} as versions
                    inner join {{ ref('int_slices__changed') }} as slices
                        on versions.parent_unit_id = slices.unit_id
                    where slices.slice_kind = 'reporting_unit'
                )
            )
        {%- endif %}
        and {{ in_changed_slices('by_unit.parent_unit_id', 'by_unit.year') }}
    group by
        by_unit.parent_unit_id,
        by_unit.province_unit_id,
        by_unit.period,
        by_unit.period_kind,
        by_unit.year,
        by_unit.indicator_code,
        by_unit.breakdown,
        by_unit.measure
),

asked as (
    select distinct
        unit_id,
        period
    from below
),

-- How many units lie below, counted only where something was said about one of them.
expected as (
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
            and {{ valid_on('periods.last_day') }}
    group by asked.unit_id, asked.period
)

select
    below.unit_id,
    below.province_unit_id,
    below.period,
    below.period_kind,
    below.year,
    below.indicator_code,
    below.breakdown,
    below.measure,
    below.value_summed,
    below.units_reported,
    expected.units_expected,
    below.units_reported = expected.units_expected as is_complete
from below
inner join expected
    on
        below.unit_id = expected.unit_id
        and below.period = expected.period
