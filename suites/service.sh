#!/bin/bash
# systemd (Debian): its own tools on the units in dist/, and the container's health check. 5 cases.
. "$(dirname "$0")/lib.sh"
DIST=$HERE/../dist
PROGRAM=$(built) || give_up 'no methodical was built'
need systemd-analyze systemd
cd "$SCRATCH" || give_up 'no scratch folder'
# The verifier looks whether the command is there.
sed "s#/usr/bin/methodical#$PROGRAM#" "$DIST/methodical.service" > methodical.service
cp "$DIST/methodical.socket" .

understood() {
  systemd-analyze verify "$1" > said 2>&1 && ! grep . said
}

# From 0 (nothing is exposed) to 10.
exposure() {
  systemd-analyze security --offline=true methodical.service > said 2>&1
  local level
  level=$(sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p' said)
  echo "exposure $level"
  awk -v level="$level" 'BEGIN { exit !(level != "" && level <= 2.0) }'
}

fails() {
  ! "$@"
}

check 'the service is understood' understood methodical.service
check 'the socket is understood' understood methodical.socket
check 'the service is hardened' exposure
check 'health of a server that serves' "$PROGRAM" health "$BASE"
check 'health of what is no server' fails "$PROGRAM" health http://127.0.0.1:1/
finish SERVICE
