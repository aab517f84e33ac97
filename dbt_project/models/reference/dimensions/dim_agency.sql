{{ config(tags=['static']) }}
with indicators as (
    select * from {{ ref('stg_catalogue__indicator') }}
),

responsibilities as (
    select * from {{ ref('stg_catalogue__responsibility') }}
)

-- Who is named for some indicators of a subject goes before who is named for the whole.
select distinct on (indicators.indicator_code, responsibilities.valid_from)
    indicators.indicator_code,
    responsibilities.agency_code,
    responsibilities.agency_name_vi,
    responsibilities.agency_name_en,
    responsibilities.valid_from,
    responsibilities.valid_to,
    responsibilities.valid_to = date '9999-12-31' as is_current,
    responsibilities.legal_basis,
    responsibilities.verified_in
from indicators
inner join responsibilities
    on
        indicators.domain = responsibilities.domain
        and starts_with(indicators.indicator_code, coalesce(responsibilities.indicator_prefix, ''))
order by
    indicators.indicator_code,
    responsibilities.valid_from,
    length(responsibilities.indicator_prefix) desc nulls last
