{% macro valid_on(day, units='units', or_nearest=false) -%}
    {#- The condition under which a row of units' versions is the one of a day. What was said of a unit before it began or
        after it ended finds none, or with `or_nearest` the first or the last of the unit's own. -#}
    {{ day }} >= {{ units }}.{{ 'stands_from' if or_nearest else 'valid_from' }}
    and {{ day }} < {{ units }}.{{ 'stands_to' if or_nearest else 'valid_to' }}
{%- endmacro %}

{% macro unit_on(day, unit_id, units='units', or_nearest=false) -%}
    {#- The condition of a join: a unit as it was on a day, mostly a period's last. -#}
    {{ unit_id }} = {{ units }}.unit_id
    and {{ valid_on(day, units, or_nearest) }}
{%- endmacro %}
