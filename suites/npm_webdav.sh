#!/bin/bash
# The client `webdav` (npm), which many programs of node and of browsers are built on.
# 38 cases, about 3 s.
. "$(dirname "$0")/lib.sh"
need curl curl
npm_packages webdav webdav@5.11.0
make_work
# Modules are looked for beside the file that names them.
cp "$HERE/npm_webdav.mjs" "$NPM_MODULES/../npm_webdav.mjs"
timeout 60 node "$NPM_MODULES/../npm_webdav.mjs" \
  "$BASE$WORK" "${SUITE_FOLDER:-}/$WORK" ${LOGIN:+"$LOGIN" "$PASSWORD"} || echo 'NPM_WEBDAV 0/38'
