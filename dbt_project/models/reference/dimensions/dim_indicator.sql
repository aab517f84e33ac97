{{ config(tags=['static']) }}
select
    indicators.indicator_code,
    indicators.indicator_name_vi,
    indicators.indicator_name_en,
    indicators.domain,
    domains.name_vi as domain_name_vi,
    domains.name_en as domain_name_en,
    indicators.measure_type,
    indicators.unit_of_measure,
    {{ unit_of_measure_name('units.name_vi') }} as unit_of_measure_name_vi,
    {{ unit_of_measure_name('units.name_en') }} as unit_of_measure_name_en,
    indicators.breakdown_lists,
    indicators.agg_units,
    indicators.agg_time,
    indicators.numerator,
    indicators.denominator,
    indicators.denominator_scope,
    indicators.better,
    indicators.fact,
    roles.budget_role,
    roles.profile_column,
    row_number() over (order by domains.sort_order, indicators.sort_order, indicators.indicator_code)::integer
        as sort_order,
    indicators.form_of_record,
    indicators.upper_bound
from {{ ref('stg_catalogue__indicator') }} as indicators
left join {{ ref('stg_catalogue__indicator_role') }} as roles
    on indicators.indicator_code = roles.indicator_code
left join {{ ref('stg_catalogue__code') }} as domains
    on
        domains.list_name = 'domain'
        and indicators.domain = domains.code
left join {{ ref('stg_catalogue__code') }} as units
    on
        units.list_name = 'unit'
        and indicators.unit_of_measure = units.code
