{% materialization readers_view, adapter='postgres' %}
    {#- A view that reads with the rights of whoever asks, so that the row policies of the tables below hold.
        Dropped and made anew in one transaction: dbt's own view expects it to have gone with a table that was
        swapped below it, while the swap has kept it there for the readers (macros/swap.sql). -#}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        {% if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(sql) }}
        {%- endif %}
        drop view if exists {{ target_relation }};
        create view {{ target_relation }} with (security_invoker = true) as (
            {{ sql }}
        )
    {%- endcall %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke=true) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
