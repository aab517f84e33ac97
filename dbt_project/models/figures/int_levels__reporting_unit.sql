-- For each unit that reports: what it states, what the units below it add up to, and which of the two counts. A view;
-- below a commune there is nothing, and no sum is looked for.
{{ config(materialized='readers_view', tags=['static']) }}
with stated as not materialized (
    select * from {{ ref('int_values__by_unit') }}
    where is_reporting_level
),

sums as not materialized (
    select * from {{ ref('int_sums__below') }}
),

side_by_side as (
    select
        unit_id,
        province_unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        measure,
        value as value_stated,
        derivation,
        observation_ids,
        submission_id,
        source_kind,
        ref,
        null::numeric as value_summed,
        0 as units_reported,
        0 as units_expected,
        false as is_complete,
        value,
        case when value is not null then 'stated' end as basis
    from stated
    where unit_level = 'commune'
    union all
    select
        stated.unit_id,
        stated.province_unit_id,
        stated.period,
        stated.period_kind,
        stated.year,
        stated.indicator_code,
        stated.breakdown,
        stated.measure,
        stated.value as value_stated,
        stated.derivation,
        stated.observation_ids,
        stated.submission_id,
        stated.source_kind,
        stated.ref,
        sums.value_summed,
        coalesce(sums.units_reported, 0) as units_reported,
        coalesce(sums.units_expected, 0) as units_expected,
        coalesce(sums.is_complete, false) as is_complete,
        {{ figure_that_counts('true', 'stated.value', 'sums.value_summed', 'sums.is_complete') }} as value,
        case when stated.value is not null then 'stated' when sums.is_complete then 'summed' end as basis
    from stated
    left join sums
        on
            stated.unit_id = sums.unit_id
            and stated.period = sums.period
            and stated.indicator_code = sums.indicator_code
            and stated.breakdown = sums.breakdown
            and stated.measure = sums.measure
    where stated.unit_level != 'commune'
    union all
    select
        sums.unit_id,
        sums.province_unit_id,
        sums.period,
        sums.period_kind,
        sums.year,
        sums.indicator_code,
        sums.breakdown,
        sums.measure,
        null::numeric as value_stated,
        null::text as derivation,
        null::text as observation_ids,
        null::bigint as submission_id,
        null::text as source_kind,
        null::text as ref,
        sums.value_summed,
        sums.units_reported,
        sums.units_expected,
        sums.is_complete,
        {{ figure_that_counts('true', 'null', 'sums.value_summed', 'sums.is_complete') }} as value,
        case when sums.is_complete then 'summed' end as basis
    from sums
    left join stated
        on
            sums.unit_id = stated.unit_id
            and sums.period = stated.period
            and sums.indicator_code = stated.indicator_code
            and sums.breakdown = stated.breakdown
            and sums.measure = stated.measure
    where stated.unit_id is null
)

select
    unit_id,
    province_unit_id,
    period,
    period_kind,
    year,
    indicator_code,
    breakdown,
    measure,
    value_stated,
    value_summed,
    units_reported,
    units_expected,
    is_complete,
    value,
    basis,
    derivation,
    observation_ids,
    submission_id,
    source_kind,
    ref
from side_by_side
