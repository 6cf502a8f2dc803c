#!/bin/bash
# What docs/peers.md says of a server, repeated without `methodical check`: by curl and raw bytes.
#
#   suites/peers_by_hand.sh NAME URL
#
# NAME is one of those of peers.sh.
#
# A line an id: what was sent, and what came back. Ends with 1 if something else came back than was
# published. Everything happens in a folder of its own, which is removed again.
set -u
[ $# -eq 2 ] || { echo "usage: $0 NAME URL" >&2; exit 2; }
HERE=$(cd "$(dirname "$0")" && pwd)
SERVER=$1
ROOT=${2%/}
ADDRESS=${ROOT#*://}
BASE=/by-hand-$$-$RANDOM
WORK=$(mktemp -d "${TMPDIR:-/tmp}/by-hand.XXXXXX")
OTHERWISE=0
LONG_AGO='Sat, 01 Jan 2000 00:00:00 GMT'
NUMBER=0

clean_up() {
  curl -s -m 10 -o "$WORK/out" -X DELETE "$ROOT$BASE/"
  rm -rf --one-file-system "$WORK"
}
trap clean_up EXIT

# shown IDS SENT PUBLISHED CAME: what came must be like what is published (a pattern).
shown() {
  local mark=
  # shellcheck disable=SC2053 # it is a pattern
  [[ $4 == $3 ]] || { mark=" (PUBLISHED: $3)"; OTHERWISE=1; }
  printf '%-15s %s: %s%s\n' "$1" "$2" "$4" "$mark"
}

status() { curl -s -m 10 -o "$WORK/out" -w '%{http_code}' "$@"; }
content() { curl -s -m 10 "$1"; }
field() { # field NAME CURL-ARGUMENT...
  local name=$1
  shift
  curl -s -m 10 -o "$WORK/out" -D - "$@" | tr -d '\r' | sed -n "s/^$name: //Ip" | tail -n1
}
# A file of its own with this content: sets F.
file() {
  NUMBER=$((NUMBER + 1))
  F=$ROOT$BASE/f$NUMBER${2:-.txt}
  printf %s "$1" | status -T- "$F" > "$WORK/made"
}
folder() {
  NUMBER=$((NUMBER + 1))
  D=$ROOT$BASE/d$NUMBER
  status -X MKCOL "$D/" > "$WORK/made"
}
# lock URL DEPTH: the token.
lock() {
  field Lock-Token -X LOCK -H "Depth: $2" -H 'Content-Type: application/xml' -d '
    <D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>
    <D:locktype><D:write/></D:locktype></D:lockinfo>' "$1"
}
# Bytes from standard input on a connection of its own; all that comes back within two seconds.
raw() {
  exec 3<> "/dev/tcp/${ADDRESS%:*}/${ADDRESS##*:}"
  cat >&3
  timeout 2 cat <&3 | tr -d '\r'
  exec 3>&-
}
# Content need not end with a line: the next status line may stand behind it.
statuses() { grep -aoE 'HTTP/1\.[01] [0-9]{3}' | cut -d' ' -f2 | tr '\n' ' ' | sed 's/ $//'; }
# race TRIES METHOD FIELD: rounds in which more than one of 8 at once succeeds.
race() {
  local lost=0
  for _ in $(seq "$1"); do
    rm -f "$WORK"/racer.*
    NUMBER=$((NUMBER + 1))
    F=$ROOT$BASE/f$NUMBER.txt
    [ -z "${3:-}" ] || file before
    local line=${3:+"If-Match: $(field ETag "$F")"}
    for racer in 1 2 3 4 5 6 7 8; do
      curl -s -m 10 -o "$WORK/out.$racer" -w '%{http_code}\n' -T- -H "${line:-If-None-Match: *}" \
        "$F" <<< "writer $racer" > "$WORK/racer.$racer" &
    done
    wait
    [ "$(cat "$WORK"/racer.* | grep -c '^2')" -le 1 ] || lost=$((lost + 1))
    [ $lost -lt "$2" ] || break
  done
  echo "$lost"
}
get_with() { status -H "$1" ${2:+-H "$2"} "$F"; }
put_with() { printf after | status -T- -H "$1" "$F"; }

for_all() {
  local chunks='200 200; 200 200'
  # lighttpd refuses what is no extension.
  [ "$SERVER" = lighttpd ] || expect FRM-18 "$chunks"
  expect GEN-38 200
  expect GET-19 '404; 4??; ; 0'
  file '<html>'
  printf 'x' | status -T- -H 'Content-Type: image/png' "$ROOT$BASE/png.html" > "$WORK/made"
  shown PUT-07 'PUT png.html as image/png, its type then' 'text/html*' \
    "$(field Content-Type "$ROOT$BASE/png.html")"
  printf 'x' | gzip > "$WORK/x.gz"
  status -T "$WORK/x.gz" -H 'Content-Encoding: gzip' "$ROOT$BASE/x.txt" > "$WORK/made"
  content "$ROOT$BASE/x.txt" > "$WORK/back"
  shown PUT-20 'PUT with Content-Encoding: gzip, its coding then, and the bytes' ', still gzip' \
    "$(field Content-Encoding "$ROOT$BASE/x.txt"), $(
      cmp -s "$WORK/x.gz" "$WORK/back" && echo still gzip)"
  file old
  shown PUT-18 'PUT with the Content-Digest of other content' '20[14]' \
    "$(put_with 'Content-Digest: sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:')"
  [ "$SERVER" = rclone-webdav ] || shown SEC-04 Server '*/[0-9]*' "$(field Server "$ROOT/")"
}

# GET-12 and RNG-02, COND-15: nginx and apache.
head_and_dates() {
  file 0123456789
  shown GET-12 'HEAD with Range: bytes=0-0' 206 "$(status -I -H 'Range: bytes=0-0' "$F")"
  local date
  date=$(field Last-Modified "$F")
  shown COND-15 'GET with If-Modified-Since: garbage; the right date twice in one line' '200; 304' \
    "$(get_with 'If-Modified-Since: garbage'); $(get_with "If-Modified-Since: $date, $date")"
}

no_allow() {
  local method=$1
  shown GEN-04 "$method of a file; Allow" '405; ' \
    "$(status -X "$method" "$F"); $(field Allow -X "$method" "$F")"
}

nginx() {
  head_and_dates
  local tag
  for _ in 1 2 3; do
    file 'old text'
    tag=$(field ETag "$F")
    printf 'new text' | status -T- "$F" > "$WORK/made"
    [ "$(get_with "If-None-Match: $tag")" != 304 ] || break
  done
  shown 'GEN-32 MEA-14' 'PUT "old text", PUT "new text"; ETag the same; GET with the old; content' \
    'yes; 304; new text' \
    "$([ "$tag" = "$(field ETag "$F")" ] && echo yes); $(get_with "If-None-Match: $tag"); $(
      content "$F")"
  shown COND-03 'OPTIONS with If-Match: "x"' 412 "$(status -X OPTIONS -H 'If-Match: "x"' "$ROOT/")"
  shown OPT-07 'OPTIONS with If-None-Match: *' 304 \
    "$(status -X OPTIONS -H 'If-None-Match: *' "$ROOT/")"
  tag=$(field ETag "$F")
  shown COND-05 'GET with If-Match: (current); the same with If-Unmodified-Since: 2000' '200; 412' \
    "$(get_with "If-Match: $tag"); $(get_with "If-Match: $tag" "If-Unmodified-Since: $LONG_AGO")"
  shown COND-13 'GET with If-Match: "no", (current); the same in two lines' '200; 400' \
    "$(get_with "If-Match: \"no\", $tag"); $(get_with 'If-Match: "no"' "If-Match: $tag")"
  shown COND-19 'GET with If-Unmodified-Since: garbage' 412 \
    "$(get_with 'If-Unmodified-Since: garbage')"
  shown RNG-12 'GET with Range: bytes=0-99999; with 23 digits' '206; 416' \
    "$(get_with 'Range: bytes=0-99999'); $(get_with 'Range: bytes=0-99999999999999999999999')"
  nginx_writing
  nginx_dav
  shown GEN-02 'BREW' 405 "$(status -X BREW "$ROOT/")"
  shown OPT-03 'OPTIONS *' 400 \
    "$(printf '%s\r\n' 'OPTIONS * HTTP/1.1' 'Host: x' 'Connection: close' '' | raw | statuses)"
  no_allow PATCH
  shown QRY-23 'QUERY of a file; Allow' '405; ' \
    "$(status -X QUERY "$F"); $(field Allow -X QUERY "$F")"
}

