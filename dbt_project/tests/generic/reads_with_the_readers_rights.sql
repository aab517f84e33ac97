{% test reads_with_the_readers_rights(model) %}
    {#- A view that read with its owner's rights would go round the row policies of the tables below it. -#}
    select oid::regclass::text as view_with_owners_rights
    from pg_catalog.pg_class
    where
        oid = '{{ model }}'::regclass
        and not coalesce('security_invoker=true' = any(reloptions), false)
{% endtest %}
