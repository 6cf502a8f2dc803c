# Sourced by peers_by_hand.sh: what is sent for an id to any server, in the same way for all, and
# what came back. `came ID` sets SENT and CAME; `expect ID PATTERN` shows them.
#
# $F is the URL of a file of 36 bytes, $ROOT that of the server.

# A request line and lines behind it, with Host, on a connection of its own.
ask() { printf '%s\r\n' "$1" "Host: $ADDRESS" "${@:2}" 'Connection: close' '' | raw; }
# The same with content behind the head, and a second request behind that.
ask_twice() { # ask_twice LINE CONTENT FIELD...
  {
    printf '%s\r\n' "$1" "Host: $ADDRESS" "${@:3}" ''
    printf '%b' "$2"
    printf '%s\r\n' 'GET / HTTP/1.1' "Host: $ADDRESS" 'Connection: close' ''
  } | raw
}
# A chunk with this first line, and whether the request behind it is answered.
chunk() {
  ask_twice 'GET / HTTP/1.1' "$1\r\nhello\r\n0\r\n\r\n" 'Transfer-Encoding: chunked' | statuses
}
has_field() { grep -aiq "^$1:" && echo with || echo without; }
ranged() { status -H "Range: $1" "$F"; }
condition() { status -H "$1" ${2:+-H "$2"} ${3:+-H "$3"} "$F"; }

