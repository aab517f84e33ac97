{{
    config(
        meta={'slice': {'kind': 'submission'}, 'unique_where': []},
        indexes=[{'columns': ['submission_id']}, {'columns': ['fact_name', 'unit_id']}]
    )
}}
with submissions as (
    select *
    from {{ ref('int_submissions__known') }}
    where
        known_to is not null
        and {{ in_changed_submissions() }}
),

observations as (
    select observations.*
    from {{ ref('stg_submissions__observation') }} as observations
    where
        -- As in the facts: what does not fit never counted.
        {{ is_fitting('observations') }}
        and {{ in_changed_submissions('observations.submission_id') }}
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
