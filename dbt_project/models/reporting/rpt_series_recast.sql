{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'recast', 'unit': 'unit_id'}},
        indexes=[
            {'columns': ['unit_id', 'year']},
            {'columns': ['indicator_code', 'period']},
            {'columns': ['unit_level', 'unit_id']},
        ]
    )
}}
with parts as (
    select * from {{ ref('int_recast__parts') }}
    where
        is_counted
        and {{ in_changed_slices(kind='recast') }}
),

terms as (
    select * from {{ ref('int_rates__terms') }}
    where indicator_code not in (
        select of_plans.indicator_code from {{ ref('int_rates__terms') }} as of_plans
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
        array_agg(source_unit_id) as source_unit_ids,
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
        array_agg(source_unit_id) as source_unit_ids,
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
        and {{ in_changed_slices(kind='recast') }}
),

-- What is the same for every figure that rests on the same several units.
covered as (
    select
        totals.map_date,
        totals.unit_id,
        totals.period,
        totals.source_unit_ids,
        bool_or(sources.how = 'estimated') as is_estimated,
        string_agg(
            sources.source_name || ': ' || sources.weight || ' (' || sources.weight_reason || ')',
            '; ' order by sources.source_sort_key, sources.source_unit_id
        ) filter (where sources.how = 'estimated') as estimate_basis,
        string_agg(
            case
                when sources.how = 'part' then sources.source_name || ' (một phần | in part)'
                else sources.source_name
            end,
            '; ' order by sources.source_sort_key, sources.source_unit_id
        ) filter (where sources.source_unit_id != all(totals.source_unit_ids)) as parts_missing
    from (
        select distinct
            map_date,
            unit_id,
            period,
            source_unit_ids
        from recast
        where parts_expected > 1
    ) as totals
    inner join sources
        on
            totals.map_date = sources.map_date
            and totals.unit_id = sources.unit_id
            and totals.period = sources.period
    group by totals.map_date, totals.unit_id, totals.period, totals.source_unit_ids
)

select
    recast.map_date,
    recast.unit_id,
    units.unit_code,
    units.unit_name,
    units.unit_level,
    units.unit_sort_key,
    units.province_unit_id,
    recast.period,
    recast.year,
    indicators.domain,
    recast.indicator_code,
    indicators.indicator_name_vi,
    indicators.indicator_name_en,
    recast.breakdown,
    breakdowns.breakdown_name_vi,
    breakdowns.breakdown_name_en,
    indicators.unit_of_measure,
    case when cardinality(recast.source_unit_ids) = recast.parts_expected then recast.value end as value,
    case when cardinality(recast.source_unit_ids) != recast.parts_expected then recast.value end as value_partial,
    recast.basis,
    coalesce(covered.is_estimated, false) as is_estimated,
    covered.estimate_basis,
    recast.source_level,
    cardinality(recast.source_unit_ids) as parts_reported,
    recast.parts_expected,
    cardinality(recast.source_unit_ids) = recast.parts_expected as is_complete,
    coalesce(covered.parts_missing, '') as parts_missing
from recast
left join covered
    on
        recast.map_date = covered.map_date
        and recast.unit_id = covered.unit_id
        and recast.period = covered.period
        and recast.source_unit_ids = covered.source_unit_ids
inner join {{ ref('int_units__versions') }} as units
    on
        recast.unit_id = units.unit_id
        and recast.map_date >= units.valid_from
        and recast.map_date < units.valid_to
inner join {{ ref('dim_indicator') }} as indicators
    on recast.indicator_code = indicators.indicator_code
inner join {{ ref('int_breakdowns__named') }} as breakdowns
    on recast.breakdown = breakdowns.breakdown