nginx_writing() {
  local line
  for line in "COND-06|If-None-Match: (current)" "COND-20|If-Unmodified-Since: $LONG_AGO" \
    'COND-29|If: (<urn:x:no>)' 'PUT-09|If-Match: "no"' 'PUT-10|If-None-Match: *' \
    'PUT-12|If-Match: W/(current)'; do
    file before
    shown "${line%%|*}" "PUT with ${line#*|}; content then" '204; after' \
      "$(put_with "$(sed "s!(current)!$(field ETag "$F")!" <<< "${line#*|}")"); $(content "$F")"
  done
  F=$ROOT$BASE/not-there.txt
  shown PUT-11 'PUT of a new name with If-Match: *' 201 "$(put_with 'If-Match: *')"
  file before
  shown DEL-04 'DELETE with If-Match: "no"; GET then' '204; 404' \
    "$(status -X DELETE -H 'If-Match: "no"' "$F"); $(status "$F")"
  F=$ROOT$BASE/no/such.txt
  shown PUT-14 'PUT into a folder that is not there' 500 "$(put_with 'X: y')"
  file 0123456789
  shown PUT-05 'PUT with Content-Range: bytes 0-3/10' 501 \
    "$(put_with 'Content-Range: bytes 0-3/10')"
  file first
  local stale
  stale=$(field ETag "$F")
  printf 'the second' | status -T- "$F" > "$WORK/made"
  shown MEA-10 'PUT, PUT of other content, PUT with the first ETag; content' '204; after' \
    "$(put_with "If-Match: $stale"); $(content "$F")"
  shown MEA-11 '8 PUT at once with one ETag; rounds in which several succeed' 1 \
    "$(race 20 1 yes)"
  shown MEA-12 '8 PUT at once with If-None-Match: *; the same' 1 "$(race 20 1)"
}

