#!/bin/bash
# Installed twice with different options: nothing is there twice.
# shellcheck disable=SC2016 # expanded in the container
set -e
# shellcheck source=/dev/null
source dev-container-features-test-lib

check "binary runs" drawbridge --version
check "one line in the shell's file" bash -c 'test "$(grep -c "# drawbridge" /etc/bash.bashrc)" -eq 1'

reportResults
