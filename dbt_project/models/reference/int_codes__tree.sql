-- Every code of every list with its way from the top: what lies in it are the codes whose path begins with its own.
{{ config(tags=['static']) }}
with recursive codes as (
    select * from {{ ref('stg_catalogue__code') }}
),

tree as (
    select
        codes.list_name,
        codes.code,
        codes.code as top_code,
        1 as depth,
        codes.code as path,
        codes.name_vi as path_name_vi
    from codes
    where codes.parent_code is null
    union all
    select
        codes.list_name,
        codes.code,
        tree.top_code,
        tree.depth + 1 as depth,
        tree.path || '/' || codes.code as path,
        tree.path_name_vi || ' › ' || codes.name_vi as path_name_vi
    from tree
    inner join codes
        on
            tree.list_name = codes.list_name
            and tree.code = codes.parent_code
)

select
    codes.list_name,
    codes.code,
    codes.name_vi,
    codes.name_en,
    codes.parent_code,
    tree.top_code,
    tree.depth,
    tree.path,
    tree.path_name_vi,
    codes.code not in (
        select below.parent_code from codes as below
        where
            below.list_name = codes.list_name
            and below.parent_code is not null
    ) as is_leaf,
    codes.sort_order
from codes
inner join tree
    on
        codes.list_name = tree.list_name
        and codes.code = tree.code