nginx_dav() {
  file x
  shown OPT-09 'OPTIONS; DAV' 2 "$(field DAV -X OPTIONS "$F")"
  folder
  status -T- "$D/m.txt" <<< x > "$WORK/made"
  lock "$D/m.txt" 0 > "$WORK/token"
  shown DEL-07 'a member is locked: PUT to it, DELETE of its folder, GET' '423; 204; 404' \
    "$(status -T- "$D/m.txt" <<< y); $(status -X DELETE "$D/"); $(status "$D/m.txt")"
  shown DAV-03 'PROPFIND of x:no; how often x:no or 404 is in the 207' 0 \
    "$(curl -s -X PROPFIND -H 'Depth: 0' -H 'Content-Type: application/xml' -d '
      <D:propfind xmlns:D="DAV:"><D:prop><x:no xmlns:x="urn:x"/></D:prop></D:propfind>' \
      "$ROOT$BASE/" | grep -c ':no\| 404')"
  file content
  shown DAV-11 'COPY to a new name; its content' '204; content' \
    "$(status -X COPY -H "Destination: $ROOT$BASE/copy" "$F"); $(content "$ROOT$BASE/copy")"
  shown DAV-17 'MOVE to a new name' 204 \
    "$(status -X MOVE -H "Destination: $ROOT$BASE/moved" "$ROOT$BASE/copy")"
  shown DAV-14 'COPY into a folder that is not there' 500 \
    "$(status -X COPY -H "Destination: $ROOT$BASE/no/such" "$F")"
  local before
  before=$(content "$F" | wc -c)
  shown DAV-16 'COPY onto itself; bytes before and after' '500; 7; 0' \
    "$(status -X COPY -H "Destination: $F" "$F"); $before; $(content "$F" | wc -c)"
  folder
  status -T- "$D/one.txt" <<< one > "$WORK/made"
  shown DAV-15 'COPY of a folder with Depth: 0; GET of a member in the copy' '201; 200' \
    "$(status -X COPY -H 'Depth: 0' -H "Destination: $D-2/" "$D/"); $(status "$D-2/one.txt")"
  file x
  local token
  token=$(lock "$F" 0)
  shown DAV-26 'UNLOCK without Lock-Token; PUT then' '204; 423' \
    "$(status -X UNLOCK "$F"); $(put_with 'X: y')"
  status -X UNLOCK -H "Lock-Token: $token" "$F" > "$WORK/made"
}

