{% macro in_changed_slices(unit=none, year='year', kind=none, with_year_before=false, period=none) -%}
    {#- A condition on rows that belong to a changed slice, or to the year before one; everything does in a build of
        everything. Kind and column are the model's own where nothing else is said. -#}
    {%- set changed = ref('int_slices__changed') -%}
    {%- if kind is not none -%}
        {%- do checked_kind(kind) -%}
    {%- endif -%}
    {%- if execute and (kind is none or unit is none) -%}
        {%- set slice = own_slice() -%}
        {%- set kind = kind or slice['kind'] -%}
        {%- set unit = unit or slice['unit'] -%}
    {%- endif -%}
    {{- are_slices(changed, unit, year, kind, with_year_before, period) if is_incremental() else 'true' -}}
{%- endmacro %}

{% macro in_tested_slices(unit='unit_id', year='year', kind='unit', changed=none) -%}
    {#- The same for a data test: of a large table only what this build has made anew is looked at. -#}
    {%- set changed = changed or ref('int_slices__changed') -%}
    {{- are_slices(changed, unit, year, checked_kind(kind)) if not flags.FULL_REFRESH else 'true' -}}
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
