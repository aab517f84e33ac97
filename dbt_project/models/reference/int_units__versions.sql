-- A unit's version is cut where its parent or province changes its own version, so that a row's
-- ancestors are the same on every day of it.
{{
    config(
        tags=['static'],
        indexes=[{'columns': ['unit_id']}, {'columns': ['parent_unit_id']}, {'columns': ['province_unit_id']}]
    )
}}
with units as (
    select * from {{ ref('stg_catalogue__admin_unit') }}
),

provinces as (
    select
        units.*,
        null::text as parent_unit_id,
        null::text as district_unit_id,
        units.unit_id as province_unit_id
    from units
    where units.parent_code is null
),

below_provinces as (
    select
        units.unit_id,
        units.unit_code,
        units.unit_level,
        units.unit_type,
        units.unit_name,
        units.short_name,
        units.unit_name_en,
        units.parent_code,
        greatest(units.valid_from, provinces.valid_from) as valid_from,
        least(units.valid_to, provinces.valid_to) as valid_to,
        provinces.unit_id as parent_unit_id,
        case when units.unit_level = 'district' then units.unit_id end as district_unit_id,
        provinces.unit_id as province_unit_id
    from units
    inner join provinces
        on
            units.parent_code = provinces.unit_code
            and units.valid_from < provinces.valid_to
            and units.valid_to > provinces.valid_from
),

below_districts as (
    select
        units.unit_id,
        units.unit_code,
        units.unit_level,
        units.unit_type,
        units.unit_name,
        units.short_name,
        units.unit_name_en,
        units.parent_code,
        greatest(units.valid_from, districts.valid_from) as valid_from,
        least(units.valid_to, districts.valid_to) as valid_to,
        districts.unit_id as parent_unit_id,
        districts.unit_id as district_unit_id,
        districts.province_unit_id
    from units
    inner join below_provinces as districts
        on
            units.parent_code = districts.unit_code
            and districts.unit_level = 'district'
            and units.valid_from < districts.valid_to
            and units.valid_to > districts.valid_from
),

versions as (
    select * from provinces
    union all
    select * from below_provinces
    union all
    select * from below_districts
)

select
    versions.unit_code
    || '@' || case
        when versions.valid_from = date '1900-01-01' then 'base' else versions.valid_from::text
    end as unit_key,
    versions.unit_id,
    versions.unit_code,
    versions.unit_level,
    versions.unit_type,
    versions.unit_name,
    versions.short_name,
    versions.unit_name_en,
    {{ sort_key('versions.short_name') }} as unit_sort_key,
    versions.parent_unit_id,
    versions.district_unit_id,
    versions.province_unit_id,
    province_units.unit_code as province_code,
    province_units.unit_name as province_name,
    -- Reports come from the level below the province: districts until 30 June 2025, communes since.
    versions.parent_unit_id is not null and versions.parent_unit_id = versions.province_unit_id as is_reporting_level,
    versions.valid_from,
    versions.valid_to,
    -- The days on which this row stands for the unit: its own, and for its first and last row those outside of the
    -- unit's life too (macros/sql/unit_on.sql).
    case
        when versions.valid_from = min(versions.valid_from) over (partition by versions.unit_id) then date '0001-01-01'
        else versions.valid_from
    end as stands_from,
    case
        when versions.valid_to = max(versions.valid_to) over (partition by versions.unit_id) then date '9999-12-31'
        else versions.valid_to
    end as stands_to,
    -- Since when a unit of this code reports, under whatever name and type: communes do since the reform.
    case
        when versions.parent_unit_id = versions.province_unit_id
            then min(versions.valid_from) filter (where versions.parent_unit_id = versions.province_unit_id) over (
                partition by versions.unit_code, versions.unit_level
            )
    end as reports_since
from versions
inner join units as province_units
    on versions.province_unit_id = province_units.unit_id
