-- Of several statements of one quantity one counts, unless all were read with too little confidence. That it is
-- not more than one is held by a unique index of each fact.
select
    statements.unit_id,
    statements.period,
    statements.accumulation,
    statements.indicator_code,
    statements.breakdown,
    statements.measure,
    statements.issuer
from {{ ref('int_observations__counted') }} as statements
{%- set slices = ref('int_slices__changed') %}
{% if not flags.FULL_REFRESH -%}
    where
        (statements.unit_id, statements.year) in (
            select
                slices.unit_id,
                slices.year
            from {{ slices }} as slices
            where slices.slice_kind = 'unit'
        )
{%- endif %}
group by
    statements.unit_id,
    statements.period,
    statements.accumulation,
    statements.indicator_code,
    statements.breakdown,
    statements.measure,
    statements.issuer
having
    count(*) filter (where statements.is_counted)
    != case when bool_or(statements.confidence >= {{ var('minimum_confidence') }}::real) then 1 else 0 end
