{{ config(tags=['static']) }}
{{ breakdown_dimension('merit_category') }}