came() {
  local path=${F#"$ROOT"} tag date
  case $1 in
    GEN-02) SENT='BREW'; CAME=$(status -X BREW "$F") ;;
    GEN-04) SENT='the first of DELETE, PUT, MKCOL, PATCH, BREW that is 405; Allow'
      CAME=$(refused) ;;
    GEN-05) SENT='get'; CAME=$(ask "get $path HTTP/1.1" | statuses) ;;
    GEN-06) SENT='a request line that is none; Date'
      ask 'GET / HTTP/1.1' 'No colon' > "$WORK/raw"
      CAME="$(statuses < "$WORK/raw"); $(has_field Date < "$WORK/raw")" ;;
    GEN-08) SENT='GET with If-Modified-Since: (the date); the same as RFC 850 writes it'
      date=$(field Last-Modified "$F")
      CAME="$(condition "If-Modified-Since: $date"); $(
        condition "If-Modified-Since: $(date -u -d "$date" '+%A, %d-%b-%y %T GMT')")" ;;
    GEN-09) SENT='GET without Host'
      CAME=$(printf '%s\r\n' 'GET / HTTP/1.1' 'Connection: close' '' | raw | statuses) ;;
    GEN-10) SENT='GET with two Hosts; with Host: a b'
      CAME="$(ask 'GET / HTTP/1.1' 'Host: other.invalid' | statuses); $(printf '%s\r\n' \
        'GET / HTTP/1.1' 'Host: a b' 'Connection: close' '' | raw | statuses)" ;;
    GEN-11) SENT='GET http://(server)/file with Host: other.invalid; with the right Host'
      CAME="$(printf '%s\r\n' "GET $F HTTP/1.1" 'Host: other.invalid' 'Connection: close' '' | raw |
        statuses); $(ask "GET $F HTTP/1.1" | statuses)" ;;
    GEN-12) SENT='GET /a b HTTP/1.1'; CAME=$(ask 'GET /a b HTTP/1.1' | statuses) ;;
    GEN-13) SENT='GET of a path of 131,072 bytes'
      CAME=$(long_path | statuses) ;;
    GEN-14) SENT='GET with X-Check : 1'; CAME=$(ask 'GET / HTTP/1.1' 'X-Check : 1' | statuses) ;;
    GEN-16) SENT='GET with Transfer-Encoding and Content-Length, and a GET behind it'
      CAME=$(ask_twice 'GET / HTTP/1.1' '0\r\n\r\n' 'Content-Length: 5' \
        'Transfer-Encoding: chunked' | statuses) ;;
    GEN-17) SENT='GET with Transfer-Encoding: gzip'
      CAME=$(ask 'GET / HTTP/1.1' 'Transfer-Encoding: gzip' | statuses) ;;
    GEN-18) SENT='GET with Content-Length: 5 and Content-Length: 6'
      CAME=$(printf 123456 | cat <(printf '%s\r\n' 'GET / HTTP/1.1' "Host: $ADDRESS" \
        'Content-Length: 5' 'Content-Length: 6' 'Connection: close' '') - | raw | statuses) ;;
    GEN-19) SENT='GET with Transfer-Encoding: nope, chunked'
      CAME=$({ ask_head 'Transfer-Encoding: nope, chunked'; printf '0\r\n\r\n'; } | raw |
        statuses) ;;
    GEN-38) SENT='GET https://(server)/file over a plain connection'
      CAME=$(ask "GET https://$ADDRESS$path HTTP/1.1" | statuses) ;;
    GEN-39) SENT='GET with Range: bytes=99999-; Content-Length of the answer; curl (18: cut off)'
      CAME="$(field Content-Length -H 'Range: bytes=99999-' "$F"); $(
        curl -s -o "$WORK/out" -H 'Range: bytes=99999-' "$F"; echo $?)" ;;
    FRM-03) SENT='GET over HTTP/1.0 with Transfer-Encoding: chunked, and a GET behind it'
      CAME=$(printf '%s\r\n' 'GET /no HTTP/1.0' 'Host: x' 'Connection: keep-alive' \
        'Transfer-Encoding: chunked' '' 0 '' 'GET /second HTTP/1.1' 'Host: x' '' | raw |
        statuses) ;;
    FRM-04) SENT='GET with Content-Length: +5'
      CAME=$({ ask_head 'Content-Length: +5'; printf hello; } | raw | statuses) ;;
    FRM-05) SENT='GET with the chunk sizes g, -1, 0x5, fffffffffffffffff, and a GET behind each'
      CAME="$(chunk g); $(chunk -1); $(chunk 0x5); $(chunk fffffffffffffffff)" ;;
    FRM-07) SENT='GET with Transfer-Encoding: xchunked'
      CAME=$({ ask_head 'Transfer-Encoding: xchunked'; printf '0\r\n\r\n'; } | raw | statuses) ;;
    FRM-12) SENT='an empty line, and then GET /'
      CAME=$({ printf '\r\n'; ask_head X-Check:1; } | raw | statuses) ;;
    FRM-18) SENT='GET with a chunk of the size 5;a=, one of the size 5;=x, and a GET behind each'
      CAME="$(chunk '5;a='); $(chunk '5;=x')" ;;
    GET-12) SENT='HEAD with Range: bytes=0-0'; CAME=$(status -I -H 'Range: bytes=0-0' "$F") ;;
    GET-19) SENT='GET of what is not there; of a path of 131,072 bytes; Cache-Control of both'
      CAME="$(status "$ROOT/not-there"); $(long_path | statuses); $(
        field Cache-Control "$ROOT/not-there"); $(long_path | grep -aic '^cache-control:')" ;;
    COND-04) SENT='GET with If-Match: "no" and If-None-Match: (current); with If-Match alone'
      tag=$(field ETag "$F")
      CAME="$(condition 'If-Match: "no"' "If-None-Match: $tag"); $(condition 'If-Match: "no"')" ;;
    COND-05) SENT='GET with If-Match: (current); the same with If-Unmodified-Since: 2000'
      tag=$(field ETag "$F")
      CAME="$(condition "If-Match: $tag"); $(
        condition "If-Match: $tag" "If-Unmodified-Since: $LONG_AGO")" ;;
    COND-07) SENT='GET with If-None-Match: "no"; the same with If-Modified-Since: (the date)'
      CAME="$(condition 'If-None-Match: "no"'); $(
        condition 'If-None-Match: "no"' "If-Modified-Since: $(field Last-Modified "$F")")" ;;
    COND-08) SENT='GET with Range and If-Range: "no"'
      CAME=$(condition 'Range: bytes=0-0' 'If-Range: "no"') ;;
    COND-10) SENT='GET with If-None-Match: (current); with W/ before it'
      tag=$(field ETag "$F")
      CAME="$(condition "If-None-Match: $tag"); $(condition "If-None-Match: W/${tag#W/}")" ;;
    COND-12) SENT='GET with If-None-Match: *'; CAME=$(condition 'If-None-Match: *') ;;
    COND-13) SENT='GET with If-Match: "no", (current); the same in two lines'
      tag=$(field ETag "$F")
      CAME="$(condition "If-Match: \"no\", $tag"); $(
        condition 'If-Match: "no"' "If-Match: $tag")" ;;
    COND-14) SENT='GET with If-None-Match: (current); with "no,such", (current)'
      tag=$(field ETag "$F")
      CAME="$(condition "If-None-Match: $tag"); $(condition "If-None-Match: \"no,such\", $tag")" ;;
    COND-15) SENT='GET with If-Modified-Since: garbage; the right date twice in one line'
      tag=$(field Last-Modified "$F")
      CAME="$(condition 'If-Modified-Since: garbage'); $(
        condition "If-Modified-Since: $tag, $tag")" ;;
    COND-21) SENT='ETag of the 200; of the 304'
      tag=$(field ETag "$F")
      CAME="${tag:+there}; $(field ETag -H "If-None-Match: $tag" "$F" | sed 's/..*/there/')" ;;
    COND-22) SENT='GET with If-None-Match: (current); Content-Type'
      tag=$(field ETag "$F")
      CAME="$(condition "If-None-Match: $tag"); $(
        field Content-Type -H "If-None-Match: $tag" "$F")" ;;
    COND-26) SENT='GET with Range and If-Range: W/(current); with the date and a second'
      tag=$(field ETag "$F")
      date=$(date -u -d "$(field Last-Modified "$F") + 1 second" '+%a, %d %b %Y %T GMT')
      CAME="$(condition 'Range: bytes=0-0' "If-Range: W/${tag#W/}"); $(
        condition 'Range: bytes=0-0' "If-Range: $date")" ;;
    COND-27) SENT='GET with Range: bytes=99999- and If-Range: "no"'
      CAME=$(condition 'Range: bytes=99999-' 'If-Range: "no"') ;;
    COND-34) SENT='GET with If-None-Match: sync-1; "open; (current) without its quotes'
      tag=$(field ETag "$F" | sed 's/^W\///' | tr -d '"')
      CAME="$(condition 'If-None-Match: sync-1'); $(condition 'If-None-Match: "open'); $(
        condition "If-None-Match: $tag")" ;;
    RNG-01) SENT='GET with Range: bytes=0-3'; CAME=$(ranged bytes=0-3) ;;
    RNG-03) SENT='GET with Range: lines=0-1'; CAME=$(ranged lines=0-1) ;;
    RNG-07) SENT='GET with Range: bytes=-99999'; CAME=$(ranged bytes=-99999) ;;
    RNG-08) SENT='GET with Range: bytes=-0'; CAME=$(ranged bytes=-0) ;;
    RNG-09) SENT='GET with Range: bytes=36-'; CAME=$(ranged bytes=36-) ;;
    RNG-10) SENT='GET with Range: bytes=99999-; Content-Range'
      CAME="$(ranged bytes=99999-); $(field Content-Range -H 'Range: bytes=99999-' "$F")" ;;
    RNG-11) SENT='GET with Range: bytes=5-2; bytes=a-b; bytes=--1; bytes='
      CAME="$(ranged bytes=5-2); $(ranged bytes=a-b); $(ranged bytes=--1); $(ranged bytes=)" ;;
    RNG-12) SENT='GET with Range: bytes=0-99999; with 23 digits'
      CAME="$(ranged bytes=0-99999); $(ranged bytes=0-99999999999999999999999)" ;;
    RNG-19) SENT='GET with Range: bytes=0-5,3-8; its content'
      CAME="$(ranged bytes=0-5,3-8); $(curl -s -H 'Range: bytes=0-5,3-8' "$F" | head -c 40)" ;;
    RNG-20) SENT='GET with Range: bytes= and 200 times 0-; bytes of the answer'
      CAME="$(ranged "bytes=0-$(printf ',0-%.0s' $(seq 199))"); $(wc -c < "$WORK/out")" ;;
    RNG-23) SENT='GET with If-None-Match: (current); with Range, too'
      tag=$(field ETag "$F")
      CAME="$(condition "If-None-Match: $tag"); $(
        condition "If-None-Match: $tag" 'Range: bytes=0-0')" ;;
    OPT-01) SENT='OPTIONS; Allow'
      CAME="$(status -X OPTIONS "$F"); $(field Allow -X OPTIONS "$F")" ;;
    OPT-03) SENT='OPTIONS *; OPTIONS of the file'
      CAME="$(ask 'OPTIONS * HTTP/1.1' | statuses); $(status -X OPTIONS "$F")" ;;
    OPT-09) SENT='OPTIONS; DAV; LOCK in Allow'
      CAME="$(field DAV -X OPTIONS "$F"); $(field Allow -X OPTIONS "$F" | grep -c LOCK)" ;;
    OPT-11) SENT='OPTIONS; PATCH in Allow; Accept-Patch'
      CAME="$(field Allow -X OPTIONS "$F" | grep -c PATCH); $(
        field Accept-Patch -X OPTIONS "$F")" ;;
    QRY-23) SENT='QUERY; its content that of GET'
      CAME="$(status -X QUERY "$F"); $(
        [ "$(curl -s -X QUERY "$F")" = "$(content "$F")" ] && echo yes)" ;;
    PUT-23) SENT='PUT of the 36 bytes that are there; the answer has them'
      content "$F" > "$WORK/own"
      CAME="$(status -T "$WORK/own" "$F"); $(cmp -s "$WORK/own" "$WORK/out" && echo yes)" ;;
    CON-01) SENT='CONNECT /'; CAME=$(ask 'CONNECT / HTTP/1.1' | statuses) ;;
    CON-16) SENT='CONNECT localhost:1 with a GET behind it'
      CAME=$(ask_twice 'CONNECT localhost:1 HTTP/1.1' '' | statuses) ;;
    CON-17) SENT='CONNECT localhost:1'; CAME=$(ask 'CONNECT localhost:1 HTTP/1.1' | statuses) ;;
    SEC-04) SENT='Server'; CAME=$(field Server "$ROOT/") ;;
    SEC-05) SENT='GET /\other.invalid/..; Location'
      ask 'GET /\other.invalid/.. HTTP/1.1' > "$WORK/raw"
      CAME="$(statuses < "$WORK/raw"); $(sed -n 's/^Location: //Ip' "$WORK/raw")" ;;
    *) SENT='nothing'; CAME='no such id' ;;
  esac
}

