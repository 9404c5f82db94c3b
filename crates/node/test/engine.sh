#!/bin/sh
# The container engine of tests, under the name `docker` in a folder of its own. ID.json beside it is what `container
# inspect` says of a gate. Each feed writes its process down in ID.feeds, waits for a line of the pipe `hold`
# when there is one, and passes on what stands in PROCESS.events.
set -eu
here=$(dirname -- "$0")
case "$1 $2" in
    "ps "*)
        case $* in
            *label=com.docker.compose.service=*) for gate in "$here"/*.json; do basename "$gate" .json; done ;;
        esac
        ;;
    "container inspect")
        shift 2
        before='['
        for id in "$@"; do
            printf '%s' "$before"
            cat "$here/$id.json"
            before=,
        done
        echo ']'
        ;;
    "exec --interactive")
        case $* in
            *" watch")
                : >"$here/$$.events"
                echo "$$" >>"$here/$3.feeds"
                if [ -p "$here/hold" ]; then read -r _ <"$here/hold"; fi
                echo '{"ok": true}'
                exec tail -n +1 -f "$here/$$.events"
                ;;
            *) echo '{"ok": true}' ;;
        esac
        ;;
    *) exit 1 ;;
esac
