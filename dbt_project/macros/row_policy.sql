{% macro rows_of_units() -%}
    {#- Which columns say whose rows these are: those of `meta.rows`, else every one that by its name is a unit's.
        `meta: {rows: open}` opens a table of reference data to every reader; what says nothing is refused. -#}
    {%- set declared = (config.get('meta') or {}).get('rows') -%}
    {%- if declared == 'open' -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set columns = declared or (
        ['province_unit_id', 'district_unit_id', 'unit_id'] | select('in', model['columns']) | list
    ) -%}
    {%- if not columns -%}
        {{ exceptions.raise_compiler_error(
            model['name'] ~ " names no column of the unit whose rows it holds: give meta.rows, a list of such"
            " columns, or `open` where every reader may read every row"
        ) }}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}

{% macro protect_rows(relation) -%}
    {#- Readers see the rows of the units that registry.reader_scope lists for their login and nothing else. Runs
        before any grant, in the transaction that swaps the table in: without its policy no table is readable. -#}
    {%- set columns = rows_of_units() -%}
    {%- if not relation.is_table -%}
        {%- if config.get('materialized') != 'readers_view' -%}
            {{ exceptions.raise_compiler_error(
                model['name'] ~ " would read with its owner's rights past the row policies: make it a readers_view"
            ) }}
        {%- endif -%}
    {%- elif columns -%}
        {#- The scalar subqueries are worked out once per query, not once per row, and those behind the first that
            holds of every row not at all: the widest unit goes first. -#}
        {%- set condition -%}
            {%- for value in columns + ["'*'"] %}
            {{ 'or ' if not loop.first }}{{ value }} = any(array(select readable_unit.unit_id from registry.readable_unit))
            {%- endfor %}
        {%- endset -%}
        {%- set name = 'readable_units_' ~ local_md5(condition)[:8] -%}
        {#- What is in place is left alone: a change of policies shuts readers out until the build's commit. -#}
        {%- do run_query("
            do $$
            declare
                old_policy record;
            begin
                if not exists (
                    select from pg_policy inner join pg_class on pg_class.oid = pg_policy.polrelid
                    where pg_policy.polrelid = '" ~ relation ~ "'::regclass
                    and pg_policy.polname = '" ~ name ~ "' and pg_class.relrowsecurity
                ) then
                    alter table " ~ relation ~ " enable row level security;
                    for old_policy in select polname from pg_policy where polrelid = '" ~ relation ~ "'::regclass loop
                        execute format('drop policy %I on " ~ relation ~ "', old_policy.polname);
                    end loop;
                    create policy " ~ name ~ " on " ~ relation ~ " for select using (" ~ condition ~ ");
                end if;
            end
            $$
        ") -%}
    {%- endif -%}
{%- endmacro %}

{% macro postgres__apply_grants(relation, grant_config, should_revoke=True) -%}
    {#- Nothing is granted on what is not protected; see `protect_rows`. -#}
    {%- if grant_config -%}
        {%- do protect_rows(relation) -%}
    {%- endif -%}
    {{ return(default__apply_grants(relation, grant_config, should_revoke)) }}
{%- endmacro %}
