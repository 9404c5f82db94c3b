#!/bin/sh
# Says whether this container's way out is closed, from what the kernel says, and the command that closes it.
# `banner.sh first` says it in the first shell of a user only.
set -u

# A route to everywhere, by any interface but the loopback.
has_way_out() {
    if [ -r /proc/net/route ]; then
        while read -r interface destination _ _ _ _ _ mask _; do
            [ "$destination" = 00000000 ] && [ "$mask" = 00000000 ] && [ "$interface" != lo ] && return 0
        done </proc/net/route
    fi
    if [ -r /proc/net/ipv6_route ]; then
        while read -r destination length _ _ _ _ _ _ _ interface; do
            [ "$length" = 00 ] && [ "$destination" = 00000000000000000000000000000000 ] && [ "$interface" != lo ] && return 0
        done </proc/net/ipv6_route
    fi
    return 1
}

if [ "${1-}" = first ]; then
    # A folder is made once and follows no link that somebody else put there.
    mkdir "/tmp/.drawbridge-banner-$(id -u)" 2>/dev/null || exit 0
fi

if has_way_out; then
    echo "drawbridge: egress is NOT enforced in this container; on the host, run: drawbridge protect"
elif [ -x /run/drawbridge/share/bin/drawbridge ]; then
    echo "drawbridge: egress goes through the gate, there is no other route; test it on the host: drawbridge prove"
else
    echo "drawbridge: this container has no way out and no gate; on the host, run: drawbridge protect"
fi
exit 0
