{% macro last_built_event() -%}
    {#- The last event that a successful build had seen, as a subquery of one value. -#}
    (
        select coalesce(max(builds.last_event_id), 0)
        from {{ ref('stg_registry__build') }} as builds
        where builds.outcome = 'success'
    )
{%- endmacro %}

{% macro of_changed_submissions(submission_id='submission_id') -%}
    {#- A condition on rows of the changed submissions, as a list of values for an index to look up. -#}
    {{ submission_id }} = any(
        array(select changed.submission_id from {{ ref('int_submissions__changed') }} as changed)
    )
{%- endmacro %}

{% macro in_changed_submissions(submission_id='submission_id') -%}
    {#- The same in a build of changes; everything changed in a build of everything. -#}
    {%- set changed = of_changed_submissions(submission_id) -%}
    {{- changed if is_incremental() else 'true' -}}
{%- endmacro %}

{% macro in_tested_submissions(submission_id='submission_id') -%}
    {#- The same for a data test. -#}
    {%- set changed = of_changed_submissions(submission_id) -%}
    {{- changed if not flags.FULL_REFRESH else 'true' -}}
{%- endmacro %}

{% macro in_submissions_since_last_build(submission_id) -%}
    {#- A condition on rows of submissions to which anything happened since: for reference data, which comes before
        `int_submissions__changed` is worked out and needs no more than something that holds it. -#}
    {%- set touched -%}
        {{ submission_id }} = any(
            array(
                select events.submission_id
                from {{ ref('stg_registry__submission_event') }} as events
                where events.submission_id is not null and events.event_id > {{ last_built_event() }}
            )
        )
    {%- endset -%}
    {{- touched if is_incremental() else 'true' -}}
{%- endmacro %}
