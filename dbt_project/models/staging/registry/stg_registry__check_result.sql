select
    check_result_id,
    sha256,
    submission_id,
    rule_id,
    outcome,
    severity,
    ref,
    refs,
    lhs,
    rhs,
    difference,
    message_vi,
    message_en,
    checked_at
from {{ source('registry', 'check_result') }}
where {{ as_known('checked_at') }}
