#!/bin/sh
# Makes .env of .env.example: each line `NAME=` gets a random secret. An .env that is there is left alone.
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
    echo "error: .env is there already; edit it, or move it away (its passwords are those of the volumes)" >&2
    exit 1
fi
umask 077
while IFS= read -r line; do
    case "$line" in
        \#*) secret='' ;;
        *FERNET_KEY=) secret=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_') ;;
        *=) secret=$(od -An -v -N24 -tx1 /dev/urandom | tr -d ' \n') ;;
        *) secret='' ;;
    esac
    printf '%s%s\n' "$line" "$secret"
done < .env.example > .env.new
mv .env.new .env
echo ".env made; the password of the user admin is in it (ANSINH_ADMIN_PASSWORD)"
