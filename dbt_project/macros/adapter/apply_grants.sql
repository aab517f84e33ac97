{% macro postgres__apply_grants(relation, grant_config, should_revoke=True) -%}
    {#- Nothing is granted on what is not protected; see `protect_rows`. -#}
    {%- if grant_config -%}
        {%- do protect_rows(relation) -%}
    {%- endif -%}
    {{ return(default__apply_grants(relation, grant_config, should_revoke)) }}
{%- endmacro %}
