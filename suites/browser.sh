#!/bin/bash
# Chromium (Debian) with a page of one origin that uses servers of others by fetch(): what it may,
# what it may not, and what it must not reach by a name of its own; and a page that somebody stored,
# which runs no script. 32 cases, about 5 s. The servers are started here, from SUITE_BINARY;
# BASE_URL is not asked.
. "$(dirname "$0")/lib.sh"
need chromium chromium
[ -x "${SUITE_BINARY:-}" ] || give_up 'SUITE_BINARY names no program of ours'

SERVERS=()
stop_servers() {
  [ ${#SERVERS[@]} = 0 ] || kill "${SERVERS[@]}" 2> /dev/null
}
trap 'stop_servers; clean_up' EXIT

# serve NAME FLAG...: starts a server on a folder with one file and sets URL.
serve() {
  local folder=$SCRATCH/$1 line output
  shift
  mkdir "$folder"
  echo content > "$folder/file.txt"
  echo '{"n":1}' > "$folder/data.json"
  exec {output}< <(exec "$SUITE_BINARY" serve --write --log-format off --port 0 "$@" "$folder")
  SERVERS+=($!)
  read -r -t 20 -u "$output" line || give_up 'a server does not start'
  URL=$(grep -o 'http://[^ ]*' <<< "$line")
}

serve own --trust-content
BASE=${URL%/}/
ORIGIN=$(grep -o '^https\?://[^/]*' <<< "$BASE")
serve listed --cors-origin "$ORIGIN" --cors-credentials
LISTED=$URL
serve others --cors-origin https://other.example
OTHERS=$URL
serve anyone --cors-origin '*'
ANYONE=$URL
serve off
OFF=$URL

make_work
put "$HERE/browser.html" "$WORK/page.html"

# dump URL: what the page is when all of its requests are answered.
dump() {
  HOME=$SCRATCH timeout 60 chromium --headless --no-sandbox --disable-gpu --no-first-run \
    --disable-background-networking --disable-dev-shm-usage \
    --disable-features=IsolateSandboxedIframes \
    --user-data-dir="$SCRATCH/profile" --virtual-time-budget=20000 \
    --host-resolver-rules='MAP evil.example 127.0.0.1' --dump-dom "$1" 2> "$SCRATCH/chromium.log"
}

SERVED="listed=$LISTED&others=$OTHERS&anyone=$ANYONE&off=$OFF"
dump "$BASE$WORK/page.html?$SERVED" > "$SCRATCH/dom"
[ -z "${SUITE_DEBUG:-}" ] || cat "$SCRATCH/dom"
grep -q '^done' "$SCRATCH/dom" ||
  give_up "the page did not end: $(tail -n1 "$SCRATCH/chromium.log")"

# said CASE RESULT: the line that the page wrote.
said() {
  grep "^$1: " "$SCRATCH/dom"
  grep -qxF "$1: $2" "$SCRATCH/dom"
}

holds() {
  local held
  held=$(cat "$SCRATCH/$1" 2>&1)
  echo "holds $held"
  [ "$held" = "$2" ]
}

lacks() {
  [ ! -e "$SCRATCH/$1" ]
}

check own-put said own-put 201
check own-null-put said own-null-put blocked
check listed-get said listed-get '200 content'
check listed-etag said listed-etag yes
check listed-allow said listed-allow yes
check listed-dav said listed-dav yes
check listed-unchanged said listed-unchanged 304
check listed-put said listed-put '201 yes'
check listed-put-arrived holds listed/put.txt 'from the page'
check listed-lost-race said listed-lost-race 412
check listed-patch said listed-patch 204
check listed-patch-arrived holds listed/data.json '{"n":2}'
check listed-propfind said listed-propfind 207
check listed-mkcol said listed-mkcol 201
check listed-move said listed-move 201
check listed-lock said listed-lock '200 yes'
check listed-locked said listed-locked 423
check listed-delete said listed-delete 204
check listed-missing said listed-missing 404
check listed-credentials said listed-credentials 200
check listed-hidden-origin said listed-hidden-origin blocked
check others-get said others-get blocked
check others-put said others-put blocked
check others-nothing-put lacks others/put.txt
check others-form said others-form opaque
check anyone-get said anyone-get '200 content'
check anyone-put said anyone-put blocked
check off-get said off-get blocked
check off-form said off-form opaque

# A form is sent without asking; neither server took it.
nothing_posted() {
  [ "$(find "$SCRATCH/others" "$SCRATCH/off" -type f -name '*note*' | wc -l)" = 0 ]
}
check no-form-taken nothing_posted

# Under a name that was made to lead here the page would be of the server's own origin.
rebound() {
  dump "${OFF/127.0.0.1/evil.example}file.txt" > "$SCRATCH/rebound"
  grep -o 'host evil.example' "$SCRATCH/rebound"
  grep -q -- '--host evil.example' "$SCRATCH/rebound" && ! grep -q '^content' "$SCRATCH/rebound"
}
check rebinding rebound
# Where pages are not trusted, a stored one is shown and runs nothing.
stored() {
  cp "$HERE/browser.html" "$SCRATCH/off/page.html"
  dump "${OFF}page.html?$SERVED" > "$SCRATCH/stored"
  grep -q '<script' "$SCRATCH/stored" && ! grep -q '^done' "$SCRATCH/stored"
}
check stored-page-runs-nothing stored
finish BROWSER
