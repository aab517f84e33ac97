{% macro fact_columns() -%}
    fact_id,
    submission_id,
    observation_id,
    source_kind,
    form_code,
    form_rank,
    reporting_unit_id,
    unit_id,
    unit_key,
    district_unit_id,
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
    ref,
    known_from
{%- endmacro %}

{% macro fact(name) -%}
    {#- The facts have one shape and one source; which statements are theirs is decided in `fact_name`. -#}
    select
        {{ fact_columns() }},
        is_counted
    from {{ ref('int_observations__counted') }}
    where
        fact_name = '{{ name }}'
        -- What prose says with too little confidence waits in staging for a person (`ansinh review`).
        and confidence >= {{ var('minimum_confidence') }}::real
        and {{ in_changed_slices() }}
{%- endmacro %}
