{% macro fact(name) -%}
    {#- The facts have one shape and one source; which statements are theirs is decided in `fact_name`. -#}
    select
        observation_id as fact_id,
        submission_id,
        observation_id,
        source_kind,
        form_code,
        reporting_unit_id,
        unit_id,
        unit_key,
        province_unit_id,
        period,
        year,
        as_of,
        accumulation,
        status,
        indicator_code,
        breakdown,
        measure,
        issuer,
        value,
        unit_of_measure,
        qualifier,
        confidence,
        is_counted,
        ref
    from {{ ref('int_observations__counted') }}
    where fact_name = '{{ name }}'
{%- endmacro %}
