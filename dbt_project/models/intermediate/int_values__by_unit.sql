-- What counts about each unit, brought to quarters and years: flows as the value of the period, however
-- they were stated; stocks as of the period's last day. What cannot be derived is a gap, not a guess.
with observations as (
    select * from {{ ref('int_observations__counted') }}
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
        array[observations.observation_id] as observation_ids,
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
        observation_ids,
        'stated' as derivation
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
        array_agg(observation_ids[1] order by last_month) as observation_ids,
        'sum' as derivation
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

{% set cells = {'q1': (1, 3), 'q2': (4, 6), 'q3': (7, 9), 'q4': (10, 12), 's2': (7, 12), 'c6': (1, 6), 'c9': (1, 9), 'c12': (1, 12)} -%}
-- q: a quarter, s2: the second half, c: cumulated from January to that month.
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
        coalesce(c6_ids, q1_ids || q2_ids) as to_june_ids
    from years
),

three_quarters as (
    select
        *,
        coalesce(c9, to_june + q3) as to_september,
        coalesce(c9_ids, to_june_ids || q3_ids) as to_september_ids
    from halves
),

flows as (
    select
        three_quarters.unit_id,
        three_quarters.indicator_code,
        three_quarters.breakdown,
        three_quarters.measure,
        three_quarters.year,
        derived.suffix,
        coalesce(derived.stated_value, derived.derived_value) as value,
        case
            when derived.stated_value is not null then 'stated'
            when derived.derived_value is not null then derived.how
            else 'gap'
        end as derivation,
        case
            when derived.stated_value is not null then derived.stated_ids
            when derived.derived_value is not null then derived.derived_ids
            else '{}'::bigint[]
        end as observation_ids
    from three_quarters
    cross join lateral (
        values
        ('-Q1', q1, q1_ids, null, null::bigint[], 'difference', coalesce(c6, c9) is not null),
        ('-Q2', q2, q2_ids, c6 - q1, c6_ids || q1_ids, 'difference', coalesce(c6, c9) is not null),
        (
            '-Q3', q3, q3_ids, to_september - to_june, to_september_ids || to_june_ids, 'difference',
            c9 is not null or (c12 is not null and coalesce(q1, q2, c6, q4) is not null)
        ),
        (
            '-Q4', q4, q4_ids, c12 - to_september, c12_ids || to_september_ids, 'difference',
            c12 is not null and coalesce(q1, q2, q3, c6, c9) is not null
        ),
        (
            '', c12, c12_ids, coalesce(to_september + q4, to_june + s2),
            coalesce(to_september_ids || q4_ids, to_june_ids || s2_ids), 'sum', false
        )
    ) as derived (suffix, stated_value, stated_ids, derived_value, derived_ids, how, is_gap)
    where derived.stated_value is not null or derived.derived_value is not null or derived.is_gap
),

-- Stocks at a period's end, whichever period that ends on this day they were stated for.
stocks as (
    select distinct on (stated.unit_id, stated.indicator_code, stated.breakdown, stated.measure, stated.year, ends.suffix)
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
    cross join lateral (
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
