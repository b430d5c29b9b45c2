#!/bin/sh
# Makes PgBouncer read its configuration again, and ends well once each setting of pools.ini is the one that it works with. Its own user is let in at the
# socket without a password.
set -eu

ask() {
    psql -h /tmp -p 5432 -U pgbouncer -d pgbouncer -XAtqc "$1"
}

ask RELOAD
seen=$(ask "SHOW CONFIG")
while read -r name equals value; do
    case "$name" in
    "" | ";"* | "#"*) continue ;;
    esac
    # RELOAD itself succeeds where it stopped at such a line.
    if [ "$equals" != "=" ]; then
        echo "$name: expected NAME = VALUE" >&2
        exit 1
    fi
    case "
$seen" in
    *"
$name|$value|"*) ;;
    *)
        echo "$name is not $value" >&2
        exit 1
        ;;
    esac
done </etc/pgbouncer/pools.ini
