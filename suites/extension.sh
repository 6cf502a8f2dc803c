#!/bin/bash
# Chromium (Debian) with an extension that a person installed: its worker and its page use a server
# of this machine and one that is reached by a name of the local network. 64 cases, about 5 s.
# The second one is started here, from SUITE_BINARY.
. "$(dirname "$0")/lib.sh"
need curl curl
need chromium chromium
[ -x "${SUITE_BINARY:-}" ] || give_up 'SUITE_BINARY names no program of ours'
cd "$SCRATCH" || give_up 'no scratch folder'

STARTED=()
leave() {
  [ ${#STARTED[@]} = 0 ] || kill "${STARTED[@]}" 2> /dev/null
  wait
  clean_up
}
trap leave EXIT

# The server that is reached as nas.example.
mkdir near profile extension
exec {OUTPUT}< <(
  exec "$SUITE_BINARY" serve --write --host nas.example --log-format off --port 0 near
)
STARTED+=($!)
read -r -t 20 -u "$OUTPUT" LINE || give_up 'a server does not start'
NEAR=$(grep -o 'http://[^ ]*' <<< "$LINE")
NEAR_NAME=nas.example:$(grep -o '[0-9]*/$' <<< "$NEAR" | tr -d /)

make_work
cat > extension/manifest.json <<END
{
  "manifest_version": 3, "name": "Bookmarks", "version": "1",
  "background": { "service_worker": "worker.js" }, "host_permissions": ["http://*/*"]
}
END
cp "$HERE/extension.js" extension/
echo "importScripts('config.js', 'extension.js');" > extension/worker.js
echo '<!doctype html><script src=config.js></script><script src=extension.js></script>' \
  > extension/page.html
echo "const SERVERS = { own: '$BASE$WORK/', near: 'http://$NEAR_NAME/' };" \
  > extension/config.js

# The worker opens the page when it is done; both write to the console.
HOME=$SCRATCH TMPDIR=$SCRATCH timeout 60 chromium --headless=new --no-sandbox --disable-gpu \
  --disable-quic --no-first-run --disable-background-networking --disable-component-update \
  --disable-sync --disable-dev-shm-usage --disable-features=DisableLoadExtensionCommandLineSwitch \
  --load-extension="$SCRATCH/extension" --user-data-dir="$SCRATCH/profile" \
  --host-resolver-rules='MAP nas.example 127.0.0.1' --enable-logging=stderr about:blank \
  > chromium.log 2>&1 &
BROWSER=$!
STARTED+=($BROWSER)
while kill -0 $BROWSER 2> /dev/null && ! grep -q 'case done\.' chromium.log; do
  sleep 0.1
done
grep -o '"case .*\."' chromium.log | sed 's/^"case //; s/\."$//' > said
[ -z "${SUITE_DEBUG:-}" ] || cat said
grep -q '^done' said || give_up "the extension did not end: $(tail -n1 chromium.log)"

# said CASE RESULT: the line that the extension wrote.
said() {
  grep "^$1: " said
  grep -qxF "$1: $2" said
}

# kept FOLDER CONTEXT TEXT: what the disk has of it.
kept() {
  ls -A "$1/$2"
  [ "$(ls -A "$1/$2")" = .kept.html ] && [ "$(cat "$1/$2/.kept.html")" = "$3" ]
}

for server in own near; do
  for context in worker page; do
    case=$context-$server
    check "$case-options" said "$case-options" 200
    check "$case-missing" said "$case-missing" 404
    check "$case-mkcol" said "$case-mkcol" 201
    check "$case-put" said "$case-put" 201
    check "$case-put-once" said "$case-put-once" 412
    check "$case-get" said "$case-get" "200 $context at $server"
    check "$case-propfind" said "$case-propfind" '207 true'
    check "$case-proppatch" said "$case-proppatch" 207
    check "$case-lock" said "$case-lock" '200 <urn:'
    check "$case-locked" said "$case-locked" 423
    check "$case-unlock" said "$case-unlock" 204
    check "$case-move" said "$case-move" 201
    check "$case-delete" said "$case-delete" 204
    check "$case-deleted" said "$case-deleted" 404
  done
done
for context in worker page; do
  check "$context-own-kept" kept "${SUITE_FOLDER:-}/$WORK" "$context" "$context at own"
  check "$context-near-kept" kept near "$context" "$context at near"
done

# put_from ORIGIN: the status of a PUT, as a browser without Fetch Metadata would send it.
put_from() {
  "${CURL[@]}" -o /dev/null -w '%{http_code}' -X PUT -d x -H "Origin: $1" -H "Host: $NEAR_NAME" \
    "${NEAR}from.txt"
}

answers() {
  local status
  status=$(put_from "$2")
  echo "$status"
  [ "$status" = "$1" ] && rm -f near/from.txt
}

UUID=330ff25a-276a-49b1-8265-b4e517e32f17
check firefox answers 201 "moz-extension://$UUID"
check safari answers 201 "safari-web-extension://$UUID"
check page-of-another answers 403 http://other.example
check page-without-origin answers 403 null
finish EXTENSION
