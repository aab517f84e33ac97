{{ config(tags=['static']) }}
{{ breakdown_dimension('plan_level') }}