apache() {
  head_and_dates
  # The tag is weak for a moment after each change.
  file before
  local tag
  tag=$(field ETag "$F")
  shown RNG-23 'GET of a new file with its weak tag in If-None-Match; with Range too' '304; 206' \
    "$(get_with "If-None-Match: $tag"); $(get_with "If-None-Match: $tag" 'Range: bytes=0-0')"
  file before
  tag=$(field ETag "$F")
  shown COND-06 'PUT to a new file with its tag in If-None-Match; the tag' '204; W/*' \
    "$(put_with "If-None-Match: $tag"); $tag"
  shown FRM-03 'GET over HTTP/1.0 with Transfer-Encoding: chunked, and a GET behind it' '404 404' \
    "$(printf '%s\r\n' 'GET /no HTTP/1.0' 'Host: x' 'Connection: keep-alive' \
      'Transfer-Encoding: chunked' '' 0 '' 'GET /second HTTP/1.1' 'Host: x' '' | raw | statuses)"
  shown GEN-19 'GET with Transfer-Encoding: nope, chunked' 200 "$(printf '%s\r\n' 'GET / HTTP/1.1' \
    'Host: x' 'Connection: close' 'Transfer-Encoding: nope, chunked' '' 0 '' | raw | statuses)"
  shown RNG-10 'GET with Range: bytes=99999-; Content-Range' '416; ' \
    "$(get_with 'Range: bytes=99999-'); $(field Content-Range -H 'Range: bytes=99999-' "$F")"
  shown MEA-12 '8 PUT at once with If-None-Match: *; rounds in which several succeed' 1 \
    "$(race 80 1)"
  shown TRC-03 'TRACE with Cookie, Authorization, Proxy-Authorization; how many come back' 3 \
    "$(curl -s -X TRACE -H 'Cookie: a=secret' -H 'Authorization: Basic c2VjcmV0' \
      -H 'Proxy-Authorization: Basic c2VjcmV0' "$ROOT/" | grep -c secret'\|c2VjcmV0')"
  shown CON-16 'CONNECT with a GET behind it' '405 200' "$(printf '%s\r\n' \
    'CONNECT localhost:1 HTTP/1.1' 'Host: localhost:1' '' 'GET / HTTP/1.1' 'Host: x' '' |
    raw | statuses)"
  apache_dav
}

apache_dav() {
  file x
  shown DAV-20 'COPY to http://other.invalid/(folder)/there; GET /(folder)/there here' '201; 200' \
    "$(status -X COPY -H "Destination: http://other.invalid$BASE/there" "$F"); $(
      status "$ROOT$BASE/there")"
  local token
  F=$ROOT$BASE/free.txt
  token=$(lock "$F" 0)
  shown DAV-23 'LOCK of a free name gives a token; GET then' '<*; 404' "$token; $(status "$F")"
  status -X UNLOCK -H "Lock-Token: $token" "$F" > "$WORK/made"
  file x
  token=$(lock "$F" 0)
  shown DAV-35 'DELETE of a locked file with If: (<token>); with If: <URL> (<token>)' '424; 204' \
    "$(status -X DELETE -H "If: ($token)" "$F"); $(status -X DELETE -H "If: <$F> ($token)" "$F")"
  folder
  status -T- "$D/m.txt" <<< x > "$WORK/made"
  token=$(lock "$D/" 0)
  shown DEL-10 'DELETE of a member of a folder locked with Depth: 0; GET then' '424; 200' \
    "$(status -X DELETE "$D/m.txt"); $(status "$D/m.txt")"
  status -X UNLOCK -H "Lock-Token: $token" "$D/" > "$WORK/made"
  folder
  token=$(lock "$D/" infinity)
  shown DAV-31 'PUT of a new member of a folder locked with Depth: infinity; GET' '207; 404' \
    "$(status -T- "$D/new.txt" <<< x); $(status "$D/new.txt")"
  status -X UNLOCK -H "Lock-Token: $token" "$D/" > "$WORK/made"
}

