#!/bin/sh
# Gets a certificate for each routed name and one for the names of the mounted cli.ini, which also has the e-mail address, and renews them twice a day.
set -eu

trap 'exit 0' TERM INT

served=/etc/nginx/tls
account=/tmp/account.ini
{ read -r server; read -r store; } </etc/certbot/authority
(umask 077 && sed '/^domains/d' /run/secrets/cli.ini >"$account")

ask() {
    certbot "$@" --config-dir "$store" --server "$server" --non-interactive
}

# For a name by itself, so that it fails by itself.
get() {
    ask certonly --config "$account" --agree-tos --cert-name "$1" --domains "$1" --webroot --webroot-path /var/www/acme
}

# For the names of cli.ini. What cannot be proven any more leaves this certificate only where there is none, or shortly before it ends: a smaller one
# differs from what is asked for, so each further attempt would use up one of the five that Let's Encrypt gives in a week.
get_common() {
    set -- certonly --config /run/secrets/cli.ini --agree-tos --keep-until-expiring --renew-with-new-domains --cert-name ziggie \
        --webroot --webroot-path /var/www/acme
    if ask "$@"; then
        return 0
    fi
    if ! openssl x509 -noout -checkend 1209600 -in "$store/live/ziggie/fullchain.pem" >/dev/null 2>&1; then
        ask "$@" --allow-subset-of-names || true
    fi
    return 1
}

routed() {
    sed '/^#/d' /etc/certbot/names
}

# Certificates of names that are not routed any more would be renewed in vain, and warned of when they end.
drop_others() {
    for lineage in "$store"/renewal/*.conf; do
        name=$(basename "$lineage" .conf)
        if [ -e "$lineage" ] && [ "$name" != ziggie ] && ! routed | grep -qxF "$name"; then
            ask delete --cert-name "$name" || true
        fi
    done
    for directory in "$served"/*/; do
        name=$(basename "$directory")
        if [ -d "$directory" ] && ! routed | grep -qxF "$name"; then
            rm -rf "$directory"
        fi
    done
}

# For nginx: what there is of a name, wherever it comes from.
hand() {
    if [ -e "$store/live/$1" ]; then
        sh /etc/certbot/install.sh "$store/live/$1" "$2"
    fi
}

pause=1800
while :; do
    lost=0
    for name in $(routed); do
        [ -e "$store/live/$name" ] || get "$name" || lost=1
        hand "$name" "$served/$name"
    done
    if grep -q '^domains' /run/secrets/cli.ini; then
        get_common || lost=1
    fi
    # It goes on with the next certificate where one cannot be renewed.
    ask renew --config "$account" --no-random-sleep-on-renew --quiet || lost=1
    drop_others
    for name in $(routed); do
        hand "$name" "$served/$name"
    done
    hand ziggie "$served"
    if [ "$lost" = 0 ]; then
        pause=43200
    else
        # Let's Encrypt lets a name fail five times in an hour, and 3,600 times with one more each day.
        pause=$((pause < 21600 ? pause * 2 : 43200))
        echo "certbot: not every name has a certificate, next try in $((pause / 3600)) h" >&2
    fi
    sleep "$pause" &
    wait $!
done
