-- Which unit gave its area, or a part of it, to which other unit on which day. Mere renamings of a unit that stays
-- what it was move nothing.
{{ config(tags=['static']) }}
with changes as (
    select * from {{ ref('stg_catalogue__admin_unit_change') }}
),

units as (
    select * from {{ ref('stg_catalogue__admin_unit') }}
),

known as (
    select distinct
        old_units.unit_id as old_unit_id,
        new_units.unit_id as new_unit_id,
        changes.effective_date,
        true as is_known
    from changes
    inner join units as old_units
        on
            changes.old_code = old_units.unit_code
            and changes.effective_date > old_units.valid_from
            and changes.effective_date <= old_units.valid_to
    inner join units as new_units
        on
            changes.new_code = new_units.unit_code
            and changes.effective_date >= new_units.valid_from
            and changes.effective_date < new_units.valid_to
    where old_units.unit_id != new_units.unit_id
),

-- The sources do not say into which of its neighbours such a commune went: it may be any of them.
unknown as (
    select
        old_units.unit_id as old_unit_id,
        neighbours.unit_id as new_unit_id,
        changes.effective_date,
        false as is_known
    from changes
    inner join units as old_units
        on
            changes.old_code = old_units.unit_code
            and changes.effective_date = old_units.valid_to
    inner join units as neighbours
        on
            old_units.parent_code = neighbours.parent_code
            and old_units.unit_level = neighbours.unit_level
            and changes.effective_date >= neighbours.valid_from
            and changes.effective_date < neighbours.valid_to
    where changes.new_code is null and changes.unit_level = 'commune'
)

select * from known
union all
select * from unknown
