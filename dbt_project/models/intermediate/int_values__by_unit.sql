-- What counts about each unit, brought to quarters and years: flows as the value of the period, however
-- they were stated; stocks as of the period's last day. What cannot be derived is a gap, not a guess.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'unit', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}]
    )
}}
with observations as (
    select *
    from {{ ref('int_observations__counted') }}
    where {{ in_changed_slices() }}
),

stated as (
    select
        observations.unit_id,
        observations.indicator_code,
        case
            when observations.measure in ('plan', 'target') then breakdowns.breakdown_without_plan_level
            else observations.breakdown
        end as breakdown,
        -- A fall that was reached is stated as a change of an indicator that is a fall itself.
        case when observations.measure in ('plan', 'target') then 'plan' else 'actual' end as measure,
        observations.year,
        observations.period,
        periods.period_kind,
        case observations.accumulation when 'since_january' then 1 else periods.first_month end as first_month,
        periods.last_month,
        indicators.agg_time,
        observations.value,
        observations.observation_id::text as observation_ids,
        array_position(array['year', 'half', 'quarter', 'month'], periods.period_kind) as kind_rank,
        array_position(array['period', 'since_january', 'point'], observations.accumulation) as accumulation_rank,
        array_position(array['actual', 'change', 'plan', 'target'], observations.measure) as measure_rank
    from observations
    inner join {{ ref('stg_catalogue__indicator') }} as indicators
        on observations.indicator_code = indicators.indicator_code
    inner join {{ ref('int_periods__described') }} as periods
        on observations.period = periods.period
    inner join {{ ref('int_breakdowns__named') }} as breakdowns
        on observations.breakdown = breakdowns.breakdown
    where
        observations.is_counted
        and periods.period_kind != 'span'
        and (
            observations.measure in ('actual', 'plan', 'target')
            or (observations.measure = 'change' and indicators.measure_type = 'change')
        )
),

-- Of a plan and a target, several issuers or several ways to write the same months one is taken:
-- the plan, the coarser period, the stricter amount.
intervals as (
    select distinct on (unit_id, indicator_code, breakdown, measure, year, first_month, last_month)
        unit_id,
        indicator_code,
        breakdown,
        measure,
        year,
        first_month,
        last_month,
        value,
        observation_ids
    from stated
    where agg_time = 'sum'
    order by
        unit_id,
        indicator_code,
        breakdown,
        measure,
        year,
        first_month,
        last_month,
        measure_rank,
        kind_rank,
        accumulation_rank,
        value desc,
        observation_ids
),

quarters_of_months as (
    select
        unit_id,
        indicator_code,
        breakdown,
        measure,
        year,
        min(first_month) as first_month,
        max(last_month) as last_month,
        sum(value) as value,
        string_agg(observation_ids, ';' order by last_month desc) as observation_ids
    from intervals
    where first_month = last_month
    group by unit_id, indicator_code, breakdown, measure, year, (last_month - 1) / 3
    having count(*) = 3
),

known as (
    select * from intervals
    union all
    select quarters_of_months.*
    from quarters_of_months
    left join intervals
        on
            quarters_of_months.unit_id = intervals.unit_id
            and quarters_of_months.indicator_code = intervals.indicator_code
            and quarters_of_months.breakdown = intervals.breakdown
            and quarters_of_months.measure = intervals.measure
            and quarters_of_months.year = intervals.year
            and quarters_of_months.first_month = intervals.first_month
            and quarters_of_months.last_month = intervals.last_month
    where intervals.unit_id is null
),

{% set cells = {
    'q1': (1, 3), 'q2': (4, 6), 'q3': (7, 9), 'q4': (10, 12), 's2': (7, 12), 'c6': (1, 6), 'c9': (1, 9), 'c12': (1, 12)
} -%}
-- q: a quarter, s2: the second half, c: cumulated from January to that month; _ids: the statements that a
-- value rests on, the one that closes it first.
years as (
    select
        unit_id,
        indicator_code,
        breakdown,
        measure,
        year,
    {%- for cell, months in cells.items() %}
        max(value) filter (where first_month = {{ months[0] }} and last_month = {{ months[1] }}) as {{ cell }},
        max(observation_ids) filter (where first_month = {{ months[0] }} and last_month = {{ months[1] }})
            as {{ cell }}_ids{{ ',' if not loop.last }}
    {%- endfor %}
    from known
    group by unit_id, indicator_code, breakdown, measure, year
),

halves as (
    select
        *,
        coalesce(c6, q1 + q2) as to_june,
        coalesce(c6_ids, q2_ids || ';' || q1_ids) as to_june_ids
    from years
),

