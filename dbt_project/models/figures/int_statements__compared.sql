-- Every statement that does not count, however it was spelled, beside what counts for the same quantity, where the two
-- differ (STM-001); what was cumulated and fell (CUM-001); quarters that do not add up to their year (CUM-002).
{{
    config(
        meta={'slice': {'kind': 'unit', 'unit': 'unit_id'}}
    )
}}
{% set series = ['unit_id', 'indicator_code', 'breakdown', 'measure', 'year'] -%}
with spoken as not materialized (
    select
        observations.unit_id,
        observations.indicator_code,
        observations.breakdown,
        observations.measure,
        observations.year,
        observations.issuer,
        observations.period,
        observations.accumulation,
        observations.observation_id,
        observations.value,
        observations.source_kind,
        observations.form_code,
        observations.status,
        observations.as_of,
        observations.known_from,
        observations.ref,
        observations.is_counted
    from {{ ref('int_observations__counted') }} as observations
    where
        observations.confidence >= {{ var('minimum_confidence') }}::real
        and {{ in_changed_slices('observations.unit_id', 'observations.year') }}
),

-- Most quantities are spelled in one way and stated once: only the others are looked at.
contested as (
    select {{ series | join(', ') }}
    from spoken
    group by {{ series | join(', ') }}
    having
        not bool_and(is_counted)
        or min(accumulation || length(period)) != max(accumulation || length(period))
),

statements as (
    select
        spoken.*,
        indicators.agg_time,
        indicators.measure_type,
        {{ standing('spoken', 'indicators') | indent(8) }} as standing,
        -- What makes two spellings one quantity: the months of what adds up in time, the last day of what carries over.
        case
            when periods.period_kind = 'span' or indicators.agg_time not in ('sum', 'last') then spoken.period
            when indicators.agg_time = 'last' then periods.last_day::text
            else {{ first_month('spoken', 'periods', 'units') | indent(12) }} || '-' || periods.last_month
        end as quantity
    from spoken
    inner join contested
        on {{ are_equal('spoken', 'contested', series) }}
    inner join {{ ref('stg_catalogue__indicator') }} as indicators
        on spoken.indicator_code = indicators.indicator_code
    inner join {{ ref('int_periods__described') }} as periods
        on spoken.period = periods.period
    left join {{ ref('int_units__versions') }} as units
        on {{ unit_on('periods.last_day', 'spoken.unit_id') }}
),

{% set same = series + ['issuer', 'quantity'] -%}
firsts as (
    select distinct on ({{ same | join(', ') }})
        {{ same | join(',\n        ') }},
        observation_id,
        value,
        source_kind,
        ref
    from statements
    order by
        {{ (same + precedence_order('standing')) | join(',\n        ') }},
        value desc,
        observation_id
),

asked as (
    select distinct
        unit_id,
        indicator_code,
        breakdown,
        year
    from contested
),

-- What was made of them: quarters and years as they are shown.
figures as (
    select
        flows.unit_id,
        flows.indicator_code,
        flows.breakdown,
        flows.year,
    {%- for cell in ['q1', 'q2', 'q3', 'q4', 'whole_year'] %}
        {%- set is_year = "flows.period_kind = 'year'" %}
        {%- set is_cell = is_year if cell == 'whole_year' else "right(flows.period, 2) = '" ~ cell.upper() ~ "'" %}
        max(flows.value) filter (where {{ is_cell }}) as {{ cell }},
        max(flows.closed_by) filter (where {{ is_cell }}) as {{ cell }}_by{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ ref('int_flows__by_unit') }} as flows
    inner join asked
        on
            flows.unit_id = asked.unit_id
            and flows.indicator_code = asked.indicator_code
            and flows.breakdown = asked.breakdown
            and flows.year = asked.year
    where
        flows.measure = 'actual'
        and {{ in_changed_slices('flows.unit_id', 'flows.year') }}
    group by flows.unit_id, flows.indicator_code, flows.breakdown, flows.year
),

