select
    breakdown,
    list_names,
    breakdown_name_vi,
    breakdown_name_en,
    sort_order
from {{ ref('int_breakdowns__named') }}
