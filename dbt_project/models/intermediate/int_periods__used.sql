-- depends_on: {{ ref('int_submissions__changed') }}
-- Every period of which something was ever said; a build of changes looks at the changed submissions only.
{{ config(materialized='incremental', incremental_strategy='append') }}
select distinct observations.period
from {{ ref('stg_staging__observation') }} as observations
{% if is_incremental() -%}
    where
        {{ of_changed_submissions('observations.submission_id') }}
        and observations.period not in (select known.period from {{ this }} as known)
{%- endif %}
