#!/bin/bash
# The keystore of the distribution's JDKs is a store like the others.
set -e
# shellcheck source=/dev/null
source dev-container-features-test-lib

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=test -keyout /dev/null -out /tmp/ca.pem
check "adds a CA" bash -c "drawbridge trust install --ca /tmp/ca.pem | grep -q 'java_cacerts: added'"
check "keytool reads it" bash -c "keytool -list -cacerts -storepass changeit | grep -q drawbridge"
check "takes it out" bash -c "drawbridge trust undo | grep -q 'java_cacerts: restored'"

reportResults
