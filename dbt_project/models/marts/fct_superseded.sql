-- depends_on: {{ ref('int_submissions__changed') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_slices',
        on_schema_change='fail',
        meta={'slice': {'kind': 'submission'}},
        indexes=[{'columns': ['submission_id']}, {'columns': ['fact_name', 'unit_id']}]
    )
}}
with submissions as (
    select *
    from {{ ref('int_submissions__known') }}
    where
        known_to is not null
        {% if is_incremental() -%}
            and {{ of_changed_submissions() }}
        {%- endif %}
),

observations as (
    select * from {{ ref('stg_staging__observation') }}
    {% if is_incremental() -%}
        where {{ of_changed_submissions() }}
    {%- endif %}
),

read as (
    select
        {{ statement_columns('submissions') }},
        submissions.known_to,
        {{ fact_name('observations', 'indicators') }} as fact_name
    from observations
    inner join submissions
        on observations.submission_id = submissions.submission_id
    {{ statement_joins() }}
)

select
    {{ fact_columns() }},
    known_to,
    fact_name
from read
-- As in the facts: what prose says with too little confidence never counted.
where confidence >= {{ var('minimum_confidence') }}::real
