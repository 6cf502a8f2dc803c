#!/bin/bash
# HTTP/2 as curl, nghttp and h2load speak it: prior knowledge, Upgrade: h2c, methods, load.
# 22 cases (21 over https://, where there is no upgrade), about 10 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need nghttp nghttp2-client

make_work
HOME_URL=$BASE$WORK
head -c 500000 /dev/urandom > "$SCRATCH/big"
put "$SCRATCH/big" "$WORK/b"
"${CURL[@]}" -o /dev/null -X PUT -d hi "$HOME_URL/a"

SCHEME=${BASE%%:*}
CURL2=("${CURL[@]}" -k --http2-prior-knowledge)
[ "$SCHEME" != https ] || CURL2=("${CURL[@]}" -k --http2)
AUTHORIZATION=()
[ -z "$LOGIN" ] ||
  AUTHORIZATION=(-H "Authorization: Basic $(printf %s "$LOGIN:$PASSWORD" | base64)")

# status WANTED CURL-ARGUMENT...: over HTTP/2, and with this status.
status() {
  local wanted=$1 got
  shift
  got=$("${CURL2[@]}" -o /dev/null -w '%{http_version} %{http_code}' "$@")
  echo "got $got"
  [ "$got" = "2 $wanted" ]
}

same_bytes() {
  "${CURL2[@]}" "$1" | cmp - "$SCRATCH/big"
}

upgrade_to_h2c() {
  nghttp -nuv -t 5 "${AUTHORIZATION[@]}" "$HOME_URL/a" 2>&1 | grep -q ':status: 200'
}

three_streams_on_one_connection() {
  local answers
  answers=$(nghttp -n -s -t 8 "${AUTHORIZATION[@]}" "$HOME_URL/a" "$HOME_URL/b" "$HOME_URL/p" 2>&1 |
    grep -c ' 200 ')
  [ "$answers" -ge 3 ]
}

two_thousand_requests() {
  timeout 20 h2load -n 2000 -c 8 -m 10 "${AUTHORIZATION[@]}" "$HOME_URL/a" |
    grep -q '2000 succeeded, 0 failed'
}

# 60,000 bytes in one field: any answer is fine, a dropped connection is not.
answers_a_big_header() {
  local field
  field=$(head -c 60000 /dev/zero | tr '\0' y)
  "${CURL2[@]}" -o /dev/null -w '%{http_code}' -H "X-B: $field" "$HOME_URL/a" |
    grep -qE '431|400|200'
}

# early STATUS FILE CURL-ARGUMENT...: fifty uploads that are refused before all of the content came;
# curl 7.88 takes a reset in that moment for a failure, and shows no status.
early() {
  local wanted=$1 file=$2 turn
  shift 2
  for turn in $(seq 50); do
    status "$wanted" -T "$file" "$@" || return
  done
}

head -c 2000000 /dev/urandom > "$SCRATCH/two-megabytes"
printf 12345678 > "$SCRATCH/eight-octets"

check get status 200 "$HOME_URL/a"
check get-bytes same_bytes "$HOME_URL/b"
check put status 201 -T "$SCRATCH/big" "$HOME_URL/p"
check put-bytes same_bytes "$HOME_URL/p"
check range status 206 -r 1-5 "$HOME_URL/b"
check head status 200 -I "$HOME_URL/b"
check propfind status 207 -X PROPFIND -H 'Depth: 1' "$HOME_URL/"
check mkcol status 201 -X MKCOL "$HOME_URL/c/"
check copy status 201 -X COPY -H "Destination: $HOME_URL/a2" "$HOME_URL/a"
check delete status 204 -X DELETE "$HOME_URL/a2"
check 404 status 404 "$HOME_URL/none"
check precondition status 412 -X PUT -H 'If-None-Match: *' -d z "$HOME_URL/a"
for file in two-megabytes eight-octets; do
  check "early-409-$file" early 409 "$SCRATCH/$file" "$HOME_URL/no/such"
  check "early-412-$file" early 412 "$SCRATCH/$file" -H 'If-None-Match: *' "$HOME_URL/a"
  check "early-501-$file" early 501 "$SCRATCH/$file" "$HOME_URL/a" -X BASELINE-CONTROL
done
[ "$SCHEME" != http ] || check h2c-upgrade upgrade_to_h2c
check multiplexed three_streams_on_one_connection
check h2load two_thousand_requests
check big-header-refused-not-dropped answers_a_big_header
finish H2_CLIENTS
