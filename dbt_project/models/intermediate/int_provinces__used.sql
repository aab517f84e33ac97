-- The provinces of which something was said, each version of them.
select distinct province_unit_id as unit_id
from {{ ref('int_units__expected') }}
