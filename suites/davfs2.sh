#!/bin/bash
# davfs2 (Debian): a mounted folder, worked in as in any other. 25 cases, about 5 s.
. "$(dirname "$0")/lib.sh"
. "$HERE/mount.sh"
need curl curl

edit_in_place() {
  printf 'in place' | dd of="$1" bs=1 seek=1000000 conv=notrunc status=none
}

put_over_a_lock() {
  "${CURL[@]}" -o /dev/null -w '%{http_code}' -X PUT -d x "$BASE$WORK/held.txt"
}

locked_while_open() {
  { echo mine >&8 && [ "$(put_over_a_lock)" = 423 ]; } 8> "$MOUNT/held.txt"
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
