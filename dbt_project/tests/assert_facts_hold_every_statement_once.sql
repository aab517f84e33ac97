-- The facts together are the statements that were read with enough confidence: as many of each unit's year as there
-- are, and each in its own fact (a statement that stood in two would be counted twice).
{%- set slices = ref('int_slices__changed') %}
{%- set condition -%}
    {% if not flags.FULL_REFRESH -%}
        where
            (unit_id, year) in (
                select
                    slices.unit_id,
                    slices.year
                from {{ slices }} as slices
                where slices.slice_kind = 'unit'
            )
    {%- endif %}
{%- endset %}
with facts as (
    {% for fact in facts() -%}
        select observation_id from {{ ref(fact) }}
        {{ condition }}
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor %}
),

statements as (
    select
        observation_id,
        confidence
    from {{ ref('int_observations__counted') }}
    {{ condition }}
)

select coalesce(facts.observation_id, statements.observation_id) as observation_id
from (select
    observation_id,
    count(*) as times
from facts
group by observation_id) as facts
full outer join statements
    on facts.observation_id = statements.observation_id
where
    statements.observation_id is null
    or facts.times is distinct from
    case when statements.confidence >= {{ var('minimum_confidence') }}::real then 1 end
