{% macro postgres__create_indexes(relation) -%}
    {#- What a table needs before readers see it: its contract's primary key, dbt's indexes, the partial ones of
        `meta.unique_where` (which dbt has no word for), and statistics. All before the swap, which then takes no time. -#}
    {%- set contract = config.get('contract') -%}
    {%- set key = primary_key_of(model) if contract and contract.enforced else [] -%}
    {%- if key -%}
        {%- do run_query("alter table " ~ relation ~ " add primary key (" ~ key | join(', ') ~ ")") -%}
    {%- endif -%}
    {%- do default__create_indexes(relation) -%}
    {%- for index in (config.get('meta') or {}).get('unique_where', []) -%}
        {%- do run_query(
            "create unique index on " ~ relation ~ " (" ~ index['columns'] | join(', ') ~ ") where " ~ index['where']
        ) -%}
    {%- endfor -%}
    {%- do run_query("analyze " ~ relation) -%}
{%- endmacro %}
