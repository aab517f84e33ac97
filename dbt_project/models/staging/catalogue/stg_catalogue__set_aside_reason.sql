select
    rule_id,
    sort_order,
    name_vi as rule_name_vi,
    name_en as rule_name_en,
    mend_vi,
    mend_en
from {{ ref('set_aside_reasons') }}
