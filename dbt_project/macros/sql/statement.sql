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

{% macro standing(statements, indicators) -%}
    {#- How far up a statement stands by who says it, from 1: what is official, and of each status the form of record of
        its indicator, other forms, lists, prose. -#}
    case {{ statements }}.status when 'official' then 0 else 4 end
    + case
        when {{ statements }}.form_code = {{ indicators }}.form_of_record then 1
        when {{ statements }}.source_kind = 'form' then 2
        when {{ statements }}.source_kind = 'list' then 3
        else 4
    end
{%- endmacro %}

{% macro precedence_order(standing, statements=none) -%}
    {#- The one rule of which statement goes first, as the terms of an ORDER BY: by standing, then the later as_of, then
        the later acceptance. -#}
    {%- set of = statements ~ '.' if statements else '' -%}
    {{ return([
        standing,
        of ~ 'as_of desc nulls last',
        of ~ 'known_from desc nulls last',
    ]) }}
{%- endmacro %}

{% macro forms_of_record(indicators, statements) -%}
    {#- A join that brings the form of record to statements and no name that they have themselves. -#}
    left join (
        select
            indicator_code as recorded_indicator_code,
            form_of_record
        from {{ indicators }}
    ) as records
        on {{ statements }}.indicator_code = records.recorded_indicator_code
{%- endmacro %}

{% macro precedence(statements) -%}
    {#- Which of several statements of one quantity, written alike, goes first; `forms_of_record` is joined. -#}
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
            {{ precedence_order(standing(statements, 'records'), statements) | join(',\n            ') }},
            {{ statements }}.observation_id
    )
{%- endmacro %}

{% macro are_equal(one, other, columns) -%}
    {#- The condition of a join by several columns of the same names. -#}
    {%- set conditions = [] -%}
    {%- for column in columns -%}
        {%- do conditions.append(one ~ '.' ~ column ~ ' = ' ~ other ~ '.' ~ column) -%}
    {%- endfor -%}
    {{ conditions | join(' and ') }}
{%- endmacro %}

{% macro best_standing(ways) -%}
    {#- How far up the best of several ways to derive a value stands: each as far as the last of its statements. -#}
    {%- set standings = [] -%}
    {%- for way in ways -%}
        {%- do standings.append('greatest(' ~ way.split() | join('_standing, ') ~ '_standing)') -%}
    {%- endfor -%}
    least({{ standings | join(', ') }})
{%- endmacro %}
