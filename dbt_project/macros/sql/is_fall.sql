{% macro is_fall(indicators) -%}
    {#- A fall is recomputed as the year before minus this year of the quantity that falls. -#}
    {{ indicators }}.measure_type = 'change'
    and {{ indicators }}.numerator is not null
    and {{ indicators }}.denominator is null
    and {{ indicators }}.agg_units != 'none'
{%- endmacro %}
