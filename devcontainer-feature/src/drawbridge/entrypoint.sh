#!/bin/sh
# Runs at every container start as the container's user, and again after it as the remote user (`again`).
# Must neither fail nor block the start: nothing here waits for the network or asks anybody.
set -u

share=/usr/local/share/drawbridge
gate=/run/drawbridge/share/trust/ca-extra.pem

# Only where there is an authority to trust.
if [ -s "$gate" ] || [ -s "$share/ca.pem" ]; then
    /usr/local/bin/drawbridge trust install --direct </dev/null >/dev/null ||
        echo "drawbridge: some trust stores were left as they are; see: drawbridge trust install" >&2
    if [ "${1-}" != again ] && [ ! -e "$share/no-watch" ]; then
        /usr/local/bin/drawbridge trust watch </dev/null >/dev/null 2>&1 &
    fi
fi
[ "${1-}" = again ] || "$share/banner.sh"
exit 0