lighttpd() {
  file 0123456789
  local tag
  tag=$(field ETag "$F")
  shown GEN-11 'GET http://(server)/file with Host: other.invalid; with the right Host' '400; 200' \
    "$(printf '%s\r\n' "GET $F HTTP/1.1" 'Host: other.invalid' 'Connection: close' '' | raw |
      statuses); $(printf '%s\r\n' "GET $F HTTP/1.1" "Host: $ADDRESS" 'Connection: close' '' |
      raw | statuses)"
  shown GEN-13 'GET of a path of 9,000 bytes; of 100,000' '431; 431' \
    "$(status "$ROOT/$(printf %9000s | tr ' ' a)"); $(status "$ROOT/$(printf %100000s | tr ' ' a)")"
  shown COND-04 'GET with If-Match: "no" and If-None-Match: (current)' 304 \
    "$(get_with 'If-Match: "no"' "If-None-Match: $tag")"
  shown COND-22 'GET with If-None-Match: (current); Content-Type' '304; text/plain' \
    "$(get_with "If-None-Match: $tag"); $(field Content-Type -H "If-None-Match: $tag" "$F")"
  shown RNG-10 'GET with Range: bytes=99999-; Content-Range' '416; ' \
    "$(get_with 'Range: bytes=99999-'); $(field Content-Range -H 'Range: bytes=99999-' "$F")"
  shown RNG-12 'GET with Range: bytes=0-99999; with 23 digits' '206; 416' \
    "$(get_with 'Range: bytes=0-99999'); $(get_with 'Range: bytes=0-99999999999999999999999')"
  shown PUT-17 'PUT with Expect: 100-continue and If-None-Match: * to what is there' 100 \
    "$(printf '%s\r\n' "PUT ${F#"$ROOT"} HTTP/1.1" 'Host: x' 'Content-Length: 5' \
      'Expect: 100-continue' 'If-None-Match: *' '' | raw | statuses)"
  shown 'MEA-09 QRY-23' 'QUERY of a file; content' '200; 0123456789' \
    "$(status -X QUERY "$F"); $(curl -s -X QUERY "$F")"
  shown MEA-08 'MKCOL in the Allow of a file; MKCOL of it' '1; 405' \
    "$(field Allow -X OPTIONS "$F" | grep -c MKCOL); $(status -X MKCOL "$F")"
  no_allow MKCOL
  lighttpd_wire
  lighttpd_dav
}

lighttpd_wire() {
  shown GEN-12 'GET /a b HTTP/1.1' 404 \
    "$(printf '%s\r\n' 'GET /a b HTTP/1.1' 'Host: x' 'Connection: close' '' | raw | statuses)"
  shown FRM-12 'an empty line, and then GET /' 400 \
    "$(printf '%s\r\n' '' 'GET / HTTP/1.1' 'Host: x' 'Connection: close' '' | raw | statuses)"
  shown 'OPT-08 OPT-16' 'OPTIONS of a free name: its length; curl after 2 s (28: no end)' \
    'chunked; 28' "$(field Transfer-Encoding -m 1 -X OPTIONS "$ROOT$BASE/free"); $(
      curl -s -m 2 -o "$WORK/out" -X OPTIONS "$ROOT$BASE/free"; echo $?)"
  shown CON-15 'CONNECT over HTTP/2 with :protocol bogus' 405 "$(extended_connect)"
  shown GEN-33 'PUT and GET at once until Last-Modified is later than Date; seen' 1 "$(later)"
}

# HTTP/2 by hand: the preface, SETTINGS, HEADERS; the status is literal or Huffman-coded.
extended_connect() {
  python3 - "${ADDRESS%:*}" "${ADDRESS##*:}" << 'PYTHON'
import socket, sys
def frame(kind, flags, stream, content):
    head = len(content).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
    return head + content
def line(name, value):
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value
fields = [(b":method", b"CONNECT"), (b":protocol", b"bogus"), (b":scheme", b"http"),
          (b":path", b"/"), (b":authority", b"localhost:80")]
peer = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2)
peer.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"")
             + frame(1, 4, 1, b"".join(line(*field) for field in fields)))
