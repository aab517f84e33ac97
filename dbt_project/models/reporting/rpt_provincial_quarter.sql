{{ provincial_report('quarter') }}
