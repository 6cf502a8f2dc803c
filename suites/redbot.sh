#!/bin/bash
# REDbot and httplint (PyPI): is each response sound HTTP? 23 cases, about 20 s.
#
# REDbot asks by itself (conditional, range, negotiated) about five URLs; httplint reads 18
# responses that curl fetched. A case passes when no note is marked bad.
. "$(dirname "$0")/lib.sh"
need curl curl
python_environment redbot redbot==2.7.1 httplint==2026.10.4

make_work
printf 'hello %.0s' $(seq 400) > "$SCRATCH/a.txt"
echo '{"a":1}' > "$SCRATCH/j.json"
echo '<p>hi</p>' > "$SCRATCH/h.html"
for file in a.txt j.json h.html; do
  put "$SCRATCH/$file" "$WORK/$file"
done
TEXT=$BASE$WORK/a.txt
status=$("${CURL[@]}" -o /dev/null -w '%{http_code}' "$TEXT")
if [ "$status" != 200 ]; then
  echo "FAIL setup: a PUT file cannot be read back ($status)"
  echo 'REDBOT 0/23'
  exit
fi

# note CASE COMPLAINT: passed when there is no complaint.
note() {
  TOTAL=$((TOTAL + 1))
  if [ -z "$2" ]; then
    PASSED=$((PASSED + 1))
  else
    echo "FAIL $1: $2"
  fi
}

redbot() {
  timeout 20 "$PYTHON_BIN/redbot" -o har "$BASE$WORK/$1" > "$SCRATCH/har" 2> "$SCRATCH/error"
  note "redbot /$1" "$("$PYTHON_BIN/python" "$HERE/redbot_bad_notes.py" "$SCRATCH/har")"
}

# lint CASE CURL-ARGUMENT...
lint() {
  local name=$1 bad
  shift
  "${CURL[@]}" -i --raw --http1.1 "$@" > "$SCRATCH/response" 2> /dev/null
  bad=$("$PYTHON_BIN/httplint" -n < "$SCRATCH/response" 2>&1 |
    grep -aiE '^\W*error|bad' | head -3 | tr '\n' ';')
  [ -s "$SCRATCH/response" ] || bad='no response'
  note "httplint $name" "$bad"
}

if [ -z "$LOGIN" ]; then     # REDbot cannot log in
  for path in a.txt j.json h.html '' none; do
    redbot "$path"
  done
fi

etag=$("${CURL[@]}" -I "$TEXT" | tr -d '\r' | sed -n 's/^[Ee][Tt]ag: //p')
lint GET "$TEXT"
lint GET-range -r 0-5 "$TEXT"
lint GET-gzip -H 'Accept-Encoding: gzip' "$BASE$WORK/h.html"
lint 404 "$BASE$WORK/none"
lint collection "$BASE$WORK/"
lint OPTIONS -X OPTIONS "$TEXT"
lint PROPFIND -X PROPFIND -H 'Depth: 1' "$BASE$WORK/"
lint PUT-new -X PUT -d x "$BASE$WORK/n1"
lint PUT-again -X PUT -d y "$BASE$WORK/n1"
lint 412 -X PUT -H 'If-None-Match: *' -d y "$BASE$WORK/n1"
lint 304 -H "If-None-Match: $etag" "$TEXT"
lint 416 -r 99999- "$TEXT"
lint unknown-method -X FROB "$TEXT"
lint MKCOL -X MKCOL "$BASE$WORK/c/"
lint COPY -X COPY -H "Destination: $BASE$WORK/n2" "$BASE$WORK/n1"
lint redirect "$BASE$WORK/c"
lint DELETE -X DELETE "$BASE$WORK/n1"
lint PATCH-415 -X PATCH -H 'Content-Type: text/x-no' -d z "$TEXT"
finish REDBOT
