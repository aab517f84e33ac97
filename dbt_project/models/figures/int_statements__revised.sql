-- What each submission that ceased to count had said of a quantity, and what the one in its place says, if any. A
-- quantity that one of them states twice is taken as it stands first; what stayed the same is no revision.
{{ config(meta={'slice': {'kind': 'submission'}}, indexes=[{'columns': ['submission_id']}]) }}
{%- set quantity = [
    'unit_id', 'period', 'indicator_code', 'breakdown', 'measure', 'accumulation', 'issuer'
] %}
with replaced as (
    select * from {{ ref('int_submissions__replaced') }}
    where {{ in_changed_submissions() }}
),

sides as (
    select
        event_id,
        submission_id,
        true as is_old
    from replaced
    union all
    select
        event_id,
        new_submission_id as submission_id,
        false as is_old
    from replaced
    where new_submission_id is not null
),

stated as (
    select
        sides.event_id,
        sides.is_old,
        observations.observation_id,
        observations.value,
        {% for column in quantity -%}
            observations.{{ column }},
        {% endfor -%}
        observations.ref
    from sides
    inner join {{ ref('stg_submissions__observation') }} as observations
        on sides.submission_id = observations.submission_id
    -- As values, which an index looks up: few of all submissions were replaced.
    where observations.submission_id = any(array(select asked.submission_id from sides as asked))
),

both_sides as (
    select
        event_id,
        {{ quantity | join(',\n        ') }},
        min(observation_id) filter (where is_old) as observation_id_old,
        min(observation_id) filter (where not is_old) as observation_id_new,
        (array_agg(value order by observation_id) filter (where is_old))[1] as value_old,
        (array_agg(value order by observation_id) filter (where not is_old))[1] as value_new,
        (array_agg(ref order by observation_id) filter (where is_old))[1] as ref_old,
        (array_agg(ref order by observation_id) filter (where not is_old))[1] as ref_new
    from stated
    group by event_id, {{ quantity | join(', ') }}
)

select
    both_sides.event_id,
    coalesce(both_sides.observation_id_old, both_sides.observation_id_new) as observation_id,
    replaced.submission_id,
    replaced.new_submission_id,
    replaced.form_code,
    replaced.reporting_unit_id,
    replaced.known_to as revised_at,
    case
        when replaced.new_submission_id is null then 'withdrawn'
        when replaced.is_emptied then 'emptied'
        when both_sides.value_new is null then 'removed'
        when both_sides.value_old is null then 'added'
        else 'corrected'
    end as revision_kind,
    {%- for column in quantity %}
        both_sides.{{ column }},
    {%- endfor %}
    both_sides.value_old,
    both_sides.value_new,
    both_sides.ref_old,
    both_sides.ref_new
from both_sides
inner join replaced
    on both_sides.event_id = replaced.event_id
where not coalesce(both_sides.value_old = both_sides.value_new, false)
