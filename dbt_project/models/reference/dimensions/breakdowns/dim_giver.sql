{{ config(tags=['static']) }}
{{ breakdown_dimension('giver') }}
