-- Every combination of categories ever stated; a build of changes looks at what came in since the last one.
{{ config(materialized='incremental', incremental_strategy='append') }}
select distinct observations.breakdown
from {{ ref('stg_submissions__observation') }} as observations
where
    {{ in_submissions_since_last_build('observations.submission_id') }}
    {% if is_incremental() -%}
        and observations.breakdown not in (select known.breakdown from {{ this }} as known)
    {%- endif %}
