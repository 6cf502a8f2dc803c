#!/bin/bash
# The JSON Patch suite (RFC 6902; npm json-patch-test-suite) and the cases of RFC 7396 appendix A
# (JSON Merge Patch), each as PUT, PATCH, GET. 106 cases, about 2 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need python3 python3
npm_packages json-patch json-patch-test-suite@1.1.0
make_work
timeout 55 python3 "$HERE/json_patch.py" \
  "$BASE$WORK" "$NPM_MODULES/json-patch-test-suite" ${LOGIN:+"$LOGIN" "$PASSWORD"} ||
  echo 'JSON_PATCH 0/106'
