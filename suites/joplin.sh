#!/bin/bash
# Joplin's terminal application (npm): two people's notes, kept alike by way of the server, twice in
# each direction, with attachments, edits of both and a deletion. 22 cases, about 25 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need jq jq
npm_packages joplin --ignore-scripts joplin@3.5.1
cd "$SCRATCH" || give_up 'no scratch folder'

# Of its native parts only SQLite's is needed. It is built here, with Debian's library.
build_sqlite() {
  local headers
  [ -f /usr/include/sqlite3.h ] || install libsqlite3-dev
  need make make
  need g++ g++
  need python3 python3
  headers=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
  [ -f "$headers/include/node/node_version.h" ] || headers=
  (cd "$NPM_MODULES/.." && timeout 300 npm rebuild sqlite3 --build-from-source --sqlite=/usr \
    ${headers:+"--nodedir=$headers"}) > "$SCRATCH/build.log" 2>&1 ||
    give_up "SQLite's part for node cannot be built: $(tail -n1 "$SCRATCH/build.log")"
}
find "$NPM_MODULES/sqlite3" -name node_sqlite3.node | grep -q . || build_sqlite

# joplin PERSON COMMAND...: the application with the notes of one person.
joplin() {
  local person=$1
  shift
  HOME=$SCRATCH timeout 35 node "$NPM_MODULES/joplin/main.js" --profile "$SCRATCH/$person" "$@" \
    < /dev/null 2>&1
}

# round PERSON: the commands of standard input, one a line. What was said is kept for the checks.
round() {
  cat > commands
  joplin "$1" batch commands > said
  [ -z "${SUITE_DEBUG:-}" ] || cat said
}

went_well() {
  grep -v '^\[{' "$1" > told
  tail -n3 told | cut -c1-160
  grep -q 'Completed:' told && ! grep -qiE 'error|conflict' told
}

synced() {
  went_well said
}

# The last one of the round neither sent nor fetched anything.
nothing_to_do() {
  tac said | sed '/^Starting synchronisation/q' > last
  went_well last && ! grep -qE '(Created|Updated|Deleted|Fetched) ' last
}

# The titles of the notes, as `ls` told them.
has_notes() {
  grep -m1 '^\[{' said | jq -r '[.[].title] | sort | join(" ")' > titles
  cat titles
  [ "$(cat titles)" = "$1" ]
}

has_text() {
  grep -F "$1" said
}

# An attachment of a person is what was attached, byte for byte.
has_attachment() {
  cmp "$1/resources/$(basename "$1"/resources/*."$2")" "$3"
}

# The notes of both with all that the application exports of them: texts and attachments.
same_notes() {
  rm -rf ann.out ben.out
  joplin ann export --format md ann.out
  joplin ben export --format md ben.out
  [ "$(find ann.out -type f | wc -l)" = "$1" ] && diff -r ann.out ben.out
}

# What the disk holds of the texts: one file each, which begins with the title.
on_disk() {
  [ -d "$SUITE_FOLDER/$WORK/.sync" ] &&
    [ "$(grep -lx "$1" "$SUITE_FOLDER/$WORK"/*.md | wc -l)" = "$2" ]
}

attachment_on_disk() {
  local file
  for file in "$SUITE_FOLDER/$WORK/.resource"/*; do
    cmp -s "$file" "$1" && return
  done
  echo "no such bytes in $SUITE_FOLDER/$WORK/.resource"
  return 1
}

no_lock_left() {
  [ -d "$SUITE_FOLDER/$WORK/locks" ] && [ -z "$(ls -A "$SUITE_FOLDER/$WORK/locks")" ]
}

[ -n "${SUITE_FOLDER:-}" ] || give_up 'SUITE_FOLDER names no folder'
make_work
head -c 300000 /dev/urandom > picture.bin
head -c 70000 /dev/urandom > sound.dat
mkdir ann ben
SETUP="config sync.target 6
config sync.6.path $BASE$WORK
${LOGIN:+config sync.6.username $LOGIN}
${PASSWORD:+config sync.6.password $PASSWORD}
config sync.interval 0"

round ann <<END
$SETUP
mkbook together
use together
mknote first
set first body "the words of ann"
attach first $SCRATCH/picture.bin
mknote doomed
set doomed body "not for long"
sync
sync
END
check ann-sends synced
check ann-again-does-nothing nothing_to_do
check note-is-on-the-disk on_disk first 1
check attachment-is-on-the-disk attachment_on_disk picture.bin
round ben <<END
$SETUP
sync
use together
ls -f json
cat first
sync
END
check ben-fetches synced
check ben-has-the-notes has_notes 'doomed first'
check ben-has-the-text has_text 'the words of ann'
check ben-has-the-attachment has_attachment ben bin picture.bin
check ben-again-does-nothing nothing_to_do

# Now both change something, and one deletes.
round ben <<END
use together
mknote second
set second body "the words of ben"
attach second $SCRATCH/sound.dat
set first body "ben has changed them"
rmnote -f -p doomed
sync
END
check ben-sends synced
check deleted-on-the-disk on_disk doomed 0
check second-attachment-is-on-the-disk attachment_on_disk sound.dat
round ann <<END
use together
mknote "third ü #%?&"
sync
ls -f json
cat first
END
check ann-sends-and-fetches synced
check ann-has-the-notes has_notes 'first second third ü #%?&'
check ann-has-the-edit has_text 'ben has changed them'
check ann-has-the-attachment has_attachment ann dat sound.dat
round ben <<END
sync
use together
ls -f json
sync
END
check ben-fetches-again synced
check ben-has-all has_notes 'first second third ü #%?&'
check ben-once-more-does-nothing nothing_to_do
round ann <<END
sync
END
check ann-once-more-does-nothing nothing_to_do
check same-notes same_notes 4
check no-lock-left no_lock_left
finish JOPLIN
