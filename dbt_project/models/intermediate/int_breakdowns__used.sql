-- depends_on: {{ ref('int_submissions__changed') }}
-- Every combination of categories ever stated; a build of changes looks at the changed submissions only.
{{ config(materialized='incremental', incremental_strategy='append') }}
select distinct observations.breakdown
from {{ ref('stg_staging__observation') }} as observations
{% if is_incremental() -%}
    where
        {{ of_changed_submissions('observations.submission_id') }}
        and observations.breakdown not in (select known.breakdown from {{ this }} as known)
{%- endif %}
