select
    period,
    period_kind,
    first_day,
    last_day,
    first_year,
    year,
    quarter,
    prior_year_period,
    period_name_vi,
    period_name_en,
    sort_order
from {{ ref('int_periods__described') }}
