#!/bin/bash
# The Python clients webdavclient3 and webdav4 with its fsspec file system (PyPI).
# 33 cases, about 5 s.
. "$(dirname "$0")/lib.sh"
need curl curl
python_environment dav webdavclient3==3.14.7 webdav4==0.11.0 fsspec==2026.9.0 httpx==0.28.1
cd "$SCRATCH" || give_up 'no scratch folder'
REMOVE_WORK=yes
timeout 55 "$PYTHON_BIN/python" "$HERE/py_clients.py" \
  "$BASE" "$WORK" ${LOGIN:+"$LOGIN" "$PASSWORD"} || echo 'PY_CLIENTS 0/33'
