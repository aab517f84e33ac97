-- A unit's area while it stayed the same: its validity cut where it took in or gave away something.
{{ config(tags=['static'], indexes=[{'columns': ['territory_id']}]) }}
with units as (
    select * from {{ ref('stg_catalogue__admin_unit') }}
),

moved as (
    select
        old_unit_id as unit_id,
        effective_date
    from {{ ref('int_units__moves') }}
    union
    select
        new_unit_id as unit_id,
        effective_date
    from {{ ref('int_units__moves') }}
),

begins as (
    select
        unit_id,
        valid_from
    from units
    union
    select
        units.unit_id,
        moved.effective_date as valid_from
    from moved
    inner join units
        on
            moved.unit_id = units.unit_id
            and moved.effective_date > units.valid_from
            and moved.effective_date < units.valid_to
)

select
    begins.unit_id || '/' || begins.valid_from as territory_id,
    begins.unit_id,
    units.unit_level,
    begins.valid_from,
    coalesce(
        lead(begins.valid_from) over (partition by begins.unit_id order by begins.valid_from), units.valid_to
    ) as valid_to
from begins
inner join units
    on begins.unit_id = units.unit_id
