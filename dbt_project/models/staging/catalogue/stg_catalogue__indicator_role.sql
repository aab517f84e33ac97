select
    indicator_code,
    nullif(budget_role, '') as budget_role,
    nullif(profile_column, '') as profile_column
from {{ ref('indicator_roles') }}
