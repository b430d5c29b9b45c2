#!/bin/sh
# Starts nginx with a certificate for each site: the one that Certbot put there, else a self-signed one made here, once.
set -eu

config=/etc/nginx/ziggie/nginx.conf

certificates() {
    find /etc/nginx/tls -name fullchain.pem -exec cksum {} + | sort
}

# Workers that have the old certificates serve their requests to the end (nginx.org/en/docs/control.html).
reload_on_renewal() {
    seen=$(certificates)
    while sleep 60; do
        now=$(certificates)
        if [ "$now" != "$seen" ] && sh /etc/nginx/ziggie/check.sh; then
            nginx -c "$config" -q -s reload
            seen=$now
        fi
    done
}

sh /etc/nginx/ziggie/check.sh
reload_on_renewal &
exec "$@"
