{% macro facts() -%}
    {{ return([
        'fct_poverty', 'fct_poverty_change', 'fct_deprivation', 'fct_employment', 'fct_training',
        'fct_social_protection_payment', 'fct_merit_subsidy', 'fct_programme_budget', 'fct_indicator', 'fct_target',
    ]) }}
{%- endmacro %}

{% macro keep_history_views(names) -%}
    {#- A post-hook: when a table is swapped, a history view that stands on it would go with the old one. It is
        pointed to the new table in the same transaction, so that no reader ever misses it. -#}
    do $$
    begin
        {%- for name in names %}
        if to_regclass('{{ this.schema }}.{{ name }}_history') is not null then
            execute $view$
                create or replace view {{ this.schema }}.{{ name }}_history with (security_invoker = true) as
                {{ fact_history_of(this.schema ~ '.' ~ name, this.schema ~ '.fct_superseded', name) }}
            $view$;
        end if;
        {%- endfor %}
    end
    $$
{%- endmacro %}
