{% macro fact_columns() -%}
    {#- In a table they stand as its contract has them. -#}
    fact_id,
    unit_id,
    period,
    year,
    indicator_code,
    breakdown,
    measure,
    accumulation,
    issuer,
    value,
    unit_of_measure,
    qualifier,
    status,
    as_of,
    source_kind,
    form_code,
    form_rank,
    reporting_unit_id,
    unit_key,
    district_unit_id,
    province_unit_id,
    submission_id,
    observation_id,
    confidence,
    ref,
    known_from
{%- endmacro %}

{% macro fact(name) -%}
    {#- The facts have one shape and one source; which statements are theirs is decided in `fact_name`. Of several
        statements of one quantity exactly one counts. -#}
    {%- set in_slices = in_changed_slices() -%}
    with submissions as (
        select *
        from {{ ref('int_submissions__known') }}
        where
            is_in_effect
            and {{ in_changed_submissions() }}
    ),

    observations as (
        select observations.*
        from {{ ref('stg_submissions__observation') }} as observations
        where
            -- What prose says with too little confidence waits in staging for a person (`ansinh review`).
            observations.confidence >= {{ var('minimum_confidence') }}::real
            and {{ is_fitting('observations') }}
            and {{ in_changed_submissions('observations.submission_id') }}
    ),

    read as (
        select {{ statement_columns('submissions') }}
        from observations
        inner join submissions
            on observations.submission_id = submissions.submission_id
        {{ statement_joins() }}
        where
            {{ fact_name('observations', 'indicators') }} = '{{ name }}'
            and {{ may_be_of_fact(name, 'observations', 'indicators') }}
    ),

    stated as (
        select {{ fact_columns() }} from read
        {% if is_incremental() -%}
            -- What other submissions say about the same units and years is here already.
            union all
            select {{ fact_columns() }}
            from {{ this }}
            where
                {{ in_slices }}
                and not {{ of_changed_submissions() }}
        {%- endif %}
    )

    select
        {{ fact_columns() }},
        {{ precedence('stated') }} = 1 as is_counted
    from stated
    {{ forms_of_record(ref('stg_catalogue__indicator'), 'stated') }}
{%- endmacro %}
