select
    effective_date,
    level as unit_level,
    change_type,
    old_code,
    old_name,
    old_parent_code,
    old_province_code,
    new_code,
    new_name,
    new_parent_code,
    new_province_code,
    coverage,
    is_main_successor = 1 as is_main_successor,
    legal_basis,
    basis
from {{ source('catalogue', 'admin_unit_change') }}
