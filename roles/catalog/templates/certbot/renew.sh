#!/bin/sh
# Gets the certificate, then renews it twice a day; nginx sees the new files and reloads itself.
# E-mail and domains come from the mounted cli.ini.
set -eu

trap 'exit 0' TERM INT

while :; do
    certbot certonly --config /run/secrets/cli.ini --non-interactive --agree-tos --keep-until-expiring \
        --cert-name ziggie --webroot --webroot-path /var/www/acme \
        --deploy-hook "sh /etc/certbot/install.sh" || echo "certbot: no certificate this time, next try in 12 hours" >&2
    sleep 43200 &
    wait $!
done