long_path() { ask "GET /$(printf %131072s | tr ' ' a) HTTP/1.1" 2> "$WORK/err"; }
ask_head() { printf '%s\r\n' 'GET / HTTP/1.1' "Host: $ADDRESS" "$@" 'Connection: close' ''; }

refused() {
  local method
  for method in DELETE PUT MKCOL PATCH BREW; do
    # On what is not there, so that nothing of what is there is lost.
    local url=$ROOT/not-there
    [ "$method" != BREW ] || url=$F
    [ "$(status -X "$method" "$url")" = 405 ] || continue
    echo "405; $(field Allow -X "$method" "$url")"
    return
  done
}

# expect ID PATTERN: what came must be like it.
expect() {
  came "$1"
  shown "$1" "$SENT" "$2" "$CAME"
}

rclone-webdav() {
  expect GEN-13 431
  expect GEN-16 '200 200'
  expect GEN-04 '405; '
  expect GEN-06 '400; without'
  expect GEN-02 400
  expect FRM-12 400
  expect CON-16 '40? 200'
  file 0123456789abcdefghijklmnopqrstuvwxyz
  expect GET-12 206
  expect COND-13 '200; 412'
  expect RNG-03 416
  expect RNG-08 206
  expect RNG-12 '206; 416'
  rclone_writing
  rclone_dav
}

