{{ config(tags=['static']) }}
{{ breakdown_dimension('target_group') }}
