{% macro unit_of_measure_name(names) -%}
    {#- The catalogue lists every word in use for a unit, the usual one first, with remarks in brackets. -#}
    trim(split_part(split_part({{ names }}, ';', 1), ' (', 1))
{%- endmacro %}
