with named as (
    select * from {{ ref('int_breakdowns__named') }}
)

select
    named.breakdown,
    named.list_names,
    named.breakdown_name_vi,
    named.breakdown_name_en,
    {% for list_name in breakdown_lists() -%}
        substring(named.breakdown, '(?:^|; ){{ list_name }}=([^;]+)') as {{ list_name }}_code,
    {% endfor -%}
    named.sort_order
from named
