-- The target of each province and period. What was set for the province itself goes first; where nothing
-- was, what the province set for each of its units adds up to its own, if all units have it. Of several
-- the strictest, with which every other is reached as well.
{{ config(materialized='table', indexes=[]) }}
with targets as (
    select
        set_targets.*,
        coalesce(nullif(set_targets.issuer, ''), set_targets.plan_level_name_vi) as target_issuer,
        indicators.agg_units,
        indicators.better
    from {{ ref('int_targets__by_period') }} as set_targets
    inner join {{ ref('stg_catalogue__indicator') }} as indicators
        on set_targets.indicator_code = indicators.indicator_code
),

of_units as (
    select distinct on (targets.unit_id, targets.period, targets.indicator_code, targets.breakdown) targets.*
    from targets
    inner join {{ ref('int_units__expected') }} as expected
        on
            targets.unit_id = expected.unit_id
            and targets.period = expected.period
    where targets.plan_level_code = 'province' and targets.agg_units = 'sum'
    order by
        targets.unit_id,
        targets.period,
        targets.indicator_code,
        targets.breakdown,
        targets.is_of_span,
        case targets.better when 'lower' then targets.target_value else -targets.target_value end
),

expected as (
    select * from {{ ref('int_provinces__expected') }}
),

candidates as (
    select
        province_unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        target_value,
        target_issuer,
        better,
        is_of_span,
        1 as preference
    from targets
    where unit_id = province_unit_id
    union all
    select
        of_units.province_unit_id,
        of_units.period,
        of_units.period_kind,
        of_units.year,
        of_units.indicator_code,
        of_units.breakdown,
        sum(of_units.target_value) as target_value,
        max(of_units.plan_level_name_vi) as target_issuer,
        of_units.better,
        bool_or(of_units.is_of_span) as is_of_span,
        2 as preference
    from of_units
    inner join expected
        on
            of_units.province_unit_id = expected.province_unit_id
            and of_units.period = expected.period
    group by
        of_units.province_unit_id,
        of_units.period,
        of_units.period_kind,
        of_units.year,
        of_units.indicator_code,
        of_units.breakdown,
        of_units.better
    having count(*) = max(expected.units_expected)
)

select distinct on (province_unit_id, period, indicator_code, breakdown)
    province_unit_id,
    period,
    period_kind,
    year,
    indicator_code,
    breakdown,
    target_value,
    target_issuer
from candidates
order by
    province_unit_id,
    period,
    indicator_code,
    breakdown,
    preference,
    is_of_span,
    case better when 'lower' then target_value else -target_value end,
    target_issuer
