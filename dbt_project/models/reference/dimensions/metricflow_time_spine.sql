{{ config(meta={'rows': 'open'}) }}
-- Every day of the years in use: what the semantic layer lays time out on.
select days.date_day::date as date_day
from (
    select
        min(first_day) as first_day,
        max(last_day) as last_day
    from {{ ref('dim_period') }}
    where period_kind = 'year'
) as bounds
cross join generate_series(bounds.first_day, bounds.last_day, interval '1 day') as days (date_day)
