{% macro figure_that_counts(is_reporting_level, stated, summed, is_complete) -%}
    {#- The one rule between levels; see `which_figure_counts` in models/figures/_figures__docs.md. -#}
    case
        when {{ is_reporting_level }} then coalesce({{ stated }}, case when {{ is_complete }} then {{ summed }} end)
        else coalesce(case when {{ is_complete }} then {{ summed }} end, {{ stated }})
    end
{%- endmacro %}
