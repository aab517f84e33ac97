{% test unique_in_changed_slices(model, columns, kind, unit) %}
    {#- Of a large table only what this build has made anew is looked at; all of it after a build of everything. -#}
    select {{ columns | join(', ') }}
    from {{ model }} as tested
    where {{ in_tested_slices('tested.' ~ unit, 'tested.year', kind) }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
