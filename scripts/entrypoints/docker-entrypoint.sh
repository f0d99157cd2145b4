#!/bin/sh
# Puts the plugins right, then becomes the application: ENTRYPOINT ["/docker-entrypoint.sh"].
# Without a command it ends instead, as a Kubernetes init container must.
#
# usage: docker-entrypoint.sh [COMMAND [ARGUMENT...]]
#
# The application starts with the plugins that are there whenever that is safe:
#
#   0  done             starts
#   4  license          starts; pkg says 0, because of --on-failure continue
#   5  network          starts; pkg says 0, because of --on-failure continue
#   7  disk or lock     starts; nothing new could be written
#   1  and any other    starts; pkg itself failed, and each plugin is still one verified release
#   3  mismatches       does not start: only --strict in PKG_OPTIONS makes it, and means it
#   6  verification     does not start: something is not what the vendor signed
#   64 usage            does not start: a setting is wrong, and whoever set it is there to see it
#
# PKG_OPTIONS: more options of pkg download-pro, between spaces, such as "--strict --timeout 60".
set -eu

# As process 1 of a container a shell ignores what it has no trap for.
stopped=
child=
stop() {
    stopped=$1
    [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
}
trap 'stop 143' TERM
trap 'stop 130' INT

status=0
# shellcheck disable=SC2086  # PKG_OPTIONS are several words
pkg download-pro --on-failure continue ${PKG_OPTIONS:-} &
child=$!
[ -z "$stopped" ] || kill -TERM "$child" 2>/dev/null || true
wait "$child" || status=$?
if [ -n "$stopped" ]; then
    # The signal ended the waiting, not pkg.
    wait "$child" || true
    exit "$stopped"
fi
child=

case $status in
    0) ;;
    3 | 6 | 64)
        echo "docker-entrypoint.sh: the application is not started: pkg ended with $status" >&2
        exit "$status"
        ;;
    *) echo "docker-entrypoint.sh: pkg ended with $status; starting with the plugins that are there" >&2 ;;
esac

# One that came since.
[ -z "$stopped" ] || exit "$stopped"
[ $# -gt 0 ] || exit 0
exec "$@"
