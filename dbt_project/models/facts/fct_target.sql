{{ fact('fct_target') }}
