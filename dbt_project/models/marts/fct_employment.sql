{{ fact('fct_employment') }}
