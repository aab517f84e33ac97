-- The units that report below each province in each quarter and year, as of the period's last day.
with periods as (
    select * from {{ ref('int_periods__described') }}
),

units as (
    select * from {{ ref('int_units__versions') }}
),

-- Of the range of periods only those about which something is said: there are 3,000 units.
used_periods as (
    select distinct period from {{ ref('int_values__by_unit') }}
),

used_provinces as (
    select distinct province_unit_id from {{ ref('int_observations__counted') }}
)

select
    units.province_unit_id,
    periods.period,
    units.unit_id,
    units.unit_name,
    units.unit_sort_key
from used_periods
inner join periods
    on used_periods.period = periods.period
inner join units
    on
        units.is_reporting_level
        and periods.last_day >= units.valid_from
        and periods.last_day < units.valid_to
inner join used_provinces
    on units.province_unit_id = used_provinces.province_unit_id
