-- What payment lists, which are monthly, amount to by quarter and year, as far as every month is there: to be compared
-- with the summary form. They count by themselves where no form speaks (see int_values__by_unit).
{{
    config(
        meta={'slice': {'kind': 'unit', 'unit': 'unit_id'}}
    )
}}
with months as (
    select
        observations.unit_id,
        observations.indicator_code,
        observations.breakdown,
        observations.year,
        periods.last_month as month,
        observations.value,
        indicators.agg_time
    from {{ ref('int_observations__counted') }} as observations
    inner join {{ ref('int_periods__described') }} as periods
        on observations.period = periods.period
    inner join {{ ref('stg_catalogue__indicator') }} as indicators
        on observations.indicator_code = indicators.indicator_code
    where
        observations.source_kind = 'list'
        and observations.is_counted
        and observations.measure = 'actual'
        and periods.period_kind = 'month'
        and {{ in_changed_slices('observations.unit_id', 'observations.year') }}
),

ends as (
    select
        months.*,
        spans.suffix,
        spans.last_month,
        spans.months_expected
    from months
    cross join
        lateral (
            values
            ('-Q' || ((months.month + 2) / 3), 3 * ((months.month + 2) / 3), 3),
            ('', 12, 12)
        ) as spans (suffix, last_month, months_expected)
)

select
    unit_id,
    indicator_code,
    breakdown,
    lpad(year::text, 4, '0') || suffix as period,
    year,
    case agg_time
        when 'sum' then sum(value)
        else max(value) filter (where month = last_month)
    end as value,
    count(*)::integer as months
from ends
group by unit_id, indicator_code, breakdown, year, suffix, last_month, months_expected, agg_time
having
    (agg_time = 'sum' and count(*) = months_expected)
    or (agg_time = 'last' and bool_or(month = last_month))
