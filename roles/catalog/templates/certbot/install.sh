#!/bin/sh
# Hands a certificate to nginx, which runs as uid 101 and reads it again by itself; nothing where nginx has it already.
#   install.sh DIRECTORY-OF-CERTBOT DIRECTORY-OF-NGINX
set -eu

if cmp -s "$1/fullchain.pem" "$2/fullchain.pem" && cmp -s "$1/privkey.pem" "$2/privkey.pem"; then
    exit 0
fi
umask 077
mkdir -p "$2"
chown 101:101 "$2"
for name in privkey fullchain; do
    cp "$1/$name.pem" "$2/$name.pem.new"
    chown 101:101 "$2/$name.pem.new"
done
# Last the one that nginx watches.
mv "$2/privkey.pem.new" "$2/privkey.pem"
mv "$2/fullchain.pem.new" "$2/fullchain.pem"
