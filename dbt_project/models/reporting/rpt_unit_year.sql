{{ unit_report('year') }}
