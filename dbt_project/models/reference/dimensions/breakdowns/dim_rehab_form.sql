{{ config(tags=['static']) }}
{{ breakdown_dimension('rehab_form') }}
