{% macro get_incremental_replace_slices_sql(arguments) %}
    {#- Replaces whole slices (see int_slices__changed), so that rows which vanished from a submission vanish
        here: a merge by row keeps them. Delete and insert are one statement for dbt and one transaction. -#}
    {%- set slice = config.get('meta')['slice'] -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arguments['target_relation'] }} as old_rows
    {%- if slice['kind'] == 'submission' %}
    using {{ ref('int_submissions__changed') }} as changed
    where old_rows.submission_id = changed.submission_id;
    {%- else %}
    using {{ ref('int_slices__changed') }} as changed
    where
        changed.slice_kind = '{{ slice['kind'] }}'
        and old_rows.{{ slice['unit'] }} = changed.unit_id
        and {{ slice.get('year', 'old_rows.year') }} = changed.year;
    {%- endif %}

    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{% endmacro %}

{% macro in_changed_slices(unit='unit_id', year='year', kind='unit', with_year_before=false) -%}
    {#- A condition on rows that belong to a changed slice, or to the year before one; everything does in a build of
        everything. One list for both years: of two conditions joined by `or` no index would help. -#}
    {%- set slices = ref('int_slices__changed') -%}
    {%- if is_incremental() -%}
        ({{ unit }}, {{ year }}) in (
            select
                slices.unit_id,
                slices.year
            from {{ slices }} as slices
            where slices.slice_kind = '{{ kind }}'
            {%- if with_year_before %}
                union
                select
                    slices.unit_id,
                    slices.year - 1 as year
                from {{ slices }} as slices
                where slices.slice_kind = '{{ kind }}'
            {%- endif %}
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
