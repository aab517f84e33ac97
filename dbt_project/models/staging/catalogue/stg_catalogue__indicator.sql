select
    code as indicator_code,
    name_vi as indicator_name_vi,
    name_en as indicator_name_en,
    domain,
    measure_type,
    unit as unit_of_measure,
    breakdowns as breakdown_lists,
    agg_units,
    agg_time,
    nullif(numerator, '') as numerator,
    nullif(denominator, '') as denominator,
    nullif(denominator_scope, '') as denominator_scope,
    coalesce(numerator_breakdown, '') as numerator_breakdown,
    nullif(better, '') as better,
    fact,
    sort_order
from {{ ref('indicators') }}
