select
    domain,
    nullif(indicator_prefix, '') as indicator_prefix,
    agency_code,
    agency_name_vi,
    agency_name_en,
    valid_from,
    valid_to,
    legal_basis,
    verified_in
from {{ ref('responsibilities') }}
