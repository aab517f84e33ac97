{% test unique_in_changed_slices(model, slices, columns, kind, unit, only_where=none) %}
    {#- Of a large table only what this build has made anew is looked at; all of it after a build of everything.
        `slices` is int_slices__changed, as an argument: dbt's project evaluator takes the last model that a test
        depends on for the one that is tested, and arguments come first. `only_where` leaves out rows whose key another
        table holds. -#}
    select {{ columns | join(', ') }}
    from {{ model }} as tested
    where {{ in_tested_slices('tested.' ~ unit, 'tested.year', kind, slices) }}
    {%- if only_where %}
        and ({{ only_where }})
    {%- endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
