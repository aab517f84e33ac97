{{ fact('fct_training') }}
