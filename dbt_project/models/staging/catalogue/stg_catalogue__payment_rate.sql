select
    form_code,
    nullif(category_code, '') as category_code,
    rate_code,
    nullif(rate_category, '') as rate_category,
    is_prefix,
    nullif(times_rate_code, '') as times_rate_code
from {{ ref('payment_rates') }}
