-- depends_on: {{ ref('int_slices__changed') }}
-- What does not add up in time: stocks as of the last day of each quarter and year, and what neither adds up nor
-- carries over, which stands for its own period only.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'unit', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}]
    )
}}
with stated as (
    {{ counted_statements() | indent(4) }}
),

-- Whichever period that ends on this day a stock was stated for: the same one goes first.
closed as (
    select distinct on (stated.unit_id, stated.indicator_code, stated.breakdown, stated.measure, ends.period)
        stated.unit_id,
        stated.indicator_code,
        stated.breakdown,
        stated.measure,
        ends.period,
        stated.value,
        'stated' as derivation,
        stated.observation_id::text as observation_ids,
        stated.submission_id,
        stated.source_kind,
        stated.ref
    from stated
    cross join
        lateral (
            values
            (
                lpad(stated.year::text, 4, '0') || '-Q' || (stated.last_month / 3),
                stated.last_month % 3 = 0,
                stated.period_kind = 'quarter'
            ),
            (lpad(stated.year::text, 4, '0'), stated.last_month = 12, stated.period_kind = 'year')
        ) as ends (period, is_end, is_same_kind)
    where
        stated.agg_time != 'sum'
        and ends.is_end
        and (stated.agg_time = 'last' or ends.is_same_kind)
    order by
        stated.unit_id,
        stated.indicator_code,
        stated.breakdown,
        stated.measure,
        ends.period,
        ends.is_same_kind desc,
        stated.measure_rank,
        stated.kind_rank,
        stated.accumulation_rank,
        stated.value desc,
        stated.observation_id
)

{{ unit_values('closed') }}
