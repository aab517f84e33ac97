{{ config(tags=['static']) }}
{{ breakdown_dimension('sa_category') }}
