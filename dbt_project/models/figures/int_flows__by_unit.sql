-- What adds up in time, brought to quarters and years as the value of the period, however it was stated: by the month,
-- by the quarter, or cumulated since January. What cannot be derived is a gap, not a guess.
{{
    config(
        meta={'slice': {'kind': 'unit', 'unit': 'unit_id'}}
    )
}}
with statements as not materialized (
    {{ counted_statements() | indent(4) }}
),

{% set series = ['unit_id', 'indicator_code', 'breakdown', 'measure', 'year'] -%}
{% set months_of_a_value = series + ['first_month', 'last_month'] -%}
{% set ranks = ['measure_rank'] + precedence_order('standing') + ['kind_rank', 'accumulation_rank', 'value desc'] -%}
-- Whatever is said of a value goes with it; `statement` is where the statement that closes it stands.
stated as not materialized (
    select
        {{ months_of_a_value | join(',\n        ') }},
        period_kind,
        value,
        observation_id,
        concat_ws(chr(31), submission_id, source_kind, ref) as statement,
        is_change,
        standing,
        as_of,
        known_from,
        measure_rank,
        kind_rank,
        accumulation_rank
    from statements
    where agg_time = 'sum'
),

-- Of several statements of the same months one is taken: of a plan and a target the plan; then the one that goes first,
-- however it was spelled (macros/sql/statement.sql); then the coarser period, the stricter amount.
months as (
    select distinct on ({{ months_of_a_value | join(', ') }}) *
    from stated
    where period_kind = 'month' and first_month = last_month
    order by {{ (months_of_a_value + ranks) | join(', ') }}, observation_id
),

quarters_of_months as (
    select
        {{ series | join(',\n        ') }},
        min(first_month) as first_month,
        max(last_month) as last_month,
        sum(value) as value,
        string_agg(observation_id::text, ';' order by last_month desc) as observation_ids,
        (array_agg(statement order by last_month desc))[1] as statement,
        bool_or(is_change) as is_change,
        -- A sum stands as far down as the last of what it is made of.
        max(standing) as standing,
        max(measure_rank) as measure_rank
    from months
    group by {{ series | join(', ') }}, (last_month - 1) / 3
    having count(*) = 3
),

all_intervals as (
    select
        {{ months_of_a_value | join(',\n        ') }},
        value,
        observation_id::text as observation_ids,
        statement,
        is_change,
        standing,
        measure_rank,
        1 as source_rank,
        as_of,
        known_from,
        kind_rank,
        accumulation_rank
    from stated
    union all
    -- What is stated of a quarter goes before the sum of its months that stands as far up.
    select
        *,
        2 as source_rank,
        null::date as as_of,
        null::timestamptz as known_from,
        null::integer as kind_rank,
        null::integer as accumulation_rank
    from quarters_of_months
),

{% set interval_ranks = ranks[:2] + ['source_rank'] + ranks[2:] -%}
intervals as (
    select distinct on (series_order, {{ months_of_a_value | join(', ') }})
        {{ series_order('unit_id', series[1:]) }} as series_order,
        {{ series | join(',\n        ') }},
        100 * first_month + last_month as months,
        value,
        observation_ids,
        statement,
        is_change,
        standing
    from all_intervals
    order by
        series_order,
        {{ (months_of_a_value + interval_ranks) | join(',\n        ') }},
        observation_ids
),

