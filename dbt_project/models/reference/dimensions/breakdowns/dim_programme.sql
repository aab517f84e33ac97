{{ config(tags=['static']) }}
{{ breakdown_dimension('programme') }}
