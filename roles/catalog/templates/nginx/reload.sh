#!/bin/sh
# Makes nginx read its configuration again, and ends well once a worker serves with it: nginx -t does not find all that the running master refuses.
set -eu

workers() {
    for process in /proc/[0-9]*; do
        case $(tr '\0' ' ' 2>/dev/null <"$process/cmdline") in
        *"shutting down"*) ;;
        "nginx: worker process"*) echo "${process#/proc/}" ;;
        esac
    done
}

old=" $(workers | tr '\n' ' ')"
nginx -c /etc/nginx/ziggie/nginx.conf -q -s reload
left=100
while [ "$left" -gt 0 ]; do
    for worker in $(workers); do
        case $old in
        *" $worker "*) ;;
        *) exit 0 ;;
        esac
    done
    left=$((left - 1))
    sleep 0.1
done
echo "no worker with the new configuration within 10 s" >&2
exit 1
