select
    event_id,
    sha256,
    submission_id,
    event,
    reason,
    at as happened_at
from {{ source('registry', 'submission_event') }}
where {{ as_known('at') }}
