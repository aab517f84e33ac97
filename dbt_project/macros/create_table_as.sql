{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {#- As dbt-postgres has it, but a contract's primary key is built once the rows are there (`create_indexes`):
        sorting them at the end takes a fraction of the time of keeping a tree in order row by row. -#}
    {%- set contract = config.get('contract') -%}
    {%- if contract and contract.enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    {%- if contract and contract.enforced and not temporary %}
        create table {{ relation }} (
            {{ (
                adapter.render_raw_columns_constraints(raw_columns=without_primary_key(model['columns']))
                + adapter.render_raw_model_constraints(
                    raw_constraints=model['constraints'] | rejectattr('type', 'equalto', 'primary_key') | list
                )
            ) | join(', ') }}
        );
        insert into {{ relation }} ({{ adapter.dispatch('get_column_names', 'dbt')() }})
        {{ get_select_subquery(sql) }};
    {%- else %}
        create {{ 'temporary ' if temporary else 'unlogged ' if config.get('unlogged') }}table {{ relation }} as (
            {{ sql }}
        );
    {%- endif -%}
{%- endmacro %}

{% macro primary_key_of(node) -%}
    {%- for constraint in node['constraints'] if constraint['type'] == 'primary_key' -%}
        {{ return(constraint['columns']) }}
    {%- endfor -%}
    {%- set columns = [] -%}
    {%- for name, column in node['columns'].items() -%}
        {%- if column['constraints'] | selectattr('type', 'equalto', 'primary_key') | list -%}
            {%- do columns.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{% macro without_primary_key(columns) -%}
    {%- set others = {} -%}
    {%- for name, column in columns.items() -%}
        {%- set constraints = column['constraints'] | rejectattr('type', 'equalto', 'primary_key') | list -%}
        {%- do others.update({name: dict(column, constraints=constraints)}) -%}
    {%- endfor -%}
    {{ return(others) }}
{%- endmacro %}
