-- depends_on: {{ ref('int_submissions__changed') }}
-- Every period of which something was ever said; a build of changes looks at the changed submissions only.
{{ config(materialized='incremental', incremental_strategy='append') }}
select distinct observations.period
from {{ ref('stg_staging__observation') }} as observations
{% if is_incremental() -%}
    inner join {{ ref('int_submissions__changed') }} as changed
        on observations.submission_id = changed.submission_id
    where observations.period not in (select known.period from {{ this }} as known)
{%- endif %}
