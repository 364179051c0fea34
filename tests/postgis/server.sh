#!/usr/bin/env bash
# Runs a command beside a PostgreSQL server with PostGIS that lives as long as the command:
#     tests/postgis/server.sh python -m pytest tests/postgis
# The server listens on loopback only, keeps its data in a folder of its own, runs as an
# unprivileged user, and is stopped and removed at the end. The command finds its address in
# NAVPLAN_POSTGIS. As root on Debian or Ubuntu, what is missing is installed.
set -euo pipefail

newest() { # the newest installed server that has PostGIS
    local control
    for control in $(ls -d /usr/share/postgresql/*/extension/postgis.control 2>/dev/null | sort -Vr); do
        local version
        version="$(basename "$(dirname "$(dirname "$control")")")"
        if [ -x "/usr/lib/postgresql/$version/bin/initdb" ]; then
            echo "/usr/lib/postgresql/$version/bin"
            return
        fi
    done
}

bin="$(newest)"
if [ -z "$bin" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing PostgreSQL and PostGIS"
    log="$(mktemp)"
    # RUNLEVEL=1: the package must not start a server of its own
    (apt-get -q update && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive timeout 600 \
        apt-get -q install -y --no-install-recommends postgresql postgresql-postgis) >"$log" 2>&1 ||
        { tail -20 "$log" >&2; }
    rm -f "$log"
    bin="$(newest)"
fi
if [ -z "$bin" ]; then
    echo "PostgreSQL with PostGIS is not installed and could not be installed here" >&2
    exit 1
fi

home="$(mktemp -d /tmp/navplan-postgis.XXXXXX)"
as=()
if [ "$(id -u)" = 0 ]; then # the server refuses to run as root
    chown postgres "$home"
    as=(setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups env HOME="$home")
fi
stop() {
    (cd / && "${as[@]}" "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null 2>&1) || true
    rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

password="$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')"
printf '%s' "$password" >"$home/password"
chmod 644 "$home/password" # in a folder that only the server's user may enter
(cd / && "${as[@]}" "$bin/initdb" -D "$home/data" -U navplan -E UTF8 --locale=C.UTF-8 -A scram-sha-256 \
    --pwfile="$home/password" --no-sync >"$home/initdb.log" 2>&1) ||
    { cat "$home/initdb.log" >&2; exit 1; }
for _ in 1 2 3 4 5; do # a port that is free now may be taken a moment later
    port=$((20000 + RANDOM % 20000))
    if (cd / && "${as[@]}" "$bin/pg_ctl" -D "$home/data" -w -t 60 -l "$home/data/log" start \
        -o "-c listen_addresses=127.0.0.1 -p $port -c unix_socket_directories='' -c fsync=off" \
        >/dev/null 2>&1); then
        started=yes
        break
    fi
done
if [ -z "${started:-}" ]; then
    cat "$home/data/log" >&2
    exit 1
fi
export NAVPLAN_POSTGIS="postgresql://navplan:$password@127.0.0.1:$port/postgres"
"$@"
