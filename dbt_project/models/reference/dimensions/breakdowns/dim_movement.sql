{{ config(tags=['static']) }}
{{ breakdown_dimension('movement') }}
