#!/bin/bash
# Options that switch parts off.
set -e
# shellcheck source=/dev/null
source dev-container-features-test-lib

check "no ssh configuration" bash -c '! test -e /etc/ssh/ssh_config.d/20-drawbridge.conf'
check "no watcher" test -e /usr/local/share/drawbridge/no-watch

reportResults
