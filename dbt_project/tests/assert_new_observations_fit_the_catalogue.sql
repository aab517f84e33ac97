-- depends_on: {{ ref('int_submissions__known') }}, {{ ref('int_submissions__changed') }}
-- What submissions say that this build brings in is about known units, indicators and periods; nothing is lost
-- in the joins to come. Ingestion sees to it; a catalogue that lost a row would be found here.
{% if flags.FULL_REFRESH -%}
    {%- set submissions = ref('int_submissions__known') -%}
{%- else -%}
    {%- set submissions = ref('int_submissions__changed') -%}
{%- endif %}
select
    observations.observation_id,
    observations.unit_id,
    observations.indicator_code,
    observations.period
from {{ ref('stg_staging__observation') }} as observations
left join {{ ref('stg_catalogue__admin_unit') }} as units
    on observations.unit_id = units.unit_id
left join {{ ref('stg_catalogue__indicator') }} as indicators
    on observations.indicator_code = indicators.indicator_code
where
    observations.submission_id in (select submissions.submission_id from {{ submissions }} as submissions)
    and (
        units.unit_id is null
        or indicators.indicator_code is null
        or observations.period !~ '^\d{4}(-(S[12]|Q[1-4]|0[1-9]|1[0-2])|/\d{4})?$'
    )
