{% macro recast_map(map_dates) -%}
    {#- Where each unit's area lies on the map of each date: a row for every unit of that map, provinces and the
        units that reported to them, which holds some of it; `is_within` where it holds all of it. Followed from area
        to area, forward or backward in time; what ended without a successor lies in the unit above it. -#}
    with recursive territories as (
        select * from {{ ref('int_units__territories') }}
    ),

    versions as (
        select * from {{ ref('int_units__versions') }}
    ),

    map_dates as (
        select map_date
        from unnest(array[
            {%- for map_date in map_dates %}
                date '{{ map_date }}'{{ ',' if not loop.last }}
            {%- endfor %}
        ]) as listed (map_date)
    ),

    steps as (
        select
            old_territory_id as territory_id,
            new_territory_id as next_territory_id,
            true as is_forward
        from {{ ref('int_units__succession') }}
        union all
        select
            new_territory_id as territory_id,
            old_territory_id as next_territory_id,
            false as is_forward
        from {{ ref('int_units__succession') }}
    ),

    -- To the unit above on the last day, or on the first one backward, where nothing else is known.
    steps_up as (
        select
            territories.territory_id,
            above.territory_id as next_territory_id,
            directions.is_forward
        from territories
        cross join (values (true), (false)) as directions (is_forward)
        inner join versions
            on
                territories.unit_id = versions.unit_id
                and case when directions.is_forward then territories.valid_to - 1 else territories.valid_from end
                    >= versions.valid_from
                and case when directions.is_forward then territories.valid_to - 1 else territories.valid_from end
                    < versions.valid_to
        inner join territories as above
            on
                versions.parent_unit_id = above.unit_id
                and case when directions.is_forward then territories.valid_to - 1 else territories.valid_from end
                    >= above.valid_from
                and case when directions.is_forward then territories.valid_to - 1 else territories.valid_from end
                    < above.valid_to
        left join steps
            on
                territories.territory_id = steps.territory_id
                and directions.is_forward = steps.is_forward
        where steps.territory_id is null
    ),

    all_steps as (
        select * from steps
        union all
        select * from steps_up
    ),

    walk as (
        select
            map_dates.map_date,
            territories.territory_id as source_territory_id,
            territories.territory_id
        from territories
        cross join map_dates
        union
        select
            walk.map_date,
            walk.source_territory_id,
            all_steps.next_territory_id as territory_id
        from walk
        inner join territories
            on walk.territory_id = territories.territory_id
        inner join all_steps
            on
                walk.territory_id = all_steps.territory_id
                and all_steps.is_forward = (territories.valid_to <= walk.map_date)
        where territories.valid_to <= walk.map_date or territories.valid_from > walk.map_date
    ),

    reached as (
        select
            walk.map_date,
            walk.source_territory_id,
            territories.unit_id,
            count(*) over (partition by walk.map_date, walk.source_territory_id) as units_reached
        from walk
        inner join territories
            on
                walk.territory_id = territories.territory_id
                and walk.map_date >= territories.valid_from
                and walk.map_date < territories.valid_to
    ),

    holders as (
        select
            reached.map_date,
            reached.source_territory_id,
            above.unit_id,
            count(*) = max(reached.units_reached) as is_within
        from reached
        inner join versions
            on {{ unit_on('reached.map_date', 'reached.unit_id', 'versions') }}
        cross join
            lateral (
                select versions.unit_id
                where versions.is_reporting_level or versions.parent_unit_id is null
                union
                select versions.district_unit_id as unit_id
                where versions.district_unit_id is not null
                union
                select versions.province_unit_id as unit_id
            ) as above
        group by reached.map_date, reached.source_territory_id, above.unit_id
    )

    select
        holders.map_date,
        holders.unit_id,
        versions.unit_level,
        versions.province_unit_id,
        territories.unit_id as source_unit_id,
        territories.unit_level as source_level,
        territories.valid_from as source_valid_from,
        territories.valid_to as source_valid_to,
        holders.is_within
    from holders
    inner join territories
        on holders.source_territory_id = territories.territory_id
    inner join versions
        on {{ unit_on('holders.map_date', 'holders.unit_id', 'versions') }}
{%- endmacro %}
