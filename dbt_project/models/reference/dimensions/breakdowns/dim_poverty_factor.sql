{{ config(tags=['static']) }}
{{ breakdown_dimension('poverty_factor') }}
