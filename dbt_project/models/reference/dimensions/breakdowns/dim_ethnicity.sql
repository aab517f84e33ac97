{{ config(tags=['static']) }}
{{ breakdown_dimension('ethnicity') }}
