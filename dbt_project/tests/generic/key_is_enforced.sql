{% test key_is_enforced(model, relation=none) %}
    {#- The database itself holds the key: a look into its catalogue instead of one through the rows. `relation` names
        the table that holds it for a view (schema and table). -#}
    select '{{ relation or model }}' as relation_without_key
    where not exists (
        select from pg_catalog.pg_index
        where
            pg_index.indrelid = '{{ relation or model }}'::regclass
            and (pg_index.indisprimary or (pg_index.indisunique and pg_index.indpred is null))
    )
{% endtest %}
