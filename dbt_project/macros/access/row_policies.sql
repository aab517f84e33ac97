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

{% macro row_policies(relation, columns) -%}
    {#- One policy for each group of logins, as {name: statement}: of the columns of units it asks for those that may
        hold a unit of the group's level. A province is found by the column of provinces where there is one; what has no
        column of its level is looked for in the others. The list, not the group, gives the answer: a session that
        planned its query as a member of a group it has been taken out of finds nothing more. -#}
    {%- set of_levels = {
        'reader_of_provinces': 'province_unit_id',
        'reader_of_districts': 'district_unit_id',
        'reader_of_communes': 'unit_id',
    } -%}
    {%- set declared = columns | reject('in', of_levels.values() | list) | list -%}
    {%- set values = {'reader_of_everything': ["'*'"]} -%}
    {%- for group, column in of_levels.items() -%}
        {%- set own = column if column in columns else 'unit_id' -%}
        {%- do values.update({group: ([own] if own in columns else []) + declared}) -%}
    {%- endfor -%}
    {%- set policies = {} -%}
    {%- for group, asked in values.items() if asked -%}
        {%- set conditions = [] -%}
        {%- for value in asked -%}
            {#- The subquery is worked out once per query, not once per row. -#}
            {%- do conditions.append(value ~ " = any(array(select reader_scope.unit_id from registry.reader_scope))") -%}
        {%- endfor -%}
        {%- set rule = "for select to " ~ group ~ " using (" ~ conditions | join(' or ') ~ ")" -%}
        {%- set name = group ~ '_' ~ local_md5(rule)[:8] -%}
        {%- do policies.update({name: "create policy " ~ name ~ " on " ~ relation ~ " " ~ rule}) -%}
    {%- endfor -%}
    {{ return(policies) }}
{%- endmacro %}

{% macro protect_rows(relation) -%}
    {#- Readers see the rows of the units that registry.reader_scope lists for their login and nothing else. Runs
        before any grant, in the transaction that swaps the table in: without its policies no table is readable. -#}
    {%- set columns = rows_of_units() -%}
    {%- if not relation.is_table -%}
        {%- if config.get('materialized') != 'readers_view' -%}
            {{ exceptions.raise_compiler_error(
                model['name'] ~ " would read with its owner's rights past the row policies: make it a readers_view"
            ) }}
        {%- endif -%}
    {%- elif columns -%}
        {%- set policies = row_policies(relation, columns) -%}
        {#- What is in place is left alone: a change of policies shuts readers out until the build's commit. -#}
        {%- do run_query("
            do $$
            declare
                old_policy record;
            begin
                if not (select relrowsecurity from pg_class where oid = '" ~ relation ~ "'::regclass)
                    or array(
                        select polname::text from pg_policy where polrelid = '" ~ relation ~ "'::regclass order by 1
                    ) != array['" ~ policies | sort | join("', '") ~ "']
                then
                    alter table " ~ relation ~ " enable row level security;
                    for old_policy in select polname from pg_policy where polrelid = '" ~ relation ~ "'::regclass loop
                        execute format('drop policy %I on " ~ relation ~ "', old_policy.polname);
                    end loop;
                    " ~ policies.values() | join(';\n                    ') ~ ";
                end if;
            end
            $$
        ") -%}
    {%- endif -%}
{%- endmacro %}
