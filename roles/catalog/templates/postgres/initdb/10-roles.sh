#!/usr/bin/env bash
# Runs once, on an empty data directory: the roles and databases of the stack.
# psql reads each password from its mounted file itself, so none is in an argument or in the environment.
set -euo pipefail

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set application_password `cat /run/secrets/application_password`
\set n8n_password `cat /run/secrets/n8n_password`
\set exporter_password `cat /run/secrets/exporter_password`

CREATE ROLE ziggie LOGIN PASSWORD :'application_password';
CREATE DATABASE ziggie OWNER ziggie;
REVOKE CONNECT ON DATABASE ziggie FROM PUBLIC;

CREATE ROLE n8n LOGIN PASSWORD :'n8n_password';
CREATE DATABASE n8n OWNER n8n;
REVOKE CONNECT ON DATABASE n8n FROM PUBLIC;

CREATE ROLE exporter LOGIN CONNECTION LIMIT 5 PASSWORD :'exporter_password';
GRANT pg_monitor TO exporter;
GRANT CONNECT ON DATABASE ziggie, n8n TO exporter;
SQL
