{% macro is_period(period) -%}
    {#- Whether a text names a period: a year, half, quarter or month of two centuries, or a span of years. -#}
    (
        {{ period }} ~ '^(19|20)\d\d(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$'
        or ({{ period }} ~ '^(19|20)\d\d/(19|20)\d\d$' and left({{ period }}, 4) <= right({{ period }}, 4))
    )
{%- endmacro %}

{% macro is_fitting(observations) -%}
    {#- A condition on rows of staging: none of those that `fct_set_aside` lists. -#}
    not exists (
        select 1
        from {{ ref('fct_set_aside') }} as set_aside
        where set_aside.observation_id = {{ observations }}.observation_id
    )
{%- endmacro %}
