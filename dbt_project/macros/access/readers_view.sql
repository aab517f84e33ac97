{% materialization readers_view, adapter='postgres' %}
    {#- A view that reads with the rights of whoever asks, so that the row policies of the tables below hold.
        Replaced in place: dbt's own view expects it to have gone with a table that was swapped below it, while the
        swap has kept it there for the readers and for the views on it (macros/swap.sql). -#}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {% if existing_relation is not none and existing_relation.is_table -%}
        {% do adapter.drop_relation(existing_relation) %}
    {%- endif %}
    {%- set create_view -%}
        create or replace view {{ target_relation }} with (security_invoker = true) as (
            {{ sql }}
        );
    {%- endset -%}
    {% call statement('main') -%}
        {% if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(sql) }}
        {%- endif %}
        do $do$
        begin
            {{ create_view }}
        exception when invalid_table_definition then
            -- Its columns are others now: it is made anew, and what stands on it after it.
            drop view {{ target_relation }} cascade;
            {{ create_view }}
        end
        $do$
    {%- endcall %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke=true) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
