{% macro get_incremental_replace_slices_sql(arguments) %}
    {#- Replaces whole slices (see int_slices__changed), so that rows which vanished from a submission vanish
        here: a merge by row keeps them. Delete and insert are one statement for dbt and one transaction. -#}
    {%- set slice = config.get('meta')['slice'] -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arguments['target_relation'] }} as old_rows
    where
    {%- if slice['kind'] == 'submission' %}
        {{ of_changed_submissions('old_rows.submission_id') }};
    {%- else %}
        {{ in_changed_slices(
            'old_rows.' ~ slice['unit'],
            slice.get('year', 'old_rows.year'),
            slice['kind'],
            period='old_rows.' ~ slice['period'] if 'period' in slice else none
        ) }};
    {%- endif %}

    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{% endmacro %}

{% macro in_changed_slices(unit='unit_id', year='year', kind='unit', with_year_before=false, period=none) -%}
    {#- A condition on rows that belong to a changed slice, or to the year before one; everything does in a build of
        everything. -#}
    {%- set changed = ref('int_slices__changed') -%}
    {{- are_slices(changed, unit, year, kind, with_year_before, period) if is_incremental() else 'true' -}}
{%- endmacro %}

{% macro in_tested_slices(unit='unit_id', year='year', kind='unit', changed=none) -%}
    {#- The same for a data test: of a large table only what this build has made anew is looked at. -#}
    {%- set changed = changed or ref('int_slices__changed') -%}
    {{- are_slices(changed, unit, year, kind) if not flags.FULL_REFRESH else 'true' -}}
{%- endmacro %}

{% macro are_slices(changed, unit, year, kind, with_year_before=false, period=none) -%}
    {#- Units and years are also asked for by themselves, as a list and a range of values: an index looks them up
        without a nested loop, which a build must not take (runtime/warehouse/dbt.py). Of a list of years the planner would expect
        ten, which may be all there are. `period` is given where an index has no year but quarters and years by name. -#}
    {%- set slices -%}
        select
            slices.unit_id,
            slices.year
        from {{ changed }} as slices
        where slices.slice_kind = '{{ kind }}'
        {%- if with_year_before %}
            union
            select
                slices.unit_id,
                slices.year - 1 as year
            from {{ changed }} as slices
            where slices.slice_kind = '{{ kind }}'
        {%- endif %}
    {%- endset -%}
    {{ unit }} = any(array(select wanted.unit_id from ({{ slices }}) as wanted))
    and {{ year }} >= (select min(wanted.year) from ({{ slices }}) as wanted)
    and {{ year }} <= (select max(wanted.year) from ({{ slices }}) as wanted)
    {% if period -%}
        and {{ period }} >= (select min(wanted.year)::text from ({{ slices }}) as wanted)
        and {{ period }} < (select (max(wanted.year) + 1)::text from ({{ slices }}) as wanted)
    {% endif -%}
    and ({{ unit }}, {{ year }}) in ({{ slices }})
{%- endmacro %}

{% macro of_changed_submissions(submission_id='submission_id') -%}
    {#- A condition on rows of the changed submissions, as a list of values for an index to look up. -#}
    {{ submission_id }} = any(
        array(select changed.submission_id from {{ ref('int_submissions__changed') }} as changed)
    )
{%- endmacro %}
