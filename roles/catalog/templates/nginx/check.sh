#!/bin/sh
# Lets nginx read its configuration without using it. A certificate that the configuration names and that is not there yet is made here, self-signed.
set -eu

config=/etc/nginx/ziggie/nginx.conf
sed -n 's|^ *ssl_certificate \(.*\)/fullchain[.]pem;$|\1|p' "$config" | sort -u | while read -r directory; do
    if [ -s "$directory/fullchain.pem" ] && [ -s "$directory/privkey.pem" ]; then
        continue
    fi
    name=DNS:$(basename "$directory")
    if [ "$directory" = /etc/nginx/tls ]; then
        name=DNS:localhost,IP:127.0.0.1
    fi
    umask 077
    mkdir -p "$directory"
    openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 3650 \
        -subj /CN=ziggie -addext "subjectAltName=$name" -keyout "$directory/key.made" -out "$directory/certificate.made"
    mv "$directory/key.made" "$directory/privkey.pem"
    mv "$directory/certificate.made" "$directory/fullchain.pem"
done
exec nginx -c "$config" -t -q
