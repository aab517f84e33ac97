{{ config(tags=['static']) }}
{{ breakdown_dimension('facility_type') }}
