-- From which area to which each change leads: to those that took it in, and to what was left of a unit that stayed.
{{ config(tags=['static']) }}
with territories as (
    select * from {{ ref('int_units__territories') }}
),

moves as (
    select * from {{ ref('int_units__moves') }}
)

select
    old_territories.territory_id as old_territory_id,
    new_territories.territory_id as new_territory_id
from moves
inner join territories as old_territories
    on
        moves.old_unit_id = old_territories.unit_id
        and moves.effective_date = old_territories.valid_to
inner join territories as new_territories
    on
        moves.new_unit_id = new_territories.unit_id
        and moves.effective_date = new_territories.valid_from
union
select
    old_territories.territory_id as old_territory_id,
    new_territories.territory_id as new_territory_id
from territories as old_territories
inner join territories as new_territories
    on
        old_territories.unit_id = new_territories.unit_id
        and old_territories.valid_to = new_territories.valid_from
