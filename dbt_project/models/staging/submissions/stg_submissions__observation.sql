select
    observation_id,
    submission_id,
    unit_id,
    period,
    as_of,
    accumulation,
    status,
    indicator_code,
    breakdown,
    measure,
    issuer,
    value,
    unit_of_measure,
    qualifier,
    confidence,
    ref
from {{ source('submissions', 'observation') }}
