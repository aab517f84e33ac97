{% macro slice_kinds() -%}
    {#- What a build of changes makes anew, by kind: each is a year (a payment month: its own) and one of these. The rows
        are listed by `int_slices__changed`. -#}
    {{ return({
        'unit': 'a unit of which a changed submission speaks',
        'reporting_unit': 'a unit that reports, above one of these or one itself, and its next year too',
        'province': 'a province above one of these',
        'province_two_years': 'the same, and its next year, in which this one is the year before',
        'figure_unit': 'reporting units and provinces, and their next year',
        'target_unit': 'the same, and each year of a target that was set for several',
        'reconciled_unit': 'reporting units and provinces, their next year, and units that are spoken of',
        'map_unit': 'a unit of another map in which any of these lies',
        'province_report': 'a province in whose report any of this is shown, as this year or the year before',
        'registry_unit': 'a unit to whose submissions anything happened, rejections included',
        'registry_province': 'the province above one of these, or above one from whom something is newly due',
        'payment_month': 'a month of payment lists, whoever sent them: the same person may be paid in two units',
    }) }}
{%- endmacro %}

{% macro checked_kind(kind) -%}
    {#- A kind that is listed; one that is not would select nothing, and its table would grow old in silence. -#}
    {%- if kind not in slice_kinds() -%}
        {{ exceptions.raise_compiler_error(
            "no kind of slice is called '" ~ kind ~ "'; there are: " ~ slice_kinds() | join(', ')
        ) }}
    {%- endif -%}
    {{ return(kind) }}
{%- endmacro %}

{% macro own_slice() -%}
    {#- By what the model at hand is sliced: its `meta: {slice: {kind, unit}}`, which dbt knows once it compiles. A unit
        test has no configuration of the model that it tests: its slices are those of most models. -#}
    {%- if model['resource_type'] == 'unit_test' -%}
        {{ return({'kind': 'unit', 'unit': 'unit_id'}) }}
    {%- endif -%}
    {%- set slice = (config.get('meta') or {}).get('slice') -%}
    {%- if not slice -%}
        {{ exceptions.raise_compiler_error(model['name'] ~ " is built by slices: give its meta.slice a kind and a unit") }}
    {%- endif -%}
    {%- if slice['kind'] != 'submission' -%}
        {%- do checked_kind(slice['kind']) -%}
    {%- endif -%}
    {{ return(slice) }}
{%- endmacro %}