side_by_side as (
    select
        statements.unit_id,
        statements.indicator_code,
        statements.breakdown,
        statements.measure,
        statements.year,
        statements.period,
        statements.value as value_other,
        statements.source_kind as source_kind_other,
        statements.ref as ref_other,
        statements.observation_id,
        case statements.quantity
            when '1-3' then figures.q1
            when '4-6' then figures.q2
            when '7-9' then figures.q3
            when '10-12' then figures.q4
            when '1-6' then figures.q1 + figures.q2
            when '1-9' then figures.q1 + figures.q2 + figures.q3
            when '7-12' then figures.q3 + figures.q4
            when '1-12' then figures.whole_year
        end as value_made,
        case statements.quantity
            when '1-3' then figures.q1_by
            when '4-6' then figures.q2_by
            when '7-9' then figures.q3_by
            when '10-12' then figures.q4_by
            when '1-6' then figures.q2_by
            when '1-9' then figures.q3_by
            when '7-12' then figures.q4_by
            when '1-12' then figures.whole_year_by
        end as made_by,
        firsts.value as value_first,
        firsts.source_kind as source_kind_first,
        firsts.ref as ref_first
    from statements
    inner join firsts
        on {{ are_equal('statements', 'firsts', same) }}
    left join figures
        on
            statements.agg_time = 'sum'
            and (
                statements.measure = 'actual'
                or (statements.measure = 'change' and statements.measure_type = 'change')
            )
            and statements.unit_id = figures.unit_id
            and statements.indicator_code = figures.indicator_code
            and statements.breakdown = figures.breakdown
            and statements.year = figures.year
    where
        -- A list is compared with the form by what it amounts to (LST-200).
        statements.source_kind != 'list'
        or firsts.source_kind = 'list'
),

twice_stated as (
    select
        'STM-001' as rule_id,
        {{ series | join(',\n        ') }},
        period,
        coalesce(value_made, value_first) as value_counted,
        case
            when value_made is null or made_by is null then source_kind_first
            else split_part(made_by, chr(31), 2)
        end as source_kind_counted,
        case
            when value_made is null or made_by is null then ref_first
            else split_part(made_by, chr(31), 3)
        end as ref_counted,
        value_other,
        source_kind_other,
        ref_other,
        observation_id
    from side_by_side
    where value_other != coalesce(value_made, value_first)
),

-- A quarter that was cumulated to less than the one before is a gap, which tells between which two statements.
fallen as (
    select
        flows.unit_id,
        flows.indicator_code,
        flows.breakdown,
        flows.year,
        flows.period,
        split_part(flows.observation_ids, ';', 1)::bigint as later_observation_id,
        split_part(flows.observation_ids, ';', 2)::bigint as earlier_observation_id
    from {{ ref('int_flows__by_unit') }} as flows
    where
        flows.derivation = 'gap'
        and flows.observation_ids is not null
        and flows.measure = 'actual'
        and {{ in_changed_slices('flows.unit_id', 'flows.year') }}
),

falls as (
    select
        'CUM-001' as rule_id,
        fallen.unit_id,
        fallen.indicator_code,
        fallen.breakdown,
        'actual' as measure,
        fallen.year,
        fallen.period,
        earlier.value as value_counted,
        earlier.source_kind as source_kind_counted,
        earlier.ref as ref_counted,
        later.value as value_other,
        later.source_kind as source_kind_other,
        later.ref as ref_other,
        later.observation_id
    from fallen
    inner join spoken as later
        on fallen.later_observation_id = later.observation_id
    inner join spoken as earlier
        on fallen.earlier_observation_id = earlier.observation_id
    where
        -- Lists of values, which an index looks up.
        later.observation_id = any(array(select fall.later_observation_id from fallen as fall))
        and earlier.observation_id = any(array(select fall.earlier_observation_id from fallen as fall))
),

sums as (
    select
        'CUM-002' as rule_id,
        unit_id,
        indicator_code,
        breakdown,
        'actual' as measure,
        year,
        lpad(year::text, 4, '0') as period,
        whole_year as value_counted,
        split_part(whole_year_by, chr(31), 2) as source_kind_counted,
        split_part(whole_year_by, chr(31), 3) as ref_counted,
        q1 + q2 + q3 + q4 as value_other,
        split_part(q4_by, chr(31), 2) as source_kind_other,
        split_part(q4_by, chr(31), 3) as ref_other,
        0::bigint as observation_id
    from figures
    where whole_year != q1 + q2 + q3 + q4
)

select * from twice_stated
union all
select * from falls
union all
select * from sums
