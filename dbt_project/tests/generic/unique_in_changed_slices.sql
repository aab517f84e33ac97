{% test unique_in_changed_slices(model, columns, kind, unit) %}
    {#- Of a large table only what this build has made anew is looked at; all of it after a build of everything. -#}
    {%- set slices = ref('int_slices__changed') -%}
    select {{ columns | join(', ') }}
    from {{ model }} as tested
    {% if not flags.FULL_REFRESH -%}
        where
            (tested.{{ unit }}, tested.year) in (
                select
                    slices.unit_id,
                    slices.year
                from {{ slices }} as slices
                where slices.slice_kind = '{{ kind }}'
            )
    {%- endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
