-- depends_on: {{ ref('int_submissions__known') }}, {{ ref('int_submissions__changed') }}
-- What submissions say that this build brings in is about known units, indicators and periods; nothing is lost
-- in the joins to come. Ingestion sees to it; a catalogue that lost a row would be found here.
with periods as (
    select period from {{ ref('int_periods__used') }}
    where period ~ '^\d{4}(-(S[12]|Q[1-4]|0[1-9]|1[0-2])|/\d{4})?$'
)

select
    observations.observation_id,
    observations.unit_id,
    observations.indicator_code,
    observations.period
from {{ ref('stg_submissions__observation') }} as observations
left join {{ ref('stg_catalogue__admin_unit') }} as units
    on observations.unit_id = units.unit_id
left join {{ ref('stg_catalogue__indicator') }} as indicators
    on observations.indicator_code = indicators.indicator_code
left join periods
    on observations.period = periods.period
where
    {% if flags.FULL_REFRESH -%}
        observations.submission_id in (
            select submissions.submission_id from {{ ref('int_submissions__known') }} as submissions
        )
    {%- else -%}
        {{ of_changed_submissions('observations.submission_id') }}
    {%- endif %}
    and (
        units.unit_id is null
        or indicators.indicator_code is null
        or periods.period is null
    )
