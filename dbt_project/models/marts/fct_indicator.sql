{{ fact('fct_indicator') }}
