{% macro special_fact_condition(special, observations) -%}
    {#- What makes a statement one of a special fact: its measure, or a code list in its breakdown. -#}
    {%- if 'measure' in special -%}
        {{ observations }}.measure = '{{ special['measure'] }}'
    {%- else -%}
        '; ' || {{ observations }}.breakdown like '%; {{ special['list'] }}=%'
    {%- endif -%}
{%- endmacro %}

{% macro fact_name(observations, indicators) -%}
    {#- Which fact a statement belongs to: the first of `special_facts` whose condition it meets, else the one that the
        catalogue gives its indicator. -#}
    case
        {%- for special in var('special_facts') %}
        when {{ special_fact_condition(special, observations) }}
            {%- if 'of' in special %} and {{ indicators }}.fact = '{{ special['of'] }}'{% endif %} then '{{ special['fact'] }}'
        {%- endfor %}
        else {{ indicators }}.fact
    end
{%- endmacro %}

{% macro may_be_of_fact(name, observations, indicators) -%}
    {#- What follows from `fact_name` and one table alone tells, so that statements of other facts are left out before
        they are joined. -#}
    {%- set special = var('special_facts') | selectattr('fact', 'equalto', name) | first -%}
    {%- if not special -%}
        {{ indicators }}.fact = '{{ name }}'
    {%- elif 'of' in special -%}
        {{ indicators }}.fact in ('{{ special['of'] }}', '{{ name }}')
    {%- else -%}
        ({{ special_fact_condition(special, observations) }} or {{ indicators }}.fact = '{{ name }}')
    {%- endif -%}
{%- endmacro %}
