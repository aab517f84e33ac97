{{
    config(
        meta={'slice': {'kind': 'map_unit', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}, {'columns': ['indicator_code', 'period']}, {'columns': ['unit_level', 'unit_id']}]
    )
}}
with parts as not materialized (
    select * from {{ ref('int_recast__parts') }}
    where
        is_counted
        and {{ in_changed_slices() }}
),

terms as (
    select * from {{ ref('int_ratios__terms') }}
    where indicator_code not in (
        select of_plans.indicator_code from {{ ref('int_ratios__terms') }} as of_plans
        where of_plans.term_measure != 'actual'
    )
),

-- Numerator and denominator of each unit that has both; a sum of rates is no rate.
rate_parts as (
    select
        parts.map_date,
        parts.unit_id,
        parts.period,
        terms.indicator_code,
        terms.breakdown,
        parts.source_unit_id,
        max(parts.year) as year,
        max(parts.source_level) as source_level,
        max(parts.parts_expected) as parts_expected,
        sum(parts.value) filter (where terms.role = 'numerator') as numerator,
        sum(parts.value) filter (where terms.role = 'denominator') as denominator
    from parts
    inner join terms
        on
            parts.indicator_code = terms.term_code
            and parts.breakdown = terms.term_breakdown
    group by
        parts.map_date,
        parts.unit_id,
        parts.period,
        terms.indicator_code,
        terms.breakdown,
        parts.source_unit_id
    having
        count(*) filter (where terms.role = 'numerator') = 1
        and count(*) filter (where terms.role = 'denominator')
        = max(terms.terms_expected) filter (where terms.role = 'denominator')
),

summed as (
    select
        map_date,
        unit_id,
        period,
        indicator_code,
        breakdown,
        sum(value) as value,
        max(year) as year,
        max(source_level) as source_level,
        max(parts_expected) as parts_expected,
        count(*)::integer as parts_reported,
        bit_xor(hashtextextended(source_unit_id, 0)) as parts_key,
        case when max(parts_expected) > 1 then 'summed' else 'same' end as basis
    from parts
    group by map_date, unit_id, period, indicator_code, breakdown
),

recomputed as (
    select
        map_date,
        unit_id,
        period,
        indicator_code,
        breakdown,
        round(100 * sum(numerator) / sum(denominator), 6) as value,
        max(year) as year,
        max(source_level) as source_level,
        max(parts_expected) as parts_expected,
        count(*)::integer as parts_reported,
        bit_xor(hashtextextended(source_unit_id, 0)) as parts_key,
        'recomputed' as basis
    from rate_parts
    group by map_date, unit_id, period, indicator_code, breakdown
    having sum(denominator) != 0
),

recast as (
    select * from summed
    union all
    -- What a unit that stayed whole says of a rate itself goes before.
    select recomputed.*
    from recomputed
    left join summed
        on
            recomputed.map_date = summed.map_date
            and recomputed.unit_id = summed.unit_id
            and recomputed.period = summed.period
            and recomputed.indicator_code = summed.indicator_code
            and recomputed.breakdown = summed.breakdown
    where summed.unit_id is null
),

sources as (
    select * from {{ ref('int_recast__sources') }}
    where
        is_counted
        and {{ in_changed_slices() }}
),

estimates as (
    select
        map_date,
        unit_id,
        period,
        string_agg(
            source_name || ': ' || weight || ' (' || weight_reason || ')',
            '; ' order by source_sort_key, source_unit_id
        ) as estimate_basis
    from sources
    where how = 'estimated' and parts_expected > 1
    group by map_date, unit_id, period
),

-- Which parts are missing is looked up once for all figures of a unit and period that rest on the same ones: one of
-- these figures stands for the others. `parts_key` is the same for the same parts, whatever their order, and with their
-- number tells others from them as far as 64 bits do.
incomplete as (
    select distinct on (map_date, unit_id, period, parts_reported, parts_key)
        map_date,
        unit_id,
        period,
        parts_reported,
        parts_key,
        indicator_code,
        breakdown,
        basis
    from recast
    where parts_reported != parts_expected
    order by map_date, unit_id, period, parts_reported, parts_key, indicator_code, breakdown
),

all_parts as (
    select
        map_date,
        unit_id,
        period,
        indicator_code,
        breakdown,
        'recomputed' as basis,
        source_unit_id
    from rate_parts
    union all
    select
        map_date,
        unit_id,
        period,
        indicator_code,
        breakdown,
        'summed' as basis,
        source_unit_id
    from parts
    where parts_expected > 1
),

missing as (
    select
        incomplete.map_date,
        incomplete.unit_id,
        incomplete.period,
        incomplete.parts_reported,
        incomplete.parts_key,
        string_agg(
            case
                when sources.how = 'part' then sources.source_name || ' (một phần | in part)'
                else sources.source_name
            end,
            '; ' order by sources.source_sort_key, sources.source_unit_id
        ) as parts_missing
    from incomplete
    inner join sources
        on
            incomplete.map_date = sources.map_date
            and incomplete.unit_id = sources.unit_id
            and incomplete.period = sources.period
    left join all_parts
        on
            incomplete.map_date = all_parts.map_date
            and incomplete.unit_id = all_parts.unit_id
            and incomplete.period = all_parts.period
            and incomplete.indicator_code = all_parts.indicator_code
            and incomplete.breakdown = all_parts.breakdown
            and incomplete.basis = all_parts.basis
            and sources.source_unit_id = all_parts.source_unit_id
    where all_parts.source_unit_id is null
    group by
        incomplete.map_date,
        incomplete.unit_id,
        incomplete.period,
        incomplete.parts_reported,
        incomplete.parts_key
)

select
    recast.map_date,
    recast.unit_id,
    units.unit_level,
    units.province_unit_id,
    recast.period,
    recast.year,
    recast.indicator_code,
    recast.breakdown,
    case when recast.parts_reported = recast.parts_expected then recast.value end as value,
    case when recast.parts_reported != recast.parts_expected then recast.value end as value_partial,
    recast.basis,
    estimates.map_date is not null as is_estimated,
    estimates.estimate_basis,
    recast.source_level,
    recast.parts_reported,
    recast.parts_expected,
    recast.parts_reported = recast.parts_expected as is_complete,
    coalesce(missing.parts_missing, '') as parts_missing
from recast
left join estimates
    on
        recast.map_date = estimates.map_date
        and recast.unit_id = estimates.unit_id
        and recast.period = estimates.period
left join missing
    on
        recast.map_date = missing.map_date
        and recast.unit_id = missing.unit_id
        and recast.period = missing.period
        and recast.parts_reported = missing.parts_reported
        and recast.parts_key = missing.parts_key
inner join {{ ref('int_units__versions') }} as units
    on {{ unit_on('recast.map_date', 'recast.unit_id') }}
