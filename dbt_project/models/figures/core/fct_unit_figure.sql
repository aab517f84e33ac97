-- The figures of each unit that reports, each once: what it states, brought to quarters and years; where it does not,
-- the sum of the units below if they are all there, a rate recomputed, a fall from two years; and the gaps.
{{ config(indexes=[{'columns': ['period', 'indicator_code']}]) }}
with levels as not materialized (
    select * from {{ ref('int_levels__reporting_unit') }}
    where
        measure = 'actual'
        and (value is not null or derivation = 'gap')
        and {{ in_changed_slices() }}
),

-- What follows from other figures has no statement of its own.
recomputed as not materialized (
    select
        unit_id,
        province_unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        value
    from {{ ref('int_ratios__by_unit') }}
    where
        not is_stated
        and {{ in_changed_slices() }}
    union all
    select
        unit_id,
        province_unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        value
    from {{ ref('int_falls__by_unit') }}
    where {{ in_changed_slices() }}
),

figures as (
    select
        unit_id,
        province_unit_id,
        period,
        period_kind,
        year,
        indicator_code,
        breakdown,
        value,
        basis,
        derivation,
        observation_ids,
        submission_id,
        source_kind,
        ref
    from levels
    union all
    select
        *,
        'recomputed' as basis,
        null as derivation,
        null::text as observation_ids,
        null::bigint as submission_id,
        null::text as source_kind,
        null::text as ref
    from recomputed
)

select
    unit_id,
    province_unit_id,
    period,
    period_kind,
    year,
    indicator_code,
    breakdown,
    value,
    basis,
    derivation,
    -- Of a difference or a sum the statement that closes it; the others stand behind it in observation_ids.
    split_part(observation_ids, ';', 1)::bigint as observation_id,
    observation_ids,
    submission_id,
    source_kind,
    ref
from figures
