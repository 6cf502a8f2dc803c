#!/bin/bash
# rclone (Debian) in both directions, each twice: the second time there is nothing to do.
# As a plain WebDAV client, as one of ownCloud and of Nextcloud, which keep times by X-OC-Mtime,
# and in both directions at once (bisync). 20 cases, about 5 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need rclone rclone
cd "$SCRATCH" || give_up 'no scratch folder'

# The remote `x` exists in the environment only.
export RCLONE_CONFIG=$SCRATCH/none RCLONE_CONFIG_X_TYPE=webdav RCLONE_CONFIG_X_URL=$BASE
export RCLONE_RETRIES=1 RCLONE_LOW_LEVEL_RETRIES=1 RCLONE_TIMEOUT=15s
export RCLONE_CACHE_DIR=$SCRATCH/cache
if [ -n "$LOGIN" ]; then
  RCLONE_CONFIG_X_PASS=$(rclone obscure "$PASSWORD")
  export RCLONE_CONFIG_X_USER=$LOGIN RCLONE_CONFIG_X_PASS
fi
make_work

mkdir -p here/a/b 'here/sp ace'
for number in 1 2 3 4 5; do
  echo "$number" > "here/a/$number.txt"
  touch -d "2001-02-03 04:05:0$number" "here/a/$number.txt"
done
head -c 2000000 /dev/urandom > here/a/b/big
echo ü > 'here/sp ace/ü#%?.txt'
: > here/empty

# moves COMMAND...: a transfer, with a line for each thing that is done.
moves() {
  timeout 30 rclone -v --stats 0 "$@" 2>&1
}

nothing_moves() {
  local said
  said=$(moves "$@") && ! grep -E ': (Copied|Deleted|Moved|Updated|Made)' <<< "$said" &&
    grep -q 'nothing to transfer' <<< "$said"
}

# Files with their times in seconds, as the disk has them.
times() {
  (cd "$1" && find . -type f -printf '%P %Ts\n' | sort)
}

same_times() {
  [ "$(times here)" = "$(times "$1")" ]
}

for vendor in other owncloud nextcloud; do
  export RCLONE_CONFIG_X_VENDOR=$vendor
  remote=x:$WORK/$vendor
  check "$vendor-up" moves sync here "$remote"
  check "$vendor-up-again-does-nothing" nothing_moves sync here "$remote"
  check "$vendor-down" moves sync "$remote" "there-$vendor"
  check "$vendor-down-again-does-nothing" nothing_moves sync "$remote" "there-$vendor"
  check "$vendor-same" diff -r here "there-$vendor"
  [ "$vendor" = other ] || check "$vendor-times-kept" same_times "there-$vendor"
done

both_ways() {
  moves bisync here "$remote" --workdir "$SCRATCH/bisync" "$@"
}

both_ways_change_nothing() {
  local said
  said=$(both_ways) && grep -q 'No changes found' <<< "$said"
}

first_meeting() {
  both_ways --resync && both_ways_change_nothing
}

changes_cross() {
  echo mine > here/mine.txt && rm here/a/5.txt &&
    echo theirs | timeout 30 rclone rcat "$remote/theirs.txt" && both_ways &&
    [ "$(cat here/theirs.txt)" = theirs ] &&
    [ "$(timeout 30 rclone cat "$remote/mine.txt")" = mine ] &&
    ! timeout 30 rclone lsf "$remote/a" | grep -q '^5.txt$'
}

check both-ways first_meeting
check both-ways-cross changes_cross
check both-ways-again-does-nothing both_ways_change_nothing
finish RCLONE_SYNC
