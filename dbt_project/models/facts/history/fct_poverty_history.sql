{{ fact_history_of(ref('fct_poverty'), ref('fct_superseded'), 'fct_poverty') }}
