{% macro postgres__create_indexes(relation) -%}
    {#- What a table needs before readers see it: its contract's constraints, dbt's indexes, the partial ones of
        `meta.unique_where` (which dbt has no word for), and statistics, also of the columns of `meta.groups` together,
        of which there are far fewer groups than each by itself lets expect. All before the swap, which then takes no time. -#}
    {%- set contract = config.get('contract') -%}
    {%- if contract and contract.enforced -%}
        {%- do add_constraints(relation) -%}
    {%- endif -%}
    {%- do default__create_indexes(relation) -%}
    {%- for index in (config.get('meta') or {}).get('unique_where', []) -%}
        {%- do run_query(
            "create unique index on " ~ relation ~ " (" ~ index['columns'] | join(', ') ~ ") where " ~ index['where']
        ) -%}
    {%- endfor -%}
    {%- for columns in (config.get('meta') or {}).get('groups', []) -%}
        {%- do run_query("create statistics (ndistinct) on " ~ columns | join(', ') ~ " from " ~ relation) -%}
    {%- endfor -%}
    {%- do run_query("analyze " ~ relation) -%}
{%- endmacro %}
