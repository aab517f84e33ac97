{% macro get_incremental_replace_slices_sql(arguments) %}
    {#- Replaces whole slices (see int_slices__changed), so that rows which vanished from a submission vanish
        here: a merge by row keeps them. Delete and insert are one statement for dbt and one transaction. -#}
    {%- set slice = own_slice() -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arguments['target_relation'] }} as old_rows
    where
    {%- if slice['kind'] == 'submission' %}
        {{ of_changed_submissions('old_rows.submission_id') }};
    {%- else %}
        {{ in_changed_slices(
            'old_rows.' ~ slice['unit'],
            'old_rows.year',
            slice['kind'],
            period='old_rows.' ~ slice['period'] if 'period' in slice else none
        ) }};
    {%- endif %}

    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{% endmacro %}
