{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'registry_province', 'unit': 'province_unit_id'}},
        indexes=[{'columns': ['province_unit_id', 'year']}]
    )
}}
with dues as (
    select * from {{ ref('rpt_completeness_unit') }}
    where
        is_expected
        and {{ in_changed_slices('province_unit_id', kind='registry_province') }}
)

select
    province_unit_id,
    province_name,
    period,
    period_name_vi,
    period_name_en,
    year,
    form_code,
    form_name_vi,
    form_name_en,
    domain,
    min(due_on) as due_on,
    bool_or(is_form_in_use) as is_form_in_use,
    count(*)::integer as units_expected,
    count(*) filter (where is_received)::integer as units_received,
    count(*) filter (where is_on_time)::integer as units_on_time,
    count(*) filter (where is_accepted)::integer as units_accepted,
    round(100.0 * count(*) filter (where is_received) / count(*), 1) as received_pct,
    round(100.0 * count(*) filter (where is_on_time) / count(*), 1) as on_time_pct,
    round(100.0 * count(*) filter (where is_accepted) / count(*), 1) as accepted_pct,
    count(*) = count(*) filter (where is_accepted) as is_complete,
    coalesce(
        string_agg(unit_name, '; ' order by unit_sort_key, unit_id) filter (where not is_received), ''
    ) as units_not_received,
    coalesce(
        string_agg(unit_name, '; ' order by unit_sort_key, unit_id) filter (where is_received and not is_accepted), ''
    ) as units_not_accepted
from dues
group by
    province_unit_id,
    province_name,
    period,
    period_name_vi,
    period_name_en,
    year,
    form_code,
    form_name_vi,
    form_name_en,
    domain
