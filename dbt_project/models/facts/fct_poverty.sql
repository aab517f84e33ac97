{{ fact('fct_poverty') }}
