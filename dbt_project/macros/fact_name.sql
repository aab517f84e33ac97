{% macro fact_name(observations, indicators) -%}
    {#- Which fact a statement belongs to: targets, deprivations and movements apart, else the catalogue's. -#}
    case
        when {{ observations }}.measure = 'target' then 'fct_target'
        when '; ' || {{ observations }}.breakdown like '%; poverty_factor=%' then 'fct_deprivation'
        when {{ indicators }}.fact = 'fct_poverty' and '; ' || {{ observations }}.breakdown like '%; movement=%'
            then 'fct_poverty_change'
        else {{ indicators }}.fact
    end
{%- endmacro %}