three_quarters as (
    select
        *,
        coalesce(c9, to_june + q3) as to_september,
        coalesce(c9_ids, q3_ids || ';' || to_june_ids) as to_september_ids
    from halves
),

solved as (
    select
        *,
        -- What is stated goes before what is derived.
        coalesce(q2, c6 - q1) as april_to_june,
        coalesce(q2_ids, c6_ids || ';' || q1_ids) as april_to_june_ids,
        coalesce(q3, to_september - to_june) as july_to_september,
        coalesce(q3_ids, to_september_ids || ';' || to_june_ids) as july_to_september_ids,
        coalesce(q4, c12 - to_september) as october_to_december,
        coalesce(q4_ids, c12_ids || ';' || to_september_ids) as october_to_december_ids,
        coalesce(c12, to_september + q4, to_june + s2) as whole_year,
        coalesce(c12_ids, q4_ids || ';' || to_september_ids, s2_ids || ';' || to_june_ids) as whole_year_ids,
        -- Something later was cumulated over a quarter, and the year is reported by quarters.
        coalesce(c6, c9) is not null as is_first_half_cumulated,
        c9 is not null or (c12 is not null and coalesce(q1, q2, q4, c6) is not null) as is_third_quarter_cumulated,
        c12 is not null and coalesce(q1, q2, q3, c6, c9) is not null as is_fourth_quarter_cumulated
    from three_quarters
),

flows as (
    select
        solved.unit_id,
        solved.indicator_code,
        solved.breakdown,
        solved.measure,
        solved.year,
        parts.suffix,
        parts.value,
        case
            when parts.value is null then 'gap'
            when parts.ids like '%;%' then 'derived'
            else 'stated'
        end as derivation,
        case when parts.value is not null then parts.ids end as observation_ids
    from solved
    cross join
        lateral (
            values
            ('-Q1', solved.q1, solved.q1_ids, solved.is_first_half_cumulated),
            ('-Q2', solved.april_to_june, solved.april_to_june_ids, solved.is_first_half_cumulated),
            ('-Q3', solved.july_to_september, solved.july_to_september_ids, solved.is_third_quarter_cumulated),
            ('-Q4', solved.october_to_december, solved.october_to_december_ids, solved.is_fourth_quarter_cumulated),
            ('', solved.whole_year, solved.whole_year_ids, false)
        ) as parts (suffix, value, ids, is_gap)
    where parts.value is not null or parts.is_gap
),

-- Stocks at a period's end, whichever period that ends on this day they were stated for.
stocks as (
    select distinct on (
        stated.unit_id, stated.indicator_code, stated.breakdown, stated.measure, stated.year, ends.suffix
    )
        stated.unit_id,
        stated.indicator_code,
        stated.breakdown,
        stated.measure,
        stated.year,
        ends.suffix,
        stated.value,
        'stated' as derivation,
        stated.observation_ids
    from stated
    cross join
        lateral (
            values
            ('-Q' || (stated.last_month / 3), stated.last_month % 3 = 0, (stated.period_kind = 'quarter')),
            ('', stated.last_month = 12, (stated.period_kind = 'year'))
        ) as ends (suffix, is_end, is_same_kind)
    where stated.agg_time = 'last' and ends.is_end
    order by
        stated.unit_id,
        stated.indicator_code,
        stated.breakdown,
        stated.measure,
        stated.year,
        ends.suffix,
        ends.is_same_kind desc,
        stated.measure_rank,
        stated.kind_rank,
        stated.accumulation_rank,
        stated.value desc,
        stated.observation_ids
),

-- What neither adds up nor carries over in time stands for its own period only.
others as (
    select distinct on (unit_id, indicator_code, breakdown, measure, period)
        unit_id,
        indicator_code,
        breakdown,
        measure,
        year,
        substr(period, 5) as suffix,
        value,
        'stated' as derivation,
        observation_ids
    from stated
    where agg_time in ('recompute_ratio', 'none') and period_kind in ('quarter', 'year')
    order by
        unit_id,
        indicator_code,
        breakdown,
        measure,
        period,
        measure_rank,
        accumulation_rank,
        value desc,
        observation_ids
),

all_values as (
    select
        unit_id,
        indicator_code,
        breakdown,
        measure,
        year,
        suffix,
        value,
        derivation,
        observation_ids
    from flows
    union all
    select * from stocks
    union all
    select * from others
)

select
    unit_id,
    indicator_code,
    breakdown,
    measure,
    lpad(year::text, 4, '0') || suffix as period,
    year,
    case suffix when '' then 'year' else 'quarter' end as period_kind,
    value,
    derivation,
    observation_ids
from all_values
