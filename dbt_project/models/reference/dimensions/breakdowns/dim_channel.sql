{{ config(tags=['static']) }}
{{ breakdown_dimension('channel') }}
