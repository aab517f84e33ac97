-- depends_on: {{ ref('int_slices__changed') }}
-- What adds up in time, brought to quarters and years as the value of the period, however it was stated: by the month,
-- by the quarter, or cumulated since January. What cannot be derived is a gap, not a guess.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'unit', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}]
    )
}}
with statements as not materialized (
    {{ counted_statements() | indent(4) }}
),

stated as not materialized (
    select * from statements
    where agg_time = 'sum'
),

-- Of a plan and a target, several issuers or several ways to write the same months one is taken: the plan, the coarser
-- period, the stricter amount.
{%- set months_of_a_value = [
    'unit_id', 'indicator_code', 'breakdown', 'measure', 'year', 'first_month', 'last_month'
] %}
{%- set ranks = ['measure_rank', 'kind_rank', 'accumulation_rank', 'value desc', 'observation_id'] %}
months as (
    select distinct on ({{ months_of_a_value | join(', ') }}) *
    from stated
    where period_kind = 'month' and first_month = last_month
    order by {{ (months_of_a_value + ranks) | join(', ') }}
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
        string_agg(observation_id::text, ';' order by last_month desc) as observation_ids
    from months
    group by unit_id, indicator_code, breakdown, measure, year, (last_month - 1) / 3
    having count(*) = 3
),

all_intervals as (
    select
        {{ months_of_a_value | join(',\n        ') }},
        value,
        observation_id::text as observation_ids,
        1 as source_rank,
        measure_rank,
        kind_rank,
        accumulation_rank
    from stated
    union all
    -- What is stated of a quarter goes before the sum of its months.
    select
        *,
        2 as source_rank,
        null::integer as measure_rank,
        null::integer as kind_rank,
        null::integer as accumulation_rank
    from quarters_of_months
),

intervals as (
    select distinct on ({{ months_of_a_value | join(', ') }})
        {{ months_of_a_value | join(',\n        ') }},
        value,
        observation_ids
    from all_intervals
    order by
        {{ months_of_a_value | join(',\n        ') }},
        source_rank,
        measure_rank,
        kind_rank,
        accumulation_rank,
        value desc,
        observation_ids
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
    from intervals
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

{% set quarters_and_year = {
    '-Q1': ('q1', 'is_first_half_cumulated'),
    '-Q2': ('april_to_june', 'is_first_half_cumulated'),
    '-Q3': ('july_to_september', 'is_third_quarter_cumulated'),
    '-Q4': ('october_to_december', 'is_fourth_quarter_cumulated'),
    '': ('whole_year', 'false'),
} -%}
parts as (
    select
        solved.unit_id,
        solved.indicator_code,
        solved.breakdown,
        solved.measure,
        solved.year,
        suffixes.suffix,
        case suffixes.suffix
            {%- for suffix, (column, _) in quarters_and_year.items() %}
                when '{{ suffix }}' then solved.{{ column }}
            {%- endfor %}
        end as value,
        case suffixes.suffix
            {%- for suffix, (column, _) in quarters_and_year.items() %}
                when '{{ suffix }}' then solved.{{ column }}_ids
            {%- endfor %}
        end as ids,
        case suffixes.suffix
            {%- for suffix, (_, is_gap) in quarters_and_year.items() %}
                when '{{ suffix }}' then {{ is_gap }}
            {%- endfor %}
        end as is_gap
    from solved
    cross join
        (
            values
            {%- for suffix in quarters_and_year %}
                ('{{ suffix }}'){{ ',' if not loop.last }}
            {%- endfor %}
        ) as suffixes (suffix)
),

flows as (
    select
        unit_id,
        indicator_code,
        breakdown,
        measure,
        year,
        suffix,
        value,
        case
            when value is null then 'gap'
            when ids like '%;%' then 'derived'
            else 'stated'
        end as derivation,
        case when value is not null then ids end as observation_ids
    from parts
    where value is not null or is_gap
),

closed as (
    select
        flows.unit_id,
        flows.indicator_code,
        flows.breakdown,
        flows.measure,
        lpad(flows.year::text, 4, '0') || flows.suffix as period,
        flows.year,
        flows.value,
        flows.derivation,
        flows.observation_ids,
        statements.submission_id,
        statements.source_kind,
        statements.ref
    from flows
    -- The statement that closes a value; of a difference or a sum the others are in observation_ids.
    left join statements
        on
            split_part(flows.observation_ids, ';', 1)::bigint = statements.observation_id
            and statements.agg_time = 'sum'
)

{{ unit_values('closed') }}
