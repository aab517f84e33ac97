{{ fact('fct_poverty_change') }}
