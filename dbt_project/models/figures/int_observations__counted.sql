-- Every statement of a submission in effect, of whichever fact it is. A view: the facts hold the rows.
{{ config(materialized='readers_view', tags=['static']) }}
{% for fact in facts() -%}
    select
        {{ fact_columns() }},
        is_counted,
        '{{ fact }}' as fact_name
    from {{ ref(fact) }}
    {% if not loop.last -%}
        union all
    {% endif -%}
{% endfor %}
