select
    rule_id,
    rule_name_vi,
    rule_name_en,
    mend_vi,
    mend_en,
    sort_order
from {{ ref('stg_catalogue__set_aside_reason') }}
