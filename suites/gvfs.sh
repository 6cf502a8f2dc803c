#!/bin/bash
# gvfs (Debian), by which GNOME's programs reach dav:// addresses, through its command gio.
# 19 cases, about 3 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need gio libglib2.0-bin
need dbus-run-session dbus
[ -e /usr/lib/gvfs/gvfsd-dav ] || install gvfs gvfs-backends
[ -z "$LOGIN" ] || give_up 'gio asks for a login by hand'

# A session of its own, which ends with this: its bus, its daemons and its home.
if [ -z "${GVFS_SESSION:-}" ]; then
  export GVFS_SESSION=$SCRATCH HOME=$SCRATCH XDG_RUNTIME_DIR=$SCRATCH GVFS_DISABLE_FUSE=1
  # Without a locale gio prints names of other letters in quotes.
  export LC_ALL=C.UTF-8
  timeout 60 dbus-run-session -- bash "$0" "$BASE" 2> "$SCRATCH/session.log"
  status=$?
  [ -z "${SUITE_DEBUG:-}" ] || cat "$SCRATCH/session.log" >&2
  exit $status
fi

cd "$SCRATCH" || give_up 'no scratch folder'
make_work
AT=${BASE/http:/dav:}$WORK
echo hello > small
head -c 2000000 /dev/urandom > big

listed() {
  [ "$(gio list "$1" | LC_ALL=C sort | tr '\n' ' ')" = "$2" ]
}

same() {
  gio cat "$1" | cmp - "$2"
}

saved() {
  echo "$2" | gio save "$1" && [ "$(gio cat "$1")" = "$2" ]
}

size_told() {
  gio info -a standard::size "$1" | grep -q "standard::size: $2"
}

room_told() {
  gio info -f "$1" | grep -q 'filesystem::free: [1-9]'
}

missing() {
  ! gio info "$1"
}

check mount gio mount "${BASE/http:/dav:}"
check list-empty listed "$AT" ''
check folder gio mkdir "$AT/new folder"
check upload gio copy small "$AT/small"
check upload-big gio copy big "$AT/new folder/big"
check odd-name gio copy small "$AT/new folder/ü %23%25 &.txt"
check list listed "$AT" 'new folder small '
check list-odd-name listed "$AT/new folder" 'big ü #% &.txt '
check download same "$AT/new folder/big" big
check download-odd-name same "$AT/new folder/ü %23%25 &.txt" small
check size size_told "$AT/new folder/big" 2000000
check room room_told "$AT"
check save-over saved "$AT/small" changed
check rename gio rename "$AT/small" renamed
check rename-folder gio rename "$AT/new folder" folder
check move gio move "$AT/folder/big" "$AT/moved"
check moved same "$AT/moved" big
check remove gio remove "$AT/moved"
check removed missing "$AT/moved"
finish GVFS
gio mount -u "${BASE/http:/dav:}" > /dev/null 2>&1
