#!/usr/bin/env bash
# Registers an ephemeral runner, which takes one job and ends; the restart policy brings up the next.
# The secret is a personal access token (exchanged here for a registration token) or a registration token itself.
set -euo pipefail

cd /home/runner

registration_token() {
    local secret target
    secret=$(</run/secrets/token)
    case $secret in
    ghp_* | github_pat_* | ghs_*)
        target=${RUNNER_URL#https://github.com/}
        case $target in
        */*) target=repos/$target ;;
        *) target=orgs/$target ;;
        esac
        curl -fsS -X POST -H @<(printf 'Authorization: Bearer %s\n' "$secret") \
            "https://api.github.com/$target/actions/runners/registration-token" | jq -er .token
        ;;
    *)
        printf '%s\n' "$secret"
        ;;
    esac
}

rm -f .runner .credentials .credentials_rsaparams
ACTIONS_RUNNER_INPUT_TOKEN=$(registration_token)
export ACTIONS_RUNNER_INPUT_TOKEN
./config.sh --unattended --ephemeral --disableupdate --replace \
    --url "$RUNNER_URL" --name "ziggie-${HOSTNAME}" --labels "$RUNNER_LABELS"
unset ACTIONS_RUNNER_INPUT_TOKEN
exec ./run.sh