data = b""
while True:
    while len(data) < 9 or len(data) < 9 + int.from_bytes(data[:3], "big"):
        data += peer.recv(4096) or sys.exit("closed")
    length, kind = int.from_bytes(data[:3], "big"), data[3]
    if kind == 1:
        # RFC 7541 appendix B: the code of "405" is 011010 00000 011011.
        block = data[9:9 + length]
        print("405" if block[:5] in (b"\x48\x83\x68\x0d\xff", b"\x48\x03405") else block.hex())
        break
    data = data[9 + length:]
PYTHON
}

later() {
  local round seen
  for round in $(seq 2000); do
    seen=$(printf '%s\r\n' "PUT $BASE/t$round HTTP/1.1" 'Host: x' 'Content-Length: 0' '' \
      "GET $BASE/t$round HTTP/1.1" 'Host: x' 'Connection: close' '' | raw |
      awk '/^HTTP/ {n++} n == 2 && sub(/^(Date|Last-Modified): /, "") {print}')
    # lighttpd sends Last-Modified first; the two differ by a second at most.
    [ "$(head -n1 <<< "$seen")" = "$(tail -n1 <<< "$seen")" ] || { echo 1; return; }
  done
  echo 0
}

lighttpd_dav() {
  local token
  file x
  shown COND-29 'PUT with If: (Not <DAV:no-lock>); with If: (["no"]) (Not <DAV:no-lock>)' \
    '204; 412' "$(put_with 'If: (Not <DAV:no-lock>)'); $(
      put_with 'If: (["no"]) (Not <DAV:no-lock>)')"
  folder
  status -T- "$D/m.txt" <<< x > "$WORK/made"
  lock "$D/m.txt" 0 > "$WORK/token"
  shown DEL-07 'a member is locked: PUT to it, DELETE of its folder, GET' '423; 204; 404' \
    "$(status -T- "$D/m.txt" <<< y); $(status -X DELETE "$D/"); $(status "$D/m.txt")"
  folder
  status -T- "$D/m.txt" <<< x > "$WORK/made"
  token=$(lock "$D/" 0)
  shown DEL-10 'DELETE of a member of a folder locked with Depth: 0' 204 \
    "$(status -X DELETE "$D/m.txt")"
  status -X UNLOCK -H "Lock-Token: $token" "$D/" > "$WORK/made"
  file x
  curl -s -X PROPPATCH -H 'Content-Type: application/xml' -d '<D:propertyupdate xmlns:D="DAV:">
    <D:set><D:prop><k:note xmlns:k="urn:k">v</k:note></D:prop></D:set>
    <D:set><D:prop><D:getetag>"x"</D:getetag></D:prop></D:set></D:propertyupdate>' "$F" \
    > "$WORK/207"
  shown DAV-36 'PROPPATCH of DAV:getetag; its name in the 207; declared' '<DAV:getetag/>; 0' \
    "$(grep -o '<[^<]*getetag/>' "$WORK/207"); $(grep -c 'xmlns:DAV=' "$WORK/207")"
  shown DAV-07 'PROPPATCH of a free property and DAV:getetag; the free one, 424 in the 207' '0; 0' \
    "$(grep -c note "$WORK/207"); $(grep -c ' 424' "$WORK/207")"
  # It forgets once a second what it remembers; a copy that comes just then is seen at once.
  local to seen
  for _ in 1 2 3 4 5 6 7 8; do
    file other
    to=$F
    content "$to" > "$WORK/out"
    file content
    seen="$(status -X COPY -H "Destination: $to" "$F"); $(content "$to"); $(
      sleep 2; content "$to")"
    [ "$seen" = '204; content; content' ] || break
  done
  shown DAV-13 'COPY over what was just read, until GET at once is otherwise; after two seconds' \
    '204; other; content' "$seen"
}

# shellcheck source=suites/peers_wire.sh
. "$HERE/peers_wire.sh"
# shellcheck source=suites/peers_readers.sh
. "$HERE/peers_readers.sh"
F=$ROOT/file.txt
case $SERVER in
  nginx | apache | lighttpd | rclone-webdav)
    status -X MKCOL "$ROOT$BASE/" > "$WORK/made"
    [ "$(cat "$WORK/made")" = 201 ] || { echo "CANNOT RUN: no folder at $ROOT"; exit 3; }
    # Nobody refuses another scheme, and nobody says how long an error may be kept.
    for_all
    ;;
esac
"$SERVER"
exit $OTHERWISE
