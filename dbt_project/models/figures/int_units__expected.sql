-- The units that report below each province in each quarter and year, as of the period's last day.
{{ config(materialized='table', indexes=[{'columns': ['province_unit_id', 'period']}]) }}
with units as (
    select * from {{ ref('int_units__versions') }}
),

-- Of all periods and provinces those of which something was said: there are thousands of units.
used_years as (
    select distinct periods.year
    from {{ ref('int_periods__described') }} as periods
    inner join {{ ref('int_periods__used') }} as used
        on periods.period = used.period
),

periods as (
    select
        described.period,
        described.last_day
    from {{ ref('int_periods__described') }} as described
    inner join used_years
        on described.year = used_years.year
    where described.period_kind in ('quarter', 'year')
),

used_provinces as (
    select distinct units.province_unit_id
    from {{ ref('int_submissions__known') }} as submissions
    inner join units
        on submissions.reporting_unit_id = units.unit_id
)

select
    units.province_unit_id,
    periods.period,
    units.unit_id,
    units.unit_name,
    units.unit_sort_key
from periods
inner join units
    on
        units.is_reporting_level
        and {{ valid_on('periods.last_day') }}
inner join used_provinces
    on units.province_unit_id = used_provinces.province_unit_id