{% set cells = {'q1': 103, 'q2': 406, 'q3': 709, 'q4': 1012, 's2': 712, 'c6': 106, 'c9': 109, 'c12': 112} -%}
-- In how many ways each of these follows from others.
{% set ways = {
    'q1': ['c6 q2', 'c9 q3 q2', 'c12 s2 q2', 'c12 q4 q3 q2', 'c9 q4 s2 q2'],
    'q2': ['q1 c6', 'q1 c9 q3', 'q1 c12 s2', 'q1 c12 q4 q3', 'q1 c9 q4 s2'],
    'q3': ['c6 c9', 'q1 q2 c9', 's2 q4', 'c6 c12 q4', 'q1 q2 c12 q4'],
    'q4': ['c9 c12', 'q3 s2', 'q3 c6 c12', 'q1 q2 q3 c12', 'c9 c6 s2', 'c9 q1 q2 s2'],
    's2': ['q3 q4', 'c6 c12', 'q1 q2 c12', 'c6 c9 q4', 'q1 q2 c9 q4', 'q3 c9 c12'],
    'c6': ['q1 q2', 'c9 q3', 'c12 s2', 'c12 q4 q3', 'c9 q4 s2'],
    'c9': ['c6 q3', 'q1 q2 q3', 'c12 q4', 'c6 s2 q4', 'q1 q2 s2 q4', 'c12 s2 q3'],
    'c12': ['c9 q4', 'c6 s2', 'q1 q2 s2', 'c6 q3 q4', 'q1 q2 q3 q4', 'c9 q3 s2'],
} -%}
-- q: a quarter, s2: the second half, c: cumulated from January to that month; _ids: the statements that a value rests
-- on, the one that closes it first; _by: where that one stands; _standing: how far up it stands, 99 for nothing.
all_years as (
    select
        {{ series | join(',\n        ') }},
        bool_or(is_change) as is_change,
    {%- for cell, months in cells.items() %}
        max(value) filter (where months = {{ months }}) as {{ cell }},
        max(observation_ids) filter (where months = {{ months }}) as {{ cell }}_ids,
        max(statement) filter (where months = {{ months }}) as {{ cell }}_by,
        coalesce(max(standing) filter (where months = {{ months }}), 99)
            as {{ cell }}_standing{{ ',' if not loop.last }}
    {%- endfor %}
    from intervals
    group by series_order, {{ series | join(', ') }}
),

-- What follows from statements that all stand further up does not count, however it was spelled: the second quarter of
-- a form that cumulates is not the one of a report beside it.
ranked as (
    select
        *,
    {%- for cell, others in ways.items() %}
        {{ cell }}_standing > {{ best_standing(others) }} as is_{{ cell }}_outranked{{ ',' if not loop.last }}
    {%- endfor %}
    from all_years
    -- Worked out once, not wherever a column is used below.
    offset 0 -- noqa: AM09
),

years as (
    select
        {{ series | join(',\n        ') }},
        is_change,
    {%- for cell in cells %}
        case when not is_{{ cell }}_outranked then {{ cell }} end as {{ cell }},
        case when not is_{{ cell }}_outranked then {{ cell }}_ids end as {{ cell }}_ids,
        case when not is_{{ cell }}_outranked then {{ cell }}_by end as {{ cell }}_by{{ ',' if not loop.last }}
    {%- endfor %}
    from ranked
),

halves as (
    select
        *,
        coalesce(c6, q1 + q2, c9 - q3, c12 - s2, c12 - q4 - q3, c9 + q4 - s2) as to_june,
        coalesce(
            c6_ids,
            q2_ids || ';' || q1_ids,
            c9_ids || ';' || q3_ids,
            c12_ids || ';' || s2_ids,
            c12_ids || ';' || q4_ids || ';' || q3_ids,
            c9_ids || ';' || q4_ids || ';' || s2_ids
        ) as to_june_ids,
        coalesce(c6_by, q2_by, c9_by, c12_by) as to_june_by
    from years
    offset 0 -- noqa: AM09
),

three_quarters as (
    select
        *,
        coalesce(c9, to_june + q3, c12 - q4, to_june + s2 - q4) as to_september,
        coalesce(
            c9_ids,
            q3_ids || ';' || to_june_ids,
            c12_ids || ';' || q4_ids,
            s2_ids || ';' || q4_ids || ';' || to_june_ids
        ) as to_september_ids,
        coalesce(q1, to_june - q2) as to_march,
        coalesce(q1_ids, to_june_ids || ';' || q2_ids) as to_march_ids,
        coalesce(q1_by, to_june_by) as to_march_by
    from halves
    offset 0 -- noqa: AM09
),

