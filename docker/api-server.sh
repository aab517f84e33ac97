#!/bin/sh
# Puts the administrator's password where Airflow's simple auth manager reads it, and starts the API server.
set -eu
umask 077
python -c 'import json, os; print(json.dumps({"admin": os.environ["ANSINH_ADMIN_PASSWORD"]}))' \
    > "$AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
unset ANSINH_ADMIN_PASSWORD
exec airflow api-server
