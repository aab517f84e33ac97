-- depends_on: {{ ref('int_submissions__changed') }}, {{ ref('int_slices__changed') }}
-- One row per statement of a submission in effect. Of several statements of one quantity exactly one
-- counts; what prose says with too little confidence waits for a person and counts not at all.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'unit', 'unit': 'unit_id'}},
        indexes=[
            {'columns': ['unit_id', 'year']},
            {'columns': ['fact_name']},
            {'columns': ['observation_id'], 'unique': true},
        ]
    )
}}
{%- set columns -%}
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
    known_from,
    fact_name
{%- endset %}
with submissions as (
    select *
    from {{ ref('int_submissions__known') }}
    where
        is_in_effect
        {% if is_incremental() -%}
            and submission_id in (
                select changed.submission_id from {{ ref('int_submissions__changed') }} as changed
            )
        {%- endif %}
),

observations as (
    select * from {{ ref('stg_staging__observation') }}
),

read as (
    select {{ statement_columns('submissions') }}
    from observations
    inner join submissions
        on observations.submission_id = submissions.submission_id
    {{ statement_joins() }}
),

stated as (
    select {{ columns }} from read
    {% if is_incremental() -%}
        -- What other submissions say about the same units and years is here already.
        union all
        select {{ columns }}
        from {{ this }}
        where
            {{ in_changed_slices() }}
            and submission_id not in (
                select changed.submission_id from {{ ref('int_submissions__changed') }} as changed
            )
    {%- endif %}
),

ranked as (
    select
        stated.*,
        {{ precedence('stated') }} as precedence
    from stated
)

select
    {{ columns }},
    confidence >= {{ var('minimum_confidence') }}::real and precedence = 1 as is_counted
from ranked
