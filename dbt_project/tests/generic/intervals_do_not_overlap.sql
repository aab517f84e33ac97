{% test intervals_do_not_overlap(model, key) %}
    {#- Half-open intervals of one key: none begins before the one before it ended, and none lies between. -#}
    select *
    from (
        select
            {{ key }},
            valid_to,
            lead(valid_from) over (partition by {{ key }} order by valid_from) as next_valid_from
        from {{ model }}
    ) as intervals
    where next_valid_from != valid_to
{% endtest %}
