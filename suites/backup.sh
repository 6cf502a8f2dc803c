#!/bin/bash
# Backups (Debian): restic over rclone, and duplicity by WebDAV. A tree is kept, changed, kept
# again, examined, restored as it was at both times, and thinned out. 28 cases, about 20 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need rclone rclone
need restic restic
need duplicity duplicity
cd "$SCRATCH" || give_up 'no scratch folder'
export HOME=$SCRATCH XDG_CACHE_HOME=$SCRATCH/cache
make_work

# The remote `x` exists in the environment only.
export RCLONE_CONFIG=$SCRATCH/none RCLONE_CONFIG_X_TYPE=webdav RCLONE_CONFIG_X_URL=$BASE
export RCLONE_CONFIG_X_VENDOR=other RCLONE_RETRIES=1 RCLONE_LOW_LEVEL_RETRIES=1 RCLONE_TIMEOUT=15s
if [ -n "$LOGIN" ]; then
  RCLONE_CONFIG_X_PASS=$(rclone obscure "$PASSWORD")
  export RCLONE_CONFIG_X_USER=$LOGIN RCLONE_CONFIG_X_PASS
fi
export RESTIC_REPOSITORY=rclone:x:$WORK/restic RESTIC_PASSWORD=secret

# The tree as it is at first, and as it is later.
make_trees() {
  local number
  mkdir -p first/folder/.hidden 'first/sp ace' &&
    head -c 6000000 /dev/urandom > first/big.bin &&
    for number in $(seq 40); do
      head -c $((number * 500)) /dev/urandom > "first/folder/$number.bin"
    done &&
    echo kept > first/folder/.hidden/file && echo odd > 'first/sp ace/ü #%?&.txt' &&
    ln -s folder/1.bin first/link && chmod 640 first/folder/2.bin &&
    touch -d '2001-02-03 04:05:06' first/folder/3.bin &&
    cp -a first later &&
    echo appended >> later/big.bin && touch -d '2002-03-04 05:06:07' later/big.bin &&
    rm -r later/folder/1.bin later/folder/4.bin &&
    head -c 900000 /dev/urandom > later/new.bin &&
    mv 'later/sp ace' later/renamed
}
make_trees || give_up 'no tree'

# Names, kinds, modes, and times in seconds (those of links are kept by one of them only).
names() {
  (cd "$1" && find . \( -type l -printf '%P %l\n' -o -printf '%P %y %m %Ts\n' \) | LC_ALL=C sort)
}

same_tree() {
  diff -r --no-dereference "$1" "$2" && diff <(names "$1") <(names "$2")
}

# Puts a tree where the program always finds the same folder.
show_tree() {
  rm -rf tree && cp -a "$1" tree
}

on_disk() {
  ls -A "$SUITE_FOLDER/$WORK/$1"
  find "$SUITE_FOLDER/$WORK/$1" -mindepth 1 -type f | grep -q .
}

restic_does() {
  timeout 60 restic --quiet "$@" < /dev/null
}

snapshots() {
  [ "$(restic_does snapshots --json | grep -o '"short_id"' | wc -l)" = "$1" ]
}

# restic_restored SNAPSHOT TREE
restic_restored() {
  rm -rf back && restic_does restore "$1" --target back && same_tree "$2" "back$SCRATCH/tree"
}

first_snapshot() {
  restic_does snapshots --json | grep -o '"short_id":"[^"]*' | head -n1 | cut -d'"' -f4
}

no_lock_left() {
  [ -d "$SUITE_FOLDER/$WORK/restic/locks" ] && [ -z "$(ls -A "$SUITE_FOLDER/$WORK/restic/locks")" ]
}

# What restic stores is named by its SHA-256.
packs_are_whole() {
  local file count=0
  while read -r file; do
    count=$((count + 1))
    [ "$(sha256sum < "$file" | cut -c1-64)" = "${file##*/}" ] || { echo "$file differs"; return 1; }
  done < <(find "$SUITE_FOLDER/$WORK/restic/data" -type f)
  [ $count -gt 0 ]
}

[ -n "${SUITE_FOLDER:-}" ] || give_up 'SUITE_FOLDER names no folder'
show_tree first
check restic-init restic_does init
check restic-again-refused bash -c '! timeout 30 restic init < /dev/null'
check restic-keeps restic_does backup "$SCRATCH/tree"
FIRST=$(first_snapshot)
check restic-on-the-disk on_disk restic/data
check restic-packs-are-whole packs_are_whole
show_tree later
check restic-keeps-later restic_does backup "$SCRATCH/tree"
check restic-has-both snapshots 2
check restic-check restic_does check --read-data
check restic-restores-later restic_restored latest later
check restic-restores-first restic_restored "${FIRST:-none}" first
check restic-forgets restic_does forget --keep-last 1 --prune --max-unused 0
check restic-has-one snapshots 1
check restic-first-is-gone bash -c "! timeout 30 restic cat snapshot ${FIRST:-none} < /dev/null"
check restic-packs-are-whole-still packs_are_whole
check restic-check-again restic_does check --read-data
check restic-restores-again restic_restored latest later
check restic-no-lock-left no_lock_left

# Without a login it wants to ask for one.
export FTP_PASSWORD=${PASSWORD:-none}
DUPLICITY_URL=$(sed 's#^http#webdav#' <<< "${BASE_WITH_LOGIN/:$PASSWORD@/@}")$WORK/kept/duplicity

# duplicity COMMAND...: with what it remembers beside.
duplicity_does() {
  timeout 60 duplicity "$1" --no-encryption --archive-dir "$SCRATCH/archive" --volsize 1 \
    --verbosity warning --num-retries 1 "${@:2}" < /dev/null
}

# Restored by one who knows nothing but what is on the server.
duplicity_restored() {
  rm -rf back archive
  duplicity_does restore "${@:2}" "$DUPLICITY_URL" back && same_tree "$1" back
}

duplicity_files() {
  ls "$SUITE_FOLDER/$WORK/kept/duplicity"
  [ "$(find "$SUITE_FOLDER/$WORK/kept/duplicity" -name "duplicity-$1.*" | wc -l)" "$2" "$3" ]
}

show_tree first
check duplicity-keeps duplicity_does full tree "$DUPLICITY_URL"
check duplicity-on-the-disk duplicity_files full -ge 7
# The times that its backups are named by are whole seconds.
sleep 1
show_tree later
check duplicity-keeps-later duplicity_does incr tree "$DUPLICITY_URL"
check duplicity-verifies duplicity_does verify "$DUPLICITY_URL" tree
check duplicity-restores-later duplicity_restored later
check duplicity-restores-a-file duplicity_does restore --file-to-restore new.bin \
  "$DUPLICITY_URL" new.bin
check duplicity-file-is-right cmp new.bin later/new.bin
sleep 1
check duplicity-keeps-anew duplicity_does full tree "$DUPLICITY_URL"
check duplicity-forgets duplicity_does remove-all-but-n-full --force 1 "$DUPLICITY_URL"
check duplicity-increment-is-gone duplicity_files inc -eq 0
check duplicity-restores-again duplicity_restored later
finish BACKUP
