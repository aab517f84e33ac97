{% macro fact_history_of(fact, superseded, name) -%}
    {#- Every statement that ever counted towards a fact, with the time during which it did. -#}
    select
        {{ fact_columns() }},
        null::timestamptz as known_to
    from {{ fact }}
    union all
    select
        {{ fact_columns() }},
        known_to
    from {{ superseded }}
    where fact_name = '{{ name }}'
{%- endmacro %}

{% macro as_known_at(history, instant) -%}
    {#- A fact as it stood at an instant: `select * from ({{ as_known_at(ref('fct_poverty_history'), '2024-03-01') }})`. -#}
    select
        known.*,
        {{ precedence('known') }} = 1 as is_counted
    from {{ history }} as known
    {{ forms_of_record(ref('dim_indicator'), 'known') }}
    where
        known.known_from <= '{{ instant }}'::timestamptz
        and (known.known_to is null or known.known_to > '{{ instant }}'::timestamptz)
{%- endmacro %}
