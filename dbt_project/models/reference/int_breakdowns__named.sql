-- Each combination of categories in use, with its names and an order: the whole first, then by the code lists.
with used as (
    select breakdown from {{ ref('int_breakdowns__used') }}
    union
    select ''
),

categories as (
    select
        used.breakdown,
        split_part(pairs.pair, '=', 1) as list_name,
        split_part(pairs.pair, '=', 2) as code
    from used
    cross join unnest(string_to_array(used.breakdown, '; ')) as pairs (pair)
    where used.breakdown != ''
),

named as (
    select
        categories.breakdown,
        string_agg(categories.list_name, ';' order by categories.list_name) as list_names,
        count(*) as categories,
        -- A level at which a target was set tells targets apart, not what they are about.
        coalesce(
            string_agg(
                categories.list_name || '=' || categories.code, '; ' order by categories.list_name
            ) filter (where categories.list_name != 'plan_level'),
            ''
        ) as breakdown_without_plan_level,
        string_agg(codes.name_vi, '; ' order by categories.list_name) as breakdown_name_vi,
        string_agg(codes.name_en, '; ' order by categories.list_name) as breakdown_name_en,
        max(codes.name_vi) filter (where categories.list_name = 'plan_level') as plan_level_name_vi,
        string_agg(lpad(codes.sort_order::text, 6, '0'), '-' order by categories.list_name) as code_order
    from categories
    left join {{ ref('stg_catalogue__code') }} as codes
        on
            categories.list_name = codes.list_name
            and categories.code = codes.code
    group by categories.breakdown
)

select
    used.breakdown,
    coalesce(named.list_names, '') as list_names,
    coalesce(named.breakdown_without_plan_level, '') as breakdown_without_plan_level,
    -- The whole has no name of its own: the indicator's name says it.
    coalesce(named.breakdown_name_vi, used.breakdown) as breakdown_name_vi,
    coalesce(named.breakdown_name_en, used.breakdown) as breakdown_name_en,
    named.plan_level_name_vi,
    row_number() over (order by coalesce(named.categories, 0), named.code_order, used.breakdown)::integer
        as sort_order
from used
left join named
    on used.breakdown = named.breakdown
