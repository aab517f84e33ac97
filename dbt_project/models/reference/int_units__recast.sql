-- Where each unit's area lies on the map of each date in `recast_dates`, with the weights that were supplied for
-- estimates where it does not lie in one unit.
{{ config(tags=['static'], indexes=[{'columns': ['source_unit_id']}, {'columns': ['unit_id']}]) }}
with mapped as (
    {{ recast_map(var('recast_dates')) }}
)

select
    mapped.map_date,
    mapped.unit_id,
    mapped.unit_level,
    mapped.province_unit_id,
    mapped.source_unit_id,
    mapped.source_level,
    mapped.source_valid_from,
    mapped.source_valid_to,
    mapped.is_within,
    case when mapped.is_within then 1 else weights.weight end as weight,
    case when not mapped.is_within then weights.reason end as weight_reason
from mapped
left join {{ ref('recast_weights') }} as weights
    on
        mapped.source_unit_id = weights.old_unit_id
        and mapped.unit_id = weights.new_unit_id
