{{ config(tags=['static']) }}
select
    unit_key,
    unit_id,
    unit_code,
    unit_level,
    unit_type,
    unit_name,
    short_name,
    unit_name_en,
    unit_sort_key,
    parent_unit_id,
    district_unit_id,
    province_unit_id,
    province_code,
    province_name,
    is_reporting_level,
    valid_from,
    valid_to,
    valid_to = date '9999-12-31' as is_current,
    stands_from,
    stands_to
from {{ ref('int_units__versions') }}
