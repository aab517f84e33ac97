{{ unit_report('quarter') }}
