{{ config(tags=['static']) }}
{{ breakdown_dimension('area') }}
