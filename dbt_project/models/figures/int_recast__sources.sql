-- For each unit of a map and each period: whose figures make up its own. Of the levels that reported then the highest
-- is taken at which every unit lies wholly within; where there is none, one for which weights were supplied. What
-- districts, which have no successors, are within a province stands beside and is not counted.
{{
    config(
        materialized='table',
        indexes=[{'columns': ['unit_id', 'year']}, {'columns': ['source_unit_id', 'year']}]
    )
}}
with recast as (
    select * from {{ ref('int_units__recast') }}
),

versions as (
    select * from {{ ref('int_units__versions') }}
),

-- Of all provinces those that have spoken, and their units' places on the maps.
used_units as (
    select distinct versions.unit_id
    from versions
    where
        versions.province_unit_id in (
            select expected.province_unit_id from {{ ref('int_units__expected') }} as expected
        )
),

targets as (
    select distinct
        recast.map_date,
        recast.unit_id
    from recast
    inner join used_units
        on recast.source_unit_id = used_units.unit_id
),

periods as (
    select
        described.period,
        described.period_kind,
        described.year,
        described.last_day
    from {{ ref('int_periods__described') }} as described
    where described.period in (select expected.period from {{ ref('int_units__expected') }} as expected)
),

possible as (
    select
        recast.*,
        periods.period,
        periods.period_kind,
        periods.year,
        periods.last_day
    from targets
    inner join recast
        on
            targets.map_date = recast.map_date
            and targets.unit_id = recast.unit_id
    inner join periods
        on
            recast.source_valid_from <= periods.last_day
            and recast.source_valid_to > periods.last_day
    -- Quarters are carried from province to province only.
    where periods.period_kind = 'year' or (recast.unit_level = 'province' and recast.source_level = 'province')
),

levels as (
    select
        map_date,
        unit_id,
        period,
        source_level,
        bool_and(is_within) as is_exact,
        bool_and(weight is not null) as is_weighted,
        count(*)::integer as parts_expected
    from possible
    group by map_date, unit_id, period, source_level
),

chosen as (
    select distinct on (map_date, unit_id, period) *
    from levels
    order by
        map_date,
        unit_id,
        period,
        is_exact desc,
        is_weighted desc,
        array_position(array['province', 'district', 'commune'], source_level)
)

select
    possible.map_date,
    possible.unit_id,
    possible.unit_level,
    possible.province_unit_id,
    possible.period,
    possible.period_kind,
    possible.year,
    possible.source_unit_id,
    possible.source_level,
    versions.unit_name as source_name,
    versions.unit_sort_key as source_sort_key,
    versions.is_reporting_level as is_source_reporting,
    case
        when possible.source_unit_id = possible.unit_id then 'same'
        when possible.is_within then 'whole'
        when possible.weight is not null then 'estimated'
        else 'part'
    end as how,
    possible.weight,
    possible.weight_reason,
    chosen.source_level = possible.source_level as is_counted,
    chosen.parts_expected
from possible
inner join chosen
    on
        possible.map_date = chosen.map_date
        and possible.unit_id = chosen.unit_id
        and possible.period = chosen.period
inner join versions
    on {{ unit_on('possible.last_day', 'possible.source_unit_id', 'versions') }}
where
    (
        chosen.source_level = possible.source_level
        -- A commune that is the same on the map has its years in rpt_unit_year already: there are thousands of them.
        and not (possible.unit_level = 'commune' and possible.source_unit_id = possible.unit_id)
    )
    or (possible.source_level = 'district' and possible.unit_level = 'province' and possible.is_within)
