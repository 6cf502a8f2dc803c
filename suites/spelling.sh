#!/bin/bash
# A disk (FUSE, by fusepy) that takes A for a: rules, the server's own and what is there are asked
# for, and written to, in other spellings, also made after the start and beyond ASCII. 35 cases,
# about 5 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need fusermount fuse
PROGRAM=$(built) || give_up 'no methodical was built'
[ -w /dev/fuse ] || do_not_run 'this machine has no /dev/fuse that may be written'
python_environment fuse fusepy==3.0.1
DISK=$SCRATCH/disk SERVED=$SCRATCH/served
mkdir "$DISK" "$SERVED"
"$PYTHON_BIN/python" "$HERE/spelling_disk.py" "$DISK" "$SERVED" > "$SCRATCH/fuse.log" 2>&1 &
FUSE=$!
for _ in $(seq 50); do mountpoint -q "$SERVED" && break; sleep 0.1; done
mountpoint -q "$SERVED" || do_not_run "FUSE mounts nothing: $(tail -n1 "$SCRATCH/fuse.log")"
cat > "$SCRATCH/config.toml" << CONFIG
dir = "$SERVED"
port = 0
write = true
auth = ["ann:a-long-word"]

[access]
"/" = { anyone = "write" }
"/private" = { ann = "write" }
"/straße" = { ann = "write" }
CONFIG
"$PROGRAM" serve --config "$SCRATCH/config.toml" > "$SCRATCH/served.log" 2>&1 &
SERVER=$!
end() {
  kill $SERVER
  wait $SERVER 2> /dev/null
  fusermount -u -z "$SERVED"
  wait $FUSE 2> /dev/null
  clean_up
}
trap end EXIT
for _ in $(seq 100); do
  URL=$(grep -o 'http://127.0.0.1:[0-9]*' "$SCRATCH/served.log" | head -n1)
  [ -z "$URL" ] || break
  sleep 0.1
done
[ -n "$URL" ] || give_up "the server does not start: $(tail -n1 "$SCRATCH/served.log")"

# answers STATUS METHOD PATH CURL-ARGUMENT...
answers() {
  local status
  status=$(curl -s -m 20 -o "$SCRATCH/body" -w '%{http_code}' -X "$2" "$URL$3" "${@:4}")
  echo "$status, not $1: $(tr -d "\n" < "$SCRATCH/body" | head -c 200)"
  [[ $status =~ ^($1)$ ]]
}
on_the_disk() {
  [ "$(ls -A "$1")" = "$2" ] || { ls -A "$1"; return 1; }
}

ANN=(-u ann:a-long-word)
check rule-squatted-before answers '401|403' MKCOL /PRIVATE/
check ours-before answers 403 MKCOL /.Methodical/
check ours-with-a-dot answers '403|409' PUT /.methodical. -d x
check ours-unseen answers 403 PUT /.meth%E2%80%8Dodical -d x
mkdir "$DISK/private" "$DISK/straße" "$DISK/Open"
echo secret | tee "$DISK/private/f" "$DISK/straße/f" > "$DISK/Open/File.txt"
check exact answers 200 GET /Open/File.txt
check put-new answers 201 PUT /Open/new.txt -d new
check rule-holds answers 401 GET /private/f
check rule-ann answers 200 GET /private/f "${ANN[@]}"
for path in /PRIVATE/f /Private/f /private./f /STRASSE/f /STRASSE/ /PRIVATE/; do
  check "read $path" answers '401|404' GET "$path"
  check "list $path" answers '401|404' PROPFIND "$path" -H 'Depth: 1'
done
check write-below answers '401|403|404|409' PUT /PRIVATE/g -d x
check copy-out answers '401|403|404' COPY /PRIVATE/f -H "Destination: $URL/out"
check move-out answers '401|403|404' MOVE /PRIVATE/ -H "Destination: $URL/out"
check delete answers '401|403|404' DELETE /PRIVATE/
check replace answers '403|409' PUT /open/File.txt -d x
check replace-file answers '403' PUT /Open/file.TXT -d x
check rename-spelling answers '403' MOVE /Open/File.txt -H "Destination: $URL/Open/file.TXT"
check replace-only-new answers '403|412' PUT /Open/file.TXT -d x -H 'If-None-Match: *'
check lock answers '403' LOCK /Open/file.TXT -d '<lockinfo xmlns="DAV:">
  <lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>'
check ours-after answers '403|404' GET /.METHODICAL/ledger.sqlite
check link answers '404' GET /open/file.txt
check kept cmp "$DISK/Open/File.txt" "$DISK/private/f"
check kept-names on_the_disk "$DISK/private" f
check replaced answers 204 PUT /Open/File.txt -d other
check deleted answers 204 DELETE /Open/
finish SPELLING
