-- A weight is for a unit that was split, between nothing and the whole, and a unit's weights for the units of one map
-- do not exceed it.
select
    weights.old_unit_id,
    weights.new_unit_id
from {{ ref('recast_weights') }} as weights
left join {{ ref('int_units__recast') }} as recast
    on
        weights.old_unit_id = recast.source_unit_id
        and weights.new_unit_id = recast.unit_id
        and not recast.is_within
where
    recast.unit_id is null
    or weights.weight is null
    or weights.weight <= 0
    or weights.weight >= 1
    or coalesce(weights.reason, '') = ''
union all
select
    source_unit_id as old_unit_id,
    null as new_unit_id
from {{ ref('int_units__recast') }}
where not is_within
group by map_date, source_unit_id, source_valid_from, unit_level
having sum(weight) > 1
