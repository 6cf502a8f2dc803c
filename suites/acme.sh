#!/bin/bash
# Pebble (Debian), the test server of Let's Encrypt's authors, as authority for --acme. 20 cases.
. "$(dirname "$0")/lib.sh"
PROGRAM=$(built) || give_up 'no methodical was built'
need pebble pebble
need openssl openssl
need curl curl
need python3 python3
# Our server may become another user, who has to find its folders.
chmod 755 "$SCRATCH"
cd "$SCRATCH" || give_up 'no scratch folder'

read -r TLS HTTP ADMIN CA_PORT MANAGEMENT DNS DNS_MANAGEMENT < <(python3 -c '
import socket
ports = [socket.socket() for _ in range(7)]
for port in ports: port.bind(("127.0.0.1", 0))
print(*(port.getsockname()[1] for port in ports))')
DIRECTORY=https://localhost:$CA_PORT/dir

# What ends with the suite.
SERVER= CA= NAMES=
stop_all() {
  local each
  for each in $SERVER $CA $NAMES; do kill "$each" 2> /dev/null; done
  wait
  clean_up
}
trap stop_all EXIT

# await SECONDS COMMAND...: until it succeeds.
await() {
  local until=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ $SECONDS -lt $until ] || { tail -n1 log; return 1; }
    sleep 0.2
  done
}

# start STATE FLAG...: our server, with its log in `log`.
start() {
  local state=$1
  shift
  mkdir -p folder
  "$PROGRAM" serve --bind "127.0.0.1:$TLS" --acme-dir "$SCRATCH/$state/acme" --acme-ca ca.pem \
    --log-format off "$@" folder > log 2>&1 &
  SERVER=$!
  await 20 grep -q serving log
}

stop() {
  [ -z "${SUITE_DEBUG:-}" ] || cat log
  kill "$SERVER"
  wait "$SERVER"
  local status=$?
  SERVER=
  return $status
}

# start_authority SECONDS: Pebble, whose certificates are good for so long.
start_authority() {
  cat > pebble.json << EOF
{"pebble": {"listenAddress": "127.0.0.1:$CA_PORT",
 "managementListenAddress": "127.0.0.1:$MANAGEMENT", "certificate": "authority.pem",
 "privateKey": "authority.key", "httpPort": $HTTP, "tlsPort": $TLS,
 "certificateValidityPeriod": $1}}
EOF
  PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=2 pebble -config pebble.json \
    -dnsserver "127.0.0.1:$DNS" > pebble.log 2>&1 &
  CA=$!
  await 20 curl -sf --cacert ca.pem "https://localhost:$MANAGEMENT/roots/0" -o root.pem
  curl -sf --cacert ca.pem "https://localhost:$MANAGEMENT/roots/0" -o root.pem
}

certificate() {
  openssl s_client -connect "127.0.0.1:$TLS" -servername "$1" < /dev/null 2> /dev/null |
    openssl x509 -noout "${@:2}" 2> /dev/null
}

trusted() {
  curl -sf -m 10 --cacert root.pem --resolve "$1:$TLS:127.0.0.1" "https://$1:$TLS/" -o /dev/null
}

says() {
  grep -q -- "$1" log
}

# times PATTERN: how often the log says so.
times() {
  grep -c -- "$1" log
}

tells_end() {
  curl -s "http://127.0.0.1:$ADMIN/.methodical/metrics" |
    grep '^methodical_certificate_end_seconds 1'
}

# speaks PROTOCOL: whether it is agreed on.
speaks() {
  openssl s_client -connect "127.0.0.1:$TLS" -servername c.example -alpn "$1" < /dev/null 2>&1 |
    grep "^ALPN protocol: $1"
}

redirected() {
  [ "$(curl -s -m 10 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$HTTP/$1")" = 308 ]
}

fails() {
  ! "$@"
}

