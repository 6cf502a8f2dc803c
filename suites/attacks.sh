#!/bin/bash
# Hostile clients beside an honest one, which has to be answered all the same: each attack against a
# server of its own. Loopback only, 12 cases, about 50 s.
. "$(dirname "$0")/lib.sh"
need python3 python3
PROGRAM=$(built) || give_up 'no methodical was built'
timeout 280 python3 -B "$HERE/attacks.py" "$PROGRAM" "$SCRATCH" ATTACKS clients
