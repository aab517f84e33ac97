select
    form_code,
    reporting_unit_id,
    period,
    due_on
from {{ source('registry', 'calendar') }}
