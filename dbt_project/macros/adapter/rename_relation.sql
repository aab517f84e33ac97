{% macro postgres__rename_relation(from_relation, to_relation) -%}
    {#- dbt swaps a table in two renames, in one transaction. A view that stands on the old table would go with it:
        every such view is pointed to the new table before that transaction ends, so that no reader misses it. -#}
    {%- if to_relation.identifier.endswith('__dbt_backup') and from_relation.is_table -%}
        {%- do lock_for_swap(from_relation) -%}
    {%- endif -%}
    {%- do default__rename_relation(from_relation, to_relation) -%}
    {%- if from_relation.identifier.endswith('__dbt_tmp') -%}
        {%- do point_views_to(to_relation) -%}
    {%- endif -%}
{%- endmacro %}

{% macro lock_for_swap(relation) -%}
    {#- Takes the table and the views on it, all or none, and never waits for one while it holds another: a reader of
        a view holds the view and asks for the table, which the other way round is a deadlock. Readers who came first
        finish; who comes while it tries is not held up. After five minutes of readers without a gap it fails. -#}
    {%- do run_query("
        create temporary table if not exists swapped_views (name text, options text, definition text);
        truncate swapped_views;
        do $$
        declare
            follower record;
            searched text := current_setting('search_path');
        begin
            set local lock_timeout = '20ms';
            for attempt in 1 .. 5000 loop
                begin
                    -- Definitions are to name the schema of everything.
                    set local search_path = '';
                    for follower in
                        select distinct
                            views.oid::regclass::text as name,
                            array_to_string(views.reloptions, ', ') as options,
                            views.oid as view_oid
                        from pg_catalog.pg_depend as uses
                        inner join pg_catalog.pg_rewrite as rules
                            on uses.objid = rules.oid and uses.classid = 'pg_catalog.pg_rewrite'::regclass
                        inner join pg_catalog.pg_class as views on rules.ev_class = views.oid and views.relkind = 'v'
                        inner join pg_catalog.pg_class as swapped on uses.refobjid = swapped.oid
                        -- A view in another schema is private: its own build makes it anew.
                        where swapped.oid = '" ~ relation ~ "'::regclass
                        and views.relnamespace = swapped.relnamespace and views.reloptions is not null
                        order by name
                    loop
                        -- Locks the view alone, where LOCK TABLE would take all tables below it as well.
                        execute format('alter view %s set (%s)', follower.name, follower.options);
                        insert into pg_temp.swapped_views
                        values (follower.name, follower.options, pg_get_viewdef(follower.view_oid));
                    end loop;
                    lock table " ~ relation ~ " in access exclusive mode;
                    perform set_config('search_path', searched, true), set_config('lock_timeout', '0', true);
                    return;
                exception when lock_not_available then
                    perform pg_sleep(0.04);
                end;
            end loop;
            raise lock_not_available using message = 'Readers have held " ~ relation.identifier ~ " for five minutes';
        end
        $$
    ") -%}
{%- endmacro %}

{% macro point_views_to(relation) -%}
    {#- A view whose columns the new table no longer gives is left to the build, which makes it anew. -#}
    {%- do run_query("
        do $$
        declare
            follower record;
        begin
            if to_regclass('pg_temp.swapped_views') is null then
                return;
            end if;
            for follower in select * from pg_temp.swapped_views loop
                begin
                    execute format(
                        'create or replace view %s with (%s) as %s',
                        follower.name, follower.options, follower.definition
                    );
                exception when undefined_column or invalid_table_definition or datatype_mismatch then
                    raise notice '% waits for its own build', follower.name;
                end;
            end loop;
            drop table pg_temp.swapped_views;
        end
        $$
    ") -%}
{%- endmacro %}
