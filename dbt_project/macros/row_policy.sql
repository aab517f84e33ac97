{% macro row_policy(columns) -%}
    {#- A post-hook, so it runs in the transaction that swaps the table in: readers see the rows of the units that
        registry.reader_scope lists for their role and nothing else. The scalar subquery is worked out once per query. -#}
    alter table {{ this }} enable row level security;
    drop policy if exists readable_units on {{ this }};
    create policy readable_units on {{ this }} for select using (
        '*' = any((select registry.readable_units())::text[])
        {%- for column in columns %}
        or {{ column }} = any((select registry.readable_units())::text[])
        {%- endfor %}
    )
{%- endmacro %}
