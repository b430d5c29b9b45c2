#!/bin/sh
# Certbot's deploy hook: hands the certificate to nginx, which runs as uid 101.
set -eu

umask 077
for name in privkey fullchain; do
    cp "$RENEWED_LINEAGE/$name.pem" "/etc/nginx/tls/$name.pem.new"
    chown 101:101 "/etc/nginx/tls/$name.pem.new"
    mv "/etc/nginx/tls/$name.pem.new" "/etc/nginx/tls/$name.pem"
done
