-- Numerator and denominator of each rate, for the units that have both in full.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'reporting_unit', 'unit': 'unit_id'}},
        indexes=[{'columns': ['unit_id', 'year']}, {'columns': ['province_unit_id', 'year']}]
    )
}}
with figures as not materialized (
    select *
    from {{ ref('int_levels__reporting_unit') }}
    where
        value is not null
        and {{ in_changed_slices(kind='reporting_unit') }}
),

terms as (
    select * from {{ ref('int_rates__terms') }}
),

found as (
    select
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
        sum(value) filter (where role = 'denominator') as denominator
    from found
    group by unit_id, period, indicator_code, breakdown
    having
        count(*) filter (where role = 'numerator') = 1
        and count(*) filter (where role = 'denominator') = max(terms_expected) filter (where role = 'denominator')
),

-- What a unit says of a rate itself goes before what follows from its parts.
stated as (
    select
        unit_id,
        period,
        indicator_code,
        breakdown
    from figures
    where
        measure = 'actual'
        and indicator_code in (select terms.indicator_code from terms)
)

select
    summed.*,
    stated.unit_id is not null as is_stated
from summed
left join stated
    on
        summed.unit_id = stated.unit_id
        and summed.period = stated.period
        and summed.indicator_code = stated.indicator_code
        and summed.breakdown = stated.breakdown
where summed.denominator != 0
