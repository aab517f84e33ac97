-- What is due, with the last event that a successful build had seen when it was first found in the calendar: the
-- calendar tells no time itself, and what is new in it has to be shown.
{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
select
    calendar.form_code,
    calendar.reporting_unit_id,
    calendar.period,
    calendar.due_on,
    {{ last_built_event() }} as found_after_event_id
from {{ ref('stg_registry__calendar') }} as calendar
{% if is_incremental() -%}
    left join {{ this }} as known
        on
            calendar.form_code = known.form_code
            and calendar.reporting_unit_id = known.reporting_unit_id
            and calendar.period = known.period
    where known.form_code is null
{%- endif %}
