-- Of the country and of provinces; the country's have no province.
select
    null as province_code,
    rate_code,
    coalesce(category_code, '') as rate_category,
    value,
    coalesce(valid_from, date '1900-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    legal_basis
from {{ ref('rates') }}
union all
select
    province_code,
    rate_code,
    coalesce(category_code, '') as rate_category,
    value,
    coalesce(valid_from, date '1900-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    legal_basis
from {{ ref('province_rates') }}
