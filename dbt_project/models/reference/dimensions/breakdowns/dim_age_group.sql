{{ config(tags=['static']) }}
{{ breakdown_dimension('age_group') }}
