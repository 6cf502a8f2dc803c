# Sourced after lib.sh by runners that work on a folder which davfs2 (Debian) mounts at $MOUNT.
# As root or by sudo; where the kernel lets nobody mount FUSE they say `NOT RUN` and end with 4.
# They are in $SCRATCH from then on; what is on the server is compared with the folder `wanted`.
cd "$SCRATCH" || give_up 'no scratch folder'
AS_ROOT=
[ "$(id -u)" = 0 ] || AS_ROOT="sudo -n"
PATH=$PATH:/usr/sbin:/sbin
MOUNT=$SCRATCH/mount
mkdir "$MOUNT" try wanted

# Whether FUSE works is a matter of this machine and not of the server: the kernel is asked itself.
fuse_works() {
  $AS_ROOT bash -c "mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 none try \
    9<> /dev/fuse && umount -l try"
}
fuse_works 2> fuse.log || do_not_run "FUSE does not work here: $(tail -n1 fuse.log)"
need mount.davfs davfs2

# The daemon gives up its rights and has to get through to its cache.
chmod 755 "$SCRATCH"
cat > davfs2.conf <<END
ask_auth 0
cache_dir $SCRATCH/cache
secrets $SCRATCH/secrets
delay_upload 0
gui_optimize 0
# Kernels of today read folders in pieces that its 16 KiB do not take.
buf_size 256
END
echo "${LOGIN:+$MOUNT \"$LOGIN\" \"$PASSWORD\"}" > secrets
chmod 600 secrets
mkdir cache
$AS_ROOT chown root:davfs2 cache
$AS_ROOT chmod 775 cache

attach() {
  $AS_ROOT timeout 30 mount.davfs -o "conf=$SCRATCH/davfs2.conf,uid=$(id -u),gid=$(id -g)" \
    "$BASE$WORK/" "$MOUNT" < /dev/null
}

# Waits until all is written to the server.
detach() {
  $AS_ROOT timeout 60 umount.davfs "$MOUNT"
}

is_attached() {
  grep -q " $MOUNT fuse " /proc/mounts
}

leave() {
  if is_attached; then
    detach > /dev/null 2>&1 || $AS_ROOT umount -l "$MOUNT"
  fi
  $AS_ROOT chown -R "$(id -u)" cache
  clean_up
}
trap leave EXIT

# What is on the server is what was made beside it, byte for byte.
served() {
  "${CURL[@]}" --fail "$BASE$WORK/$1" | cmp - "wanted/$2"
}

missing() {
  "${CURL[@]}" -o /dev/null -w '%{http_code}' -I "$BASE$WORK/$1" | grep -qx 404
}

# listed FOLDER NAMES: all that is in it, each name with a space behind.
listed() {
  [ "$(ls -A "$1" | grep -v '^lost+found$' | LC_ALL=C sort | tr '\n' ' ')" = "$2" ]
}

no_lock_left() {
  "${CURL[@]}" -X PROPFIND -H 'Depth: 1' "$BASE$WORK/" > found.xml &&
    grep -q multistatus found.xml && ! grep -q locktoken found.xml
}
