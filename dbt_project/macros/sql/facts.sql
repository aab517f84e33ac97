{% macro facts() -%}
    {{ return([
        'fct_poverty', 'fct_poverty_change', 'fct_deprivation', 'fct_employment', 'fct_training',
        'fct_social_protection_payment', 'fct_merit_subsidy', 'fct_programme_budget', 'fct_indicator', 'fct_target',
    ]) }}
{%- endmacro %}
