-- Of the country and of provinces; the country's have no province. A rate without a value is in force and was read by
-- nobody.
select
    null as province_code,
    rate_code,
    coalesce(category_code, '') as rate_category,
    value,
    coalesce(valid_from, date '1900-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    legal_basis,
    coalesce(tolerance, 0) as tolerance,
    coalesce(former_until, date '1900-01-01') as former_until,
    verified_in = 'derived' as is_derived
from {{ ref('rates') }}
union all
select
    province_code,
    rate_code,
    coalesce(category_code, '') as rate_category,
    value,
    coalesce(valid_from, date '1900-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    legal_basis,
    0 as tolerance,
    date '1900-01-01' as former_until,
    false as is_derived
from {{ ref('province_rates') }}