{
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key \
    -out ca.pem -days 2 -subj '/CN=authority of the authority' -addext 'keyUsage=keyCertSign'
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout authority.key \
    -out authority.csr -subj /CN=localhost
  echo 'subjectAltName=DNS:localhost' > extensions
  openssl x509 -req -in authority.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
    -extfile extensions -out authority.pem
} > openssl.log 2>&1 || give_up "openssl failed: $(tail -n1 openssl.log)"
pebble-challtestsrv -defaultIPv4 127.0.0.1 -defaultIPv6 '' -dns01 "127.0.0.1:$DNS" -http01 '' \
  -https01 '' -tlsalpn01 '' -management "127.0.0.1:$DNS_MANAGEMENT" > names.log 2>&1 &
NAMES=$!

# Before the authority is up.
BOTH=(--acme a.example --acme b.example --acme-contact ann@example.com
  --acme-directory "$DIRECTORY" --redirect-http "127.0.0.1:$HTTP" --admin "127.0.0.1:$ADMIN")
start one "${BOTH[@]}"
check 'it says why there is no certificate' \
  await 10 says "no new certificate: $DIRECTORY: .*refused.*next try"
check 'without a certificate no handshake is made' fails curl -sk -m 10 "https://127.0.0.1:$TLS/"
check 'plain HTTP is led on meanwhile' redirected a
check 'the authority comes up' start_authority 7776000
check 'http-01 brings a certificate' \
  await 60 says 'obtained a certificate for a.example, b.example'
check 'by http-01' says 'by http-01'
check 'the first name is trusted' trusted a.example
check 'the second name is trusted' trusted b.example
check 'the metrics tell its end' tells_end
check 'its key is for our user alone' eval \
  '[ "$(find one/acme -type f | wc -l)" = 3 ] && [ -z "$(find one/acme -type f -perm /077)" ]'
check 'challenges are shown no longer' redirected .well-known/acme-challenge/x
check 'it ends well' stop

# The same again.
certificate a.example -serial > before 2> /dev/null
start one "${BOTH[@]}"
check 'what is kept is not ordered again' eval \
  'await 10 trusted a.example && says "a.example, b.example ends on" && fails says ordering'
stop

# By a handshake; as another user where we may become one.
BECOME=()
[ "$(id -u)" != 0 ] || BECOME=(--user nobody)
start two --acme c.example --acme-directory "$DIRECTORY" "${BECOME[@]}"
check 'tls-alpn-01 brings a certificate' eval \
  'await 60 says "obtained a certificate for c" && says "by tls-alpn-01" && trusted c.example'
check 'nobody else is answered in that protocol' fails speaks acme-tls/1
stop

# An authority that began anew, whose certificates are good for half a minute.
kill "$CA" && wait "$CA"
start_authority 30
mkdir -p three && cp -a two/acme three/ && find three -name '*.pem' -delete
start three --acme d.example --acme-directory "$DIRECTORY" "${BECOME[@]}"
check 'an account that is not known any more is made anew' await 60 says 'obtained a certificate'
certificate d.example -serial > before
check 'a certificate is renewed before it ends' eval \
  'await 60 eval "[ \$(times obtained) -ge 2 ]"'
certificate d.example -serial > after
check 'and the new one is shown' eval 'fails cmp -s before after && trusted d.example'
stop

# A name that leads elsewhere.
curl -s -d '{"host":"e.example.","addresses":["127.0.0.2"]}' \
  "http://127.0.0.1:$DNS_MANAGEMENT/add-a"
start four --acme e.example --acme-directory "$DIRECTORY"
await 60 says 'next try'
check 'what the authority says is told, and nothing tried at once' eval \
  'says "e.example: .*Failed to connect to 127.0.0.2" && sleep 3 && [ "$(times ordering)" = 1 ]'
stop

# A directory that is none.
start five --acme f.example --acme-directory "https://localhost:$CA_PORT/none"
check 'a wrong directory is told, and tried again less and less often' eval \
  'await 30 eval "[ \$(times "answered 404") -ge 2 ]" && [ "$(times ordering)" -le 3 ]'
stop
finish ACME
