-- Of several statements of one quantity one counts, unless all were read with too little confidence. That it is
-- not more than one is held by a unique index of each fact; here, that no quantity is left without.
{%- set quantity = [
    'unit_id', 'period', 'accumulation', 'indicator_code', 'breakdown', 'measure', 'issuer', 'year'
] %}
with statements as (
    select
        {{ quantity | join(',\n        ') }},
        is_counted,
        confidence >= {{ var('minimum_confidence') }}::real as is_sure
    from {{ ref('int_observations__counted') }}
    {%- set slices = ref('int_slices__changed') %}
    {% if not flags.FULL_REFRESH -%}
        where
            (unit_id, year) in (
                select
                    slices.unit_id,
                    slices.year
                from {{ slices }} as slices
                where slices.slice_kind = 'unit'
            )
    {%- endif %}
)

select
    {{ quantity | join(',\n    ') }}
from statements
where is_sure and not is_counted
except
select
    {{ quantity | join(',\n    ') }}
from statements
where is_counted
union all
select
    {{ quantity | join(',\n    ') }}
from statements
where is_counted and not is_sure
