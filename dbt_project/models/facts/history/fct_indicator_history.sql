{{ fact_history_of(ref('fct_indicator'), ref('fct_superseded'), 'fct_indicator') }}
