#!/bin/bash
# A container whose user is not root, and who may change what the container trusts and nothing else.
# shellcheck disable=SC2016 # expanded in the container
set -e
# shellcheck source=/dev/null
source dev-container-features-test-lib

check "user is no root" bash -c 'test "$(id -u)" -ne 0'
check "may change the stores" test -w /var/lib/drawbridge/trust/stores
check "may not change the folder above" bash -c '! test -w /var/lib/drawbridge/trust'
check "the bundle is a link" test -L /etc/ssl/certs/ca-certificates.crt
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=test -keyout /dev/null -out /tmp/ca.pem
check "adds a CA" bash -c "drawbridge trust install --ca /tmp/ca.pem | grep -q 'ca-certificates.crt: added'"
check "takes it out" bash -c "drawbridge trust undo | grep -q 'ca-certificates.crt: restored'"

reportResults
