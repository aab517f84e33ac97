select
    form_code,
    rank as form_rank,
    source_kind
from {{ ref('forms') }}
