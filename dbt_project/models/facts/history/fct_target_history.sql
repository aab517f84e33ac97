{{ fact_history_of(ref('fct_target'), ref('fct_superseded'), 'fct_target') }}
