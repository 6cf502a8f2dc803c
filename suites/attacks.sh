#!/bin/bash
# Hostile clients beside an honest one, which has to be answered all the same: each attack against a
# server of its own. Loopback only, 18 cases, about 90 s.
. "$(dirname "$0")/lib.sh"
need python3 python3
PROGRAM=$(built) || give_up 'no methodical was built'
timeout 400 python3 -B "$HERE/attacks/run.py" "$PROGRAM" "$SCRATCH" ATTACKS clients
