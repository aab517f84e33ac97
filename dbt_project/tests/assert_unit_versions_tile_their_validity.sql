-- Cutting versions at their ancestors' changes neither loses nor doubles a day.
select
    units.unit_id,
    units.valid_to - units.valid_from as days_in_catalogue,
    sum(versions.valid_to - versions.valid_from) as days_in_versions
from {{ ref('stg_catalogue__admin_unit') }} as units
left join {{ ref('int_units__versions') }} as versions
    on units.unit_id = versions.unit_id
group by units.unit_id, units.valid_from, units.valid_to
having sum(versions.valid_to - versions.valid_from) is distinct from units.valid_to - units.valid_from
