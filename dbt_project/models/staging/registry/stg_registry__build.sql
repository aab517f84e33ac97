select
    build_id,
    last_event_id,
    outcome,
    started_at,
    finished_at
from {{ source('registry', 'build') }}
