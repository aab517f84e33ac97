{% macro as_known(happened_at) -%}
    {#- The condition under which something had happened at the instant of `known_at`; without one, whatever has. -#}
    {%- if var('known_at') -%}
        {{ happened_at }} <= '{{ var("known_at") }}'::timestamptz
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
