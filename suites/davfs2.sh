#!/bin/bash
# davfs2 (Debian): a mounted folder, worked in as in any other. 25 cases, about 5 s.
# As root or by sudo; where the kernel lets nobody mount FUSE it says `NOT RUN` and ends with 4.
. "$(dirname "$0")/lib.sh"
AS_ROOT=
[ "$(id -u)" = 0 ] || AS_ROOT="sudo -n"
PATH=$PATH:/usr/sbin:/sbin
need curl curl
cd "$SCRATCH" || give_up 'no scratch folder'
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

listed() {
  [ "$(ls -A "$1" | grep -v '^lost+found$' | LC_ALL=C sort | tr '\n' ' ')" = "$2" ]
}

# What is on the server is what was made beside it, byte for byte.
served() {
  "${CURL[@]}" --fail "$BASE$WORK/$1" | cmp - "wanted/$2"
}

missing() {
  # 404, or 410 where the server remembers that it was deleted.
  "${CURL[@]}" -o /dev/null -w '%{http_code}' -I "$BASE$WORK/$1" | grep -qxE '404|410'
}

edit_in_place() {
  printf 'in place' | dd of="$1" bs=1 seek=1000000 conv=notrunc status=none
}

put_over_a_lock() {
  "${CURL[@]}" -o /dev/null -w '%{http_code}' -X PUT -d x "$BASE$WORK/held.txt"
}

locked_while_open() {
  { echo mine >&8 && [ "$(put_over_a_lock)" = 423 ]; } 8> "$MOUNT/held.txt"
}

no_lock_left() {
  "${CURL[@]}" -X PROPFIND -H 'Depth: 1' "$BASE$WORK/" > found.xml &&
    grep -q multistatus found.xml && ! grep -q locktoken found.xml
}

make_work
head -c 2000000 /dev/urandom > wanted/edited.bin
echo one > wanted/log.txt
printf 'the old words' > wanted/words.txt
for file in wanted/*; do
  put "$file" "$WORK/${file##*/}"
done

check mount attach
check list listed "$MOUNT" 'edited.bin log.txt words.txt '
check read cmp wanted/edited.bin "$MOUNT/edited.bin"
head -c 300000 /dev/urandom > wanted/new.bin
check new cp wanted/new.bin "$MOUNT/new.bin"
check new-is-read cmp wanted/new.bin "$MOUNT/new.bin"
edit_in_place wanted/edited.bin
check edit-in-place edit_in_place "$MOUNT/edited.bin"
echo two >> wanted/log.txt
check append bash -c "echo two >> $MOUNT/log.txt"
sed -i s/old/new/ wanted/words.txt
check edit-by-rename sed -i s/old/new/ "$MOUNT/words.txt"
check folder mkdir "$MOUNT/folder"
check odd-name cp wanted/log.txt "$MOUNT/folder/ü #%?&.txt"
check truncate truncate -s 1000 "$MOUNT/new.bin"
truncate -s 1000 wanted/new.bin
check rename mv "$MOUNT/new.bin" "$MOUNT/folder/short.bin"
echo other > "$MOUNT/other.txt"
check rename-onto mv -f "$MOUNT/words.txt" "$MOUNT/other.txt"
check rename-folder mv "$MOUNT/folder" "$MOUNT/renamed"
check locked-while-open locked_while_open
check remove rm "$MOUNT/held.txt"
check unmount detach
check no-lock-left no_lock_left
check served-edited served edited.bin edited.bin
check served-appended served log.txt log.txt
check served-renamed served renamed/short.bin new.bin
check served-onto served other.txt words.txt
check served-odd-name served 'renamed/%C3%BC%20%23%25%3F%26.txt' log.txt
check removed missing held.txt
check moved-away missing words.txt
finish DAVFS2
