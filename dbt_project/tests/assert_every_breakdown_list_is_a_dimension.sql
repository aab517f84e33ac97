-- Every list that an indicator may be broken down by is a dimension, and its trees have a top.
select lists.list_name
from {{ ref('stg_catalogue__indicator') }} as indicators
cross join unnest(string_to_array(indicators.breakdown_lists, ';')) as lists (list_name)
where
    lists.list_name not in (
        {%- for list_name in breakdown_lists() %}
            '{{ list_name }}'{{ ',' if not loop.last }}
        {%- endfor %}
    )
union all
select codes.list_name
from {{ ref('stg_catalogue__code') }} as codes
left join {{ ref('int_codes__tree') }} as tree
    on
        codes.list_name = tree.list_name
        and codes.code = tree.code
where tree.code is null
