{{ config(tags=['static']) }}
{{ breakdown_dimension('sex') }}
