{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {#- As dbt-postgres has it, but a table under a contract is made from its query as well, which all workers of a
        parallel plan may then write for; its constraints are added to the rows at once (`create_indexes`), which takes
        a fraction of the time of asking them of each row. -#}
    {%- set contract = config.get('contract') -%}
    {%- set is_under_contract = contract and contract.enforced -%}
    {%- if is_under_contract -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    create {{ 'temporary ' if temporary else 'unlogged ' if config.get('unlogged') }}table {{ relation }} as (
        {{ get_select_subquery(sql) if is_under_contract else sql }}
    );
{%- endmacro %}

{% macro add_constraints(relation) -%}
    {#- The constraints of a contract, all in one statement: the rows are looked through once. -#}
    {%- set actions = [] -%}
    {%- set keys = model['constraints'] | list -%}
    {%- for name, column in model['columns'].items() -%}
        {%- for constraint in column['constraints'] -%}
            {%- if constraint['type'] == 'not_null' -%}
                {%- do actions.append('alter column ' ~ adapter.quote(name) ~ ' set not null') -%}
            {%- else -%}
                {%- do keys.append(dict(constraint, columns=[name])) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for constraint in keys -%}
        {%- if constraint['type'] == 'not_null' -%}
            {%- for name in constraint['columns'] -%}
                {%- do actions.append('alter column ' ~ adapter.quote(name) ~ ' set not null') -%}
            {%- endfor -%}
        {%- elif constraint['type'] == 'check' -%}
            {%- do actions.append('add check (' ~ constraint['expression'] ~ ')') -%}
        {%- elif constraint['type'] in ('primary_key', 'unique') -%}
            {%- do actions.append(
                'add ' ~ constraint['type'] | replace('_', ' ') ~ ' (' ~ constraint['columns'] | join(', ') ~ ')'
            ) -%}
        {%- else -%}
            {{ exceptions.raise_compiler_error(
                model['name'] ~ ": no constraint of the type " ~ constraint['type'] ~ " can be added here"
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- if actions -%}
        {%- do run_query('alter table ' ~ relation ~ ' ' ~ actions | join(', ')) -%}
    {%- endif -%}
{%- endmacro %}
