{{ config(tags=['static']) }}
{{ breakdown_dimension('training_level') }}
