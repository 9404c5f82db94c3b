#!/bin/bash
# Run by `devcontainer features test`; needs the staged Feature (cargo xtask package-feature).
set -e
# shellcheck source=/dev/null
source dev-container-features-test-lib

check "binary runs" drawbridge --version
check "says that egress is not enforced" bash -c "/usr/local/share/drawbridge/entrypoint.sh | grep -q 'NOT enforced'"
check "entrypoint never fails" /usr/local/share/drawbridge/entrypoint.sh

reportResults
