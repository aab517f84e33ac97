select
    submission_id,
    sha256,
    part,
    form_code,
    form_version,
    reader_version,
    source_kind,
    reporting_unit_id,
    period,
    status,
    is_nil,
    state,
    accepted_at,
    superseded_at,
    created_at
from {{ source('registry', 'submission') }}
