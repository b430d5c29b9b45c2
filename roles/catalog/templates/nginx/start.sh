#!/bin/sh
# Starts nginx with a certificate: the one that Certbot put there, else a self-signed one made here, once.
set -eu

config=/etc/nginx/ziggie/nginx.conf
certificate=/etc/nginx/tls/fullchain.pem
key=/etc/nginx/tls/privkey.pem

if ! [ -s "$certificate" ] || ! [ -s "$key" ]; then
    umask 077
    openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 3650 \
        -subj /CN=ziggie -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -keyout "$key.new" -out "$certificate.new"
    mv "$key.new" "$key"
    mv "$certificate.new" "$certificate"
fi

reload_on_renewal() {
    seen=$(cksum <"$certificate")
    while sleep 300; do
        now=$(cksum <"$certificate")
        if [ "$now" != "$seen" ] && nginx -c "$config" -t -q; then
            nginx -c "$config" -s reload
            seen=$now
        fi
    done
}

reload_on_renewal &
exec "$@"
