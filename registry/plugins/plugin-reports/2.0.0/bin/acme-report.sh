#!/bin/sh
# Prints one report to standard output: acme-report NAME [--format csv|html]
set -eu
name=${1:?usage: acme-report NAME [--format csv|html]}
format=html
if [ "${2:-}" = --format ]; then format=${3:?--format needs csv or html}; fi
exec curl --fail --silent --show-error \
    --header "Authorization: Bearer ${ACME_TOKEN:?set ACME_TOKEN}" \
    "${ACME_URL:-http://127.0.0.1:13000}/api/reports:render?name=$name&format=$format"