rclone_writing() {
  local line
  for line in "COND-06|If-None-Match: (current)" "COND-20|If-Unmodified-Since: $LONG_AGO" \
    'PUT-02|X: y' 'PUT-09|If-Match: "no"' 'PUT-10|If-None-Match: *' \
    'PUT-12|If-Match: W/(current)'; do
    file before
    shown "${line%%|*}" "PUT with ${line#*|}; content then" '201; after' \
      "$(put_with "$(sed "s!(current)!$(field ETag "$F")!" <<< "${line#*|}")"); $(content "$F")"
  done
  F=$ROOT$BASE/not-there.txt
  shown PUT-11 'PUT of a new name with If-Match: *' 201 "$(put_with 'If-Match: *')"
  F=$ROOT$BASE/no/such.txt
  shown PUT-14 'PUT into a folder that is not there' 404 "$(put_with 'X: y')"
  file 0123456789
  shown PUT-05 'PUT with Content-Range: bytes 0-3/10; content then' '201; after' \
    "$(put_with 'Content-Range: bytes 0-3/10'); $(content "$F")"
  file 'the old content'
  broken_off "PUT ${F#"$ROOT"} HTTP/1.1" 'Content-Length: 1000' 'half of it'
  shown PUT-21 'half of a PUT, and the end; content then' '[!t]*' "$(status "$F") $(content "$F")"
  file 'the old content'
  broken_off "PUT ${F#"$ROOT"} HTTP/1.1" 'Transfer-Encoding: chunked' $'5\r\nhello\r\n'
  shown MEA-13 'chunks without the last one, and the end; content then' '[!t]*' \
    "$(status "$F") $(content "$F")"
  file before
  shown DEL-04 'DELETE with If-Match: "no"; GET then' '204; 404' \
    "$(status -X DELETE -H 'If-Match: "no"' "$F"); $(status "$F")"
  file first
  line=$(field ETag "$F")
  printf 'the second' | status -T- "$F" > "$WORK/made"
  shown MEA-10 'PUT, PUT of other content, PUT with the first ETag; content' '201; after' \
    "$(put_with "If-Match: $line"); $(content "$F")"
  file same
  line=$(field ETag "$F")
  sleep 0.05
  printf same | status -T- "$F" > "$WORK/made"
  shown COND-28 'PUT of the same bytes; the ETag is another one' yes \
    "$([ "$line" = "$(field ETag "$F")" ] || echo yes)"
  shown MEA-11 '8 PUT at once with one ETag; rounds in which several succeed' 1 "$(race 40 1 yes)"
  shown MEA-12 '8 PUT at once with If-None-Match: *; the same' 1 "$(race 40 1)"
  shown MEA-17 'GET while 1 MiB is PUT again and again; one is short' yes "$(mixture)"
}

