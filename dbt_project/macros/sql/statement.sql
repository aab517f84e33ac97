{% macro statement_columns(submissions) -%}
    {#- A row of staging as a statement about a unit's version: the columns of every fact, and what ranks it. -#}
    observations.observation_id as fact_id,
    observations.submission_id,
    observations.observation_id,
    {{ submissions }}.source_kind,
    {{ submissions }}.form_code,
    {{ submissions }}.form_rank,
    {{ submissions }}.reporting_unit_id,
    observations.unit_id,
    units.unit_key,
    units.district_unit_id,
    units.province_unit_id,
    observations.period,
    periods.year,
    observations.as_of,
    observations.accumulation,
    observations.status,
    observations.indicator_code,
    observations.breakdown,
    observations.measure,
    observations.issuer,
    observations.value,
    observations.unit_of_measure,
    observations.qualifier,
    observations.confidence,
    observations.ref,
    {{ submissions }}.known_from
{%- endmacro %}

{% macro statement_joins() -%}
    inner join {{ ref('stg_catalogue__indicator') }} as indicators
        on observations.indicator_code = indicators.indicator_code
    inner join {{ ref('int_periods__described') }} as periods
        on observations.period = periods.period
    -- The unit as it was on the period's last day, or on the nearest day of its own validity.
    inner join {{ ref('int_units__versions') }} as units
        on {{ unit_on('periods.last_day', 'observations.unit_id', or_nearest=true) }}
{%- endmacro %}

{% macro precedence(statements) -%}
    {#- Which of several statements of one quantity goes first; a form that left the catalogue goes last. -#}
    row_number() over (
        partition by
            {{ statements }}.unit_id,
            {{ statements }}.period,
            {{ statements }}.indicator_code,
            {{ statements }}.breakdown,
            {{ statements }}.measure,
            {{ statements }}.accumulation,
            {{ statements }}.issuer
        order by
            ({{ statements }}.status = 'official') desc,
            {{ statements }}.form_rank nulls last,
            {{ statements }}.as_of desc nulls last,
            {{ statements }}.known_from desc,
            {{ statements }}.observation_id
    )
{%- endmacro %}
