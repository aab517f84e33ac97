{{ fact_history_of(ref('fct_training'), ref('fct_superseded'), 'fct_training') }}