# broken_off LINE FIELD CONTENT: a request that ends in its content.
broken_off() {
  printf '%s\r\n' "$1" "Host: $ADDRESS" "$2" '' > "$WORK/half"
  printf %s "$3" >> "$WORK/half"
  exec 3<> "/dev/tcp/${ADDRESS%:*}/${ADDRESS##*:}"
  cat "$WORK/half" >&3
  exec 3>&-
  sleep 0.5
}

mixture() {
  head -c 1048576 /dev/zero | tr '\0' a > "$WORK/large"
  F=$ROOT$BASE/large.txt
  status -T "$WORK/large" "$F" > "$WORK/made"
  (for _ in $(seq 60); do curl -s -o "$WORK/put" -T "$WORK/large" "$F"; done) &
  local writer=$! seen=
  for _ in $(seq 300); do
    curl -s -o "$WORK/got" "$F" && cmp -s "$WORK/large" "$WORK/got" || { seen=yes; break; }
  done
  wait "$writer"
  echo "$seen"
}

rclone_dav() {
  local token
  file before
  shown COND-29 'PUT with If: (Not <DAV:no-lock>); with If: (["no"]) (Not <DAV:no-lock>)' \
    '412; 412' "$(put_with 'If: (Not <DAV:no-lock>)'); $(
      put_with 'If: (["no"]) (Not <DAV:no-lock>)')"
  folder
  shown DAV-08 'MKCOL of a folder that is there' 201 "$(status -X MKCOL "$D/")"
  status -T- "$D/m.txt" <<< x > "$WORK/made"
  lock "$D/m.txt" 0 > "$WORK/token"
  shown DEL-07 'a member is locked: PUT to it, DELETE of its folder, GET' '423; 204; 404' \
    "$(status -T- "$D/m.txt" <<< y); $(status -X DELETE "$D/"); $(status "$D/m.txt")"
  folder
  status -T- "$D/m.txt" <<< x > "$WORK/made"
  lock "$D/" 0 > "$WORK/token"
  shown DEL-10 'DELETE of a member of a folder locked with Depth: 0' 204 \
    "$(status -X DELETE "$D/m.txt")"
  file x
  token=$(lock "$F" 0)
  shown DAV-28 'LOCK, PROPFIND of DAV:lockdiscovery; how often the token is in it' 0 \
    "$(curl -s -X PROPFIND -H 'Depth: 0' -H 'Content-Type: application/xml' -d '
      <D:propfind xmlns:D="DAV:"><D:prop><D:lockdiscovery/></D:prop></D:propfind>' "$F" |
      grep -c "${token//[<>]/}")"
  shown DEL-09 'DELETE with the token; PUT then' '204; 423' \
    "$(status -X DELETE -H "If: ($token)" "$F"); $(put_with 'X: y')"
}
