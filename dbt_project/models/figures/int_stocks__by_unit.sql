-- What does not add up in time: stocks as of the last day of each quarter and year, and what neither adds up nor
-- carries over, which stands for its own period only.
{{
    config(
        meta={'slice': {'kind': 'unit', 'unit': 'unit_id'}}
    )
}}
with stated as (
    {{ counted_statements() | indent(4) }}
),

periods as (
    select * from {{ ref('int_periods__described') }}
),

-- The quarter and the year that end with a period.
ends as (
    select
        periods.period as stated_period,
        closing.period,
        closing.period_kind,
        closing.year,
        closing.last_day,
        closing.period_kind = periods.period_kind as is_same_kind
    from periods
    inner join periods as closing
        on periods.last_day = closing.last_day
    where
        periods.period_kind != 'span'
        and closing.period_kind in ('quarter', 'year')
),

{% set columns = ['stated.indicator_code', 'stated.breakdown', 'stated.measure', 'ends.period'] -%}
{% set figures = [series_order('stated.unit_id', columns), 'stated.unit_id'] + columns -%}
-- Whichever period that ends on this day a stock was stated for, one quantity: the statement that goes first counts
-- (macros/sql/statement.sql), and of two that stand alike the one of the same period.
closed as (
    select distinct on ({{ figures | join(', ') }})
        stated.unit_id,
        stated.indicator_code,
        stated.breakdown,
        stated.measure,
        ends.period,
        ends.period_kind,
        ends.year,
        ends.last_day,
        stated.value,
        'stated' as derivation,
        stated.observation_id::text as observation_ids,
        stated.submission_id,
        stated.source_kind,
        stated.ref
    from stated
    inner join ends
        on stated.period = ends.stated_period
    where
        stated.agg_time != 'sum'
        and (stated.agg_time = 'last' or ends.is_same_kind)
    order by
        {{ figures | join(',\n        ') }},
        stated.measure_rank,
        {{ precedence_order('stated.standing', 'stated') | join(',\n        ') }},
        ends.is_same_kind desc,
        stated.kind_rank,
        stated.accumulation_rank,
        stated.value desc,
        stated.observation_id
),

{{ unit_values('closed', ['submission_id', 'source_kind', 'ref']) }}
