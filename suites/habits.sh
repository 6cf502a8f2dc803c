#!/bin/bash
# What programs do out of habit: paths joined with two slashes, saving by a dotted name and MOVE,
# folders that begin with a dot, git's own folder cloned, and looking for what has been deleted
# (aria2, wget, rclone, Python, curl). 36 cases, about 6 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need aria2c aria2
need wget wget
need rclone rclone
need git git
need python3 python3
cd "$SCRATCH" || give_up 'no scratch folder'
[ -n "${SUITE_FOLDER:-}" ] || give_up 'SUITE_FOLDER names no folder'
DISK=$SUITE_FOLDER/$WORK
unset http_proxy HTTP_PROXY
make_work
head -c 5000000 /dev/urandom > big.bin
head -c 3000 /dev/urandom > old.kdbx
head -c 4000 /dev/urandom > new.kdbx

# answers STATUS CURL ARGUMENT...: with paths as they are typed.
answers() {
  local status
  status=$("${CURL[@]}" --path-as-is -D head -o body -w '%{http_code}' "${@:2}")
  echo "$status"
  [ "$status" = "$1" ]
}

# Base and name are joined with a slash too many, as readers of books and of papers do.
TWO=$BASE/$WORK//zotero
listed_cleanly() {
  answers 207 -X PROPFIND -H 'Depth: 1' "$TWO//" && grep -o 'href>[^<]*' body &&
    grep -q "/$WORK/zotero/lastsync.txt<" body && ! grep -q 'href>[^<]*[^:]//' body
}

no_open_redirect() {
  answers "$1" "${BASE%/}//$WORK//zotero" && grep -i '^location:' head &&
    ! grep -qiE '^location: *(//|/\\)' head
}

check slashes-mkcol answers 201 -X MKCOL "$TWO//"
check slashes-put answers 201 -T old.kdbx "$TWO//lastsync.txt"
check slashes-on-the-disk cmp old.kdbx "$DISK/zotero/lastsync.txt"
check slashes-list listed_cleanly
check slashes-get answers 200 "$TWO//lastsync.txt"
check slashes-are-the-same cmp body old.kdbx
check slashes-missing answers 404 "$TWO//none.prop"
check slashes-move answers 201 -X MOVE -H "Destination: $TWO//moved.txt" "$TWO//lastsync.txt"
check slashes-moved cmp old.kdbx "$DISK/zotero/moved.txt"
check slashes-redirect no_open_redirect 301
check slashes-delete answers 204 -X DELETE "$TWO//moved.txt"

# A password manager: under another name first, then over the old one.
check keepass-first answers 201 -T old.kdbx "$BASE$WORK/.safe.kdbx.tmp"
check keepass-first-move answers 201 -X MOVE -H "Destination: $BASE$WORK/safe.kdbx" \
  "$BASE$WORK/.safe.kdbx.tmp"
check keepass-save answers 201 -T new.kdbx "$BASE$WORK/.safe.kdbx.tmp"
check keepass-move answers 204 -X MOVE -H 'Overwrite: T' -H "Destination: $BASE$WORK/safe.kdbx" \
  "$BASE$WORK/.safe.kdbx.tmp"
check keepass-on-the-disk cmp new.kdbx "$DISK/safe.kdbx"
check keepass-nothing-left answers 404 "$BASE$WORK/.safe.kdbx.tmp"

# A phone's folders begin with a dot, here and there.
mkdir -p phone/.thumbnails/.nomedia phone/DCIM/.trashed
head -c 20000 /dev/urandom > phone/.thumbnails/1.jpg
head -c 30000 /dev/urandom > phone/DCIM/.trashed/2.jpg
echo x > phone/.thumbnails/.nomedia/.x
export RCLONE_CONFIG=$SCRATCH/none RCLONE_CONFIG_X_TYPE=webdav RCLONE_CONFIG_X_URL=$BASE
export RCLONE_CONFIG_X_VENDOR=other RCLONE_RETRIES=1 RCLONE_LOW_LEVEL_RETRIES=1 RCLONE_TIMEOUT=15s
if [ -n "$LOGIN" ]; then
  RCLONE_CONFIG_X_PASS=$(rclone obscure "$PASSWORD")
  export RCLONE_CONFIG_X_USER=$LOGIN RCLONE_CONFIG_X_PASS
fi
check phone-up timeout 30 rclone -q copy phone "x:$WORK/phone"
check phone-on-the-disk diff -r phone "$DISK/phone"
check phone-compare timeout 30 rclone -q check --download phone "x:$WORK/phone"
check phone-down timeout 30 rclone -q copy "x:$WORK/phone" phone-back
check phone-same diff -r phone phone-back
check phone-purge timeout 30 rclone -q purge "x:$WORK/phone/.thumbnails"
check phone-purged test ! -e "$DISK/phone/.thumbnails"

# git's own folder, put as it is and cloned without a word of git's protocol.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
make_repository() {
  git init -q project && git -C project -c user.name=a -c user.email=a@example.org \
    commit -q --allow-empty -m one && git -C project update-server-info
}
make_repository || give_up 'no repository'
put_tree project "$WORK/project"
check git-on-the-disk diff -r project/.git/objects "$DISK/project/.git/objects"
check git-clone timeout 30 git clone -q "$BASE_WITH_LOGIN$WORK/project/.git" cloned
git -C cloned rev-parse HEAD > cloned.head 2>&1
check git-same test "$(git -C project rev-parse HEAD)" = "$(cat cloned.head)"

# Downloads, and what each makes of a file that has been deleted.
put big.bin "$WORK/big.bin"
put big.bin "$WORK/gone.bin"
GONE=$BASE$WORK/gone.bin
"${CURL[@]}" -o /dev/null -X DELETE "$GONE"

aria() {
  timeout 30 aria2c --no-conf -q --max-tries=1 --allow-overwrite=true -x 4 -s 4 -k 1M \
    ${LOGIN:+--http-user="$LOGIN" --http-passwd="$PASSWORD"} -d . -o "$1" "$BASE$WORK/$2"
}

# It ends with 3 where there is nothing, and with another number where it does not understand.
aria_finds_nothing() {
  aria none gone.bin
  [ $? = 3 ]
}

wget_finds_nothing() {
  timeout 30 wget -t 1 -O none "$BASE_WITH_LOGIN$WORK/gone.bin" 2>&1 | grep 'ERROR 404'
}

python_finds_nothing() {
  timeout 30 python3 -c 'import base64, sys, urllib.error, urllib.request
request = urllib.request.Request(sys.argv[1])
if sys.argv[2] != ":":
    login = base64.b64encode(sys.argv[2].encode()).decode()
    request.add_header("Authorization", "Basic " + login)
try:
    urllib.request.urlopen(request)
    sys.exit("it is there")
except urllib.error.HTTPError as error:
    sys.exit(None if error.code == 404 else str(error.code))' "$GONE" "$LOGIN:$PASSWORD"
}

check aria-in-pieces aria pieces.bin big.bin
check aria-is-right cmp big.bin pieces.bin
check aria-missing aria_finds_nothing
check wget-missing wget_finds_nothing
check python-missing python_finds_nothing
check no-accept-missing answers 404 -H 'Accept:' "$GONE"
check no-accept-missing-head answers 404 -I -H 'Accept:' "$GONE"
check anything-missing answers 404 -H 'Accept: application/json, text/plain, */*' "$GONE"
check browser-gone answers 410 -H 'Accept: text/html,application/xhtml+xml,*/*;q=0.8' "$GONE"
finish HABITS
