-- Every period of which something was ever said, as far as there is such a period; a build of changes looks at what
-- came in since the last one.
{{ config(materialized='incremental', incremental_strategy='append') }}
select distinct observations.period
from {{ ref('stg_submissions__observation') }} as observations
where
    {{ is_period('observations.period') }}
    and {{ in_submissions_since_last_build('observations.submission_id') }}
    {% if is_incremental() -%}
        and observations.period not in (select known.period from {{ this }} as known)
    {%- endif %}
