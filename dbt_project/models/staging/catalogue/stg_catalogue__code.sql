select
    list as list_name,
    code,
    name_vi,
    name_en,
    nullif(parent, '') as parent_code,
    sort_order
from {{ ref('codelists') }}
