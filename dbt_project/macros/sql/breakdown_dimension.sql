{% macro breakdown_lists() -%}
    {#- The code lists that break values down; each has a dimension of its own and a column in `dim_breakdown`. -#}
    {{ return([
        'age_group', 'area', 'channel', 'ethnicity', 'facility_type', 'fund_type', 'fund_year', 'funding_source',
        'giver', 'injury_cause', 'merit_category', 'movement', 'occasion', 'payment_method', 'plan_level',
        'poverty_factor', 'programme', 'rehab_form', 'sa_category', 'sex', 'support_kind', 'target_group',
        'training_level',
    ]) }}
{%- endmacro %}

{% macro breakdown_dimension(list_name) -%}
    {#- One code list as a tree: each code with the code above it, its top, its depth and its path. -#}
    select
        code,
        name_vi,
        name_en,
        parent_code,
        top_code,
        depth,
        path,
        path_name_vi,
        is_leaf,
        sort_order
    from {{ ref('int_codes__tree') }}
    where list_name = '{{ list_name }}'
{%- endmacro %}
