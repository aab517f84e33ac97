select
    unit_id,
    code as unit_code,
    level as unit_level,
    type as unit_type,
    name as unit_name,
    short_name,
    name_en as unit_name_en,
    parent_code,
    -- Blank means: already in force when the sources begin, or still in force.
    coalesce(valid_from, date '1900-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
from {{ source('catalogue', 'admin_unit') }}
