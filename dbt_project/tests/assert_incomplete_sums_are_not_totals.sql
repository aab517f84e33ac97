-- A province's figure that rests on some of its units only is never shown as the province's.
select
    province_unit_id,
    period,
    indicator_code,
    breakdown
from {{ ref('rpt_provincial_year') }}
where not is_complete and basis != 'stated' and value is not null
union all
select
    province_unit_id,
    period,
    indicator_code,
    breakdown
from {{ ref('rpt_provincial_quarter') }}
where not is_complete and basis != 'stated' and value is not null
