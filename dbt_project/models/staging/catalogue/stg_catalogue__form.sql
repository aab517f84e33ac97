select
    form_code,
    rank as form_rank,
    source_kind,
    domain,
    name_vi as form_name_vi,
    name_en as form_name_en
from {{ source('catalogue', 'form') }}