solved as (
    select
        *,
        -- What is stated goes before what is derived.
        coalesce(q2, to_june - to_march) as april_to_june,
        coalesce(q2_ids, to_june_ids || ';' || to_march_ids) as april_to_june_ids,
        coalesce(q2_by, to_june_by) as april_to_june_by,
        coalesce(q3, to_september - to_june, s2 - q4) as july_to_september,
        coalesce(q3_ids, to_september_ids || ';' || to_june_ids, s2_ids || ';' || q4_ids) as july_to_september_ids,
        coalesce(q3_by, c9_by, case when to_september - to_june is not null then c12_by end, s2_by)
            as july_to_september_by,
        coalesce(q4, c12 - to_september, s2 - q3) as october_to_december,
        coalesce(q4_ids, c12_ids || ';' || to_september_ids, s2_ids || ';' || q3_ids) as october_to_december_ids,
        coalesce(q4_by, case when c12 - to_september is not null then c12_by end, s2_by) as october_to_december_by,
        coalesce(c12, to_september + q4, to_june + s2) as whole_year,
        coalesce(c12_ids, q4_ids || ';' || to_september_ids, s2_ids || ';' || to_june_ids) as whole_year_ids,
        case
            when c12 is not null then c12_by
            when to_september + q4 is not null then q4_by
            else s2_by
        end as whole_year_by,
        -- Something later was cumulated over a quarter, and the year is reported by quarters.
        coalesce(c6, c9) is not null as is_first_half_cumulated,
        c9 is not null or (c12 is not null and coalesce(q1, q2, q4, c6) is not null) as is_third_quarter_cumulated,
        c12 is not null and coalesce(q1, q2, q3, c6, c9) is not null as is_fourth_quarter_cumulated
    from three_quarters
    offset 0 -- noqa: AM09
),

{% set quarters_and_year = {
    1: ('to_march', 'is_first_half_cumulated'),
    2: ('april_to_june', 'is_first_half_cumulated'),
    3: ('july_to_september', 'is_third_quarter_cumulated'),
    4: ('october_to_december', 'is_fourth_quarter_cumulated'),
    0: ('whole_year', 'false'),
} -%}
periods as (
    select
        period,
        period_kind,
        year,
        last_day,
        case period_kind when 'quarter' then last_month / 3 else 0 end as quarter
    from {{ ref('int_periods__described') }}
    where period_kind in ('quarter', 'year')
),

parts as (
    select
        solved.unit_id,
        solved.indicator_code,
        solved.breakdown,
        solved.measure,
        solved.is_change,
        periods.period,
        periods.period_kind,
        periods.year,
        periods.last_day,
        case periods.quarter
            {%- for quarter, (column, _) in quarters_and_year.items() %}
                when {{ quarter }} then solved.{{ column }}
            {%- endfor %}
        end as value,
        case periods.quarter
            {%- for quarter, (column, _) in quarters_and_year.items() %}
                when {{ quarter }} then solved.{{ column }}_ids
            {%- endfor %}
        end as ids,
        case periods.quarter
            {%- for quarter, (column, _) in quarters_and_year.items() %}
                when {{ quarter }} then solved.{{ column }}_by
            {%- endfor %}
        end as closed_by,
        case periods.quarter
            {%- for quarter, (_, is_gap) in quarters_and_year.items() %}
                when {{ quarter }} then {{ is_gap }}
            {%- endfor %}
        end as is_gap
    from solved
    inner join periods
        on solved.year = periods.year
),

flows as (
    select
        unit_id,
        indicator_code,
        breakdown,
        measure,
        period,
        period_kind,
        year,
        last_day,
        -- What was cumulated fell: a quarter of less than nothing is a gap, and its statements tell between which two.
        case when not is_fallen then value end as value,
        case
            when value is null or is_fallen then 'gap'
            when ids like '%;%' then 'derived'
            else 'stated'
        end as derivation,
        case when value is not null then ids end as observation_ids,
        case when value is not null then closed_by end as closed_by
    from (
        select
            *,
            coalesce(value < 0 and ids like '%;%' and not is_change, false) as is_fallen
        from parts
    ) as told
    where value is not null or is_gap
),

{{ unit_values('flows', ['closed_by']) }}
