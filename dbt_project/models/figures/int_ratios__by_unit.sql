-- Numerator and denominator of each rate, for the units that have both in full, and what they make in percent.
{{
    config(
        meta={'slice': {'kind': 'reporting_unit', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}, {'columns': ['province_unit_id', 'year']}]
    )
}}
with figures as not materialized (
    select *
    from {{ ref('int_levels__reporting_unit') }}
    where
        value is not null
        and {{ in_changed_slices() }}
),

-- What a unit says of a rate itself goes before what follows from its parts.
terms as (
    select
        indicator_code,
        breakdown,
        role,
        term_code,
        term_breakdown,
        term_measure,
        terms_expected
    from {{ ref('int_ratios__terms') }}
    union all
    select distinct
        indicator_code,
        breakdown,
        'stated' as role,
        indicator_code as term_code,
        breakdown as term_breakdown,
        'actual' as term_measure,
        1 as terms_expected
    from {{ ref('int_ratios__terms') }}
),

found as (
    select
        {{ series_order('figures.unit_id', ['figures.period', 'terms.indicator_code', 'terms.breakdown']) }}
            as series_order,
        figures.unit_id,
        figures.province_unit_id,
        figures.period,
        figures.period_kind,
        figures.year,
        terms.indicator_code,
        terms.breakdown,
        terms.role,
        terms.terms_expected,
        figures.value
    from figures
    inner join terms
        on
            figures.indicator_code = terms.term_code
            and figures.breakdown = terms.term_breakdown
            and figures.measure = terms.term_measure
),

summed as (
    select
        unit_id,
        max(province_unit_id) as province_unit_id,
        period,
        max(period_kind) as period_kind,
        max(year) as year,
        indicator_code,
        breakdown,
        sum(value) filter (where role = 'numerator') as numerator,
        sum(value) filter (where role = 'denominator') as denominator,
        bool_or(role = 'stated') as is_stated
    from found
    group by series_order, unit_id, period, indicator_code, breakdown
    having
        count(*) filter (where role = 'numerator') = 1
        and count(*) filter (where role = 'denominator') = max(terms_expected) filter (where role = 'denominator')
)

select
    *,
    round(100 * numerator / denominator, 6) as value
from summed
where denominator != 0
