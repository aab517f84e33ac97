-- Of several statements of one quantity exactly one counts; none where all were read with too little confidence.
select
    unit_id,
    period,
    accumulation,
    indicator_code,
    breakdown,
    measure,
    issuer
from {{ ref('int_observations__counted') }}
group by unit_id, period, accumulation, indicator_code, breakdown, measure, issuer
having
    count(*) filter (where is_counted)
    != case when bool_or(confidence >= {{ var('minimum_confidence') }}::real) then 1 else 0 end
