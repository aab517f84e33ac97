-- What has to be built anew for the changed submissions: units and years of which they speak; the reporting units
-- above these, their next year too, in which this one is the year before; the provinces; on other maps the units in
-- which any of them lies; and whoever handed something in.
with spoken_of as (
    select distinct
        observations.unit_id,
        periods.year
    from {{ ref('stg_submissions__observation') }} as observations
    inner join {{ ref('int_periods__described') }} as periods
        on observations.period = periods.period
    where {{ of_changed_submissions('observations.submission_id') }}
),

-- Whose submissions something happened to, rejections included.
handed_in as (
    select distinct
        submissions.reporting_unit_id as unit_id,
        periods.year
    from {{ ref('stg_registry__submission') }} as submissions
    inner join {{ ref('int_submissions__touched') }} as touched
        on submissions.submission_id = touched.submission_id
    inner join {{ ref('int_periods__described') }} as periods
        on submissions.period = periods.period
),

-- From whom something is due that was not before.
newly_due as (
    select distinct
        due.reporting_unit_id as unit_id,
        periods.year
    from {{ ref('int_calendar__due') }} as due
    inner join {{ ref('int_periods__described') }} as periods
        on due.period = periods.period
    where due.found_after_event_id >= {{ last_built_event() }}
),

reporting as (
    select distinct
        case when units.is_reporting_level then units.unit_id else units.parent_unit_id end as unit_id,
        units.province_unit_id,
        spoken_of.year
    from spoken_of
    inner join {{ ref('int_units__versions') }} as units
        on spoken_of.unit_id = units.unit_id
),

figures as (
    select distinct
        spoken.unit_id,
        spoken.year + years.later as year
    from (
        select
            unit_id,
            year
        from reporting
        where unit_id is not null
        union
        select
            province_unit_id as unit_id,
            year
        from reporting
    ) as spoken
    cross join (values (0), (1)) as years (later)
),

-- A target for several years is the annual target of each.
years_of_targets as (
    select distinct
        observations.unit_id,
        generate_series(periods.first_year, periods.year) as year
    from {{ ref('stg_submissions__observation') }} as observations
    inner join {{ ref('int_periods__described') }} as periods
        on observations.period = periods.period
    where
        {{ of_changed_submissions('observations.submission_id') }}
        and observations.measure = 'target'
        and periods.period_kind = 'span'
),

recast as (
    select distinct
        recast.unit_id,
        recast.unit_level,
        sources.year
    from (
        select
            unit_id,
            year
        from spoken_of
        union
        select
            unit_id,
            year
        from reporting
        union
        select
            province_unit_id as unit_id,
            year
        from reporting
    ) as sources
    inner join {{ ref('int_units__recast') }} as recast
        on sources.unit_id = recast.source_unit_id
)

select
    'unit' as slice_kind,
    unit_id,
    year
from spoken_of
union all
select distinct
    'reporting_unit' as slice_kind,
    reporting.unit_id,
    reporting.year + years.later as year
from reporting
cross join (values (0), (1)) as years (later)
where reporting.unit_id is not null
union all
select distinct
    'province' as slice_kind,
    province_unit_id as unit_id,
    year
from reporting
union all
select distinct
    'province_two_years' as slice_kind,
    reporting.province_unit_id as unit_id,
    reporting.year + years.later as year
from reporting
cross join (values (0), (1)) as years (later)
union all
select
    'map_unit' as slice_kind,
    unit_id,
    year
from recast
union all
-- A province's report, in which that of the year before is shown; of a new province that of those that went into it.
select
    'province_report' as slice_kind,
    reporting.province_unit_id as unit_id,
    reporting.year + years.later as year
from reporting
cross join (values (0), (1)) as years (later)
union
select
    'province_report' as slice_kind,
    unit_id,
    year + 1 as year
from recast
where unit_level = 'province'
union
select
    'province_report' as slice_kind,
    units.province_unit_id as unit_id,
    years_of_targets.year
from years_of_targets
inner join {{ ref('int_units__versions') }} as units
    on years_of_targets.unit_id = units.unit_id
union all
select
    'registry_unit' as slice_kind,
    unit_id,
    year
from handed_in
union all
select distinct
    'registry_province' as slice_kind,
    units.province_unit_id as unit_id,
    told_of.year
from (
    select * from handed_in
    union
    select * from newly_due
) as told_of
inner join {{ ref('int_units__versions') }} as units
    on told_of.unit_id = units.unit_id
union all
-- Figures of reporting units and provinces alike.
select
    'figure_unit' as slice_kind,
    unit_id,
    year
from figures
union all
-- And whatever was spoken of.
select
    'reconciled_unit' as slice_kind,
    unit_id,
    year
from figures
union
select
    'reconciled_unit' as slice_kind,
    unit_id,
    year
from spoken_of
union all
-- And of a target for several years each of these.
select
    'target_unit' as slice_kind,
    unit_id,
    year
from figures
union
select
    'target_unit' as slice_kind,
    unit_id,
    year
from years_of_targets
union all
-- Months of payment lists, whoever sent them: the same person may be paid in two units.
select distinct
    'payment_month' as slice_kind,
    submissions.period as unit_id,
    periods.year
from {{ ref('stg_registry__submission') }} as submissions
inner join {{ ref('int_submissions__changed') }} as changed
    on submissions.submission_id = changed.submission_id
inner join {{ ref('int_periods__described') }} as periods
    on submissions.period = periods.period
where submissions.source_kind = 'list'
