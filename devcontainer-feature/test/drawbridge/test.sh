#!/bin/bash
# Run by `devcontainer features test`; needs the staged Feature (cargo xtask package-feature).
# shellcheck disable=SC2016 # expanded in the container
set -e
# shellcheck source=/dev/null
source dev-container-features-test-lib

check "binary runs" drawbridge --version
check "says that egress is not enforced" bash -c "/usr/local/share/drawbridge/entrypoint.sh | grep -q 'NOT enforced'"
check "entrypoint never fails" /usr/local/share/drawbridge/entrypoint.sh
check "bundle has public roots" bash -c 'test "$(grep -c BEGIN "$SSL_CERT_FILE")" -gt 50'
check "added CAs have a file" test -r "$NODE_EXTRA_CA_CERTS"

reportResults
