#!/bin/bash
# litmus 0.13 (Debian): WebDAV class 1 and 2. 104 cases, about 2 s.
#
# One program of it after another: with -k a failed one does not stop the rest. Cases that were
# not run count as failed.
. "$(dirname "$0")/lib.sh"
need curl curl
need litmus litmus
cd "$SCRATCH" || give_up 'no scratch folder'

remove_collection litmus
TESTS='basic copymove props locks http' timeout 55 \
  litmus -k "$BASE" ${LOGIN:+"$LOGIN" "$PASSWORD"} > output 2>&1
tr '\r' '\n' < output | grep -E 'FAIL|SKIPPED|ERROR' | sort -u | cut -c1-170
passed=$(grep -oE 'run: [0-9]+ passed' output | awk '{ sum += $2 } END { print sum + 0 }')
remove_collection litmus
echo "LITMUS $passed/104"
