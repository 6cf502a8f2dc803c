#!/bin/bash
# rclone (Debian) as a WebDAV client. 16 cases, about 3 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need rclone rclone
cd "$SCRATCH" || give_up 'no scratch folder'

# The remote `x` exists in the environment only.
export RCLONE_CONFIG=$SCRATCH/none RCLONE_CONFIG_X_TYPE=webdav RCLONE_CONFIG_X_URL=$BASE
export RCLONE_CONFIG_X_VENDOR=other
export RCLONE_RETRIES=1 RCLONE_LOW_LEVEL_RETRIES=1 RCLONE_TIMEOUT=15s
if [ -n "$LOGIN" ]; then
  RCLONE_CONFIG_X_PASS=$(rclone obscure "$PASSWORD")
  export RCLONE_CONFIG_X_USER=$LOGIN RCLONE_CONFIG_X_PASS
fi
REMOTE=x:$WORK
REMOVE_WORK=yes

mkdir -p l/a/b 'l/sp ace'
for number in 1 2 3 4 5; do
  echo "$number" > "l/a/$number.txt"
done
head -c 2000000 /dev/urandom > l/a/b/big
echo ü > 'l/sp ace/ü#%?.txt'
: > l/empty

bounded() {
  timeout 30 rclone "$@"
}

eight_files_listed() {
  [ "$(rclone lsf -R --files-only "$REMOTE" | wc -l)" = 8 ]
}

eight_objects_counted() {
  rclone size "$REMOTE" | grep -q 'objects: 8'
}

three_bytes_at_offset_one() {
  [ "$(rclone cat --offset 1 --count 3 "$REMOTE/a/b/big" | od -An -tx1)" = \
    "$(tail -c +2 l/a/b/big | head -c 3 | od -An -tx1)" ]
}

streamed_upload() {
  echo streamed | rclone rcat "$REMOTE/rcat.txt" &&
    [ "$(rclone cat "$REMOTE/rcat.txt")" = streamed ]
}

modification_time_listed() {
  rclone lsl "$REMOTE/a/2.txt" | grep -q 2.txt
}

empty_folders_removed() {
  rclone mkdir "$REMOTE/e1/e2" && rclone rmdirs "$REMOTE/e1"
}

check mkdir bounded mkdir "$REMOTE"
check copy bounded copy l "$REMOTE"
check check-download bounded check --download l "$REMOTE"
check lsf eight_files_listed
check size eight_objects_counted
check cat-offset three_bytes_at_offset_one
check copyto-server-side bounded copyto "$REMOTE/a/1.txt" "$REMOTE/a/1copy.txt"
check moveto bounded moveto "$REMOTE/a/1copy.txt" "$REMOTE/moved.txt"
check move-dir bounded moveto "$REMOTE/a/b" "$REMOTE/bb"
check rcat streamed_upload
rm l/a/5.txt
echo new > l/a/1.txt
check sync bounded sync l "$REMOTE"
check sync-exact bounded check --download l "$REMOTE"
check deletefile bounded deletefile "$REMOTE/empty"
check modtime-kept-or-known modification_time_listed
check rmdirs empty_folders_removed
check purge bounded purge "$REMOTE"
finish RCLONE
