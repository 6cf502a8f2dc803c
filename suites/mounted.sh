#!/bin/bash
# Programs that save beside a file and rename: rsync, LibreOffice, git and a password manager's way,
# on a folder that davfs2 mounts (all Debian). 33 cases, about 35 s.
. "$(dirname "$0")/lib.sh"
. "$HERE/mount.sh"
need curl curl
need rsync rsync
need git git
need python3 python3
need soffice libreoffice-writer-nogui
[ -n "${SUITE_FOLDER:-}" ] || give_up 'SUITE_FOLDER names no folder'
DISK=$SUITE_FOLDER/$WORK
make_work

# What the disk behind the server has is what was made here, byte for byte, and nothing else.
same_on_disk() {
  diff -r "$1" "$DISK/$2"
}

mkdir -p tree/a/.hidden 'tree/sp ace'
head -c 1500000 /dev/urandom > tree/a/big.bin
for number in 1 2 3 4 5 6; do
  echo "$number" > "tree/a/$number.txt"
done
echo hidden > tree/a/.hidden/.file
echo odd > 'tree/sp ace/ü #%?&.txt'
: > tree/empty

# rsync by what the files hold: a mount has times of its own.
copies() {
  timeout 60 rsync -a --no-owner --no-group --checksum --delete "$@"
}

copies_nothing() {
  local said
  said=$(copies --itemize-changes --omit-dir-times --no-times "$@") || return
  echo "$said" | tail -n1
  [ -z "$said" ]
}

check mount attach
check rsync copies tree/ "$MOUNT/tree/"
check rsync-again-does-nothing copies_nothing tree/ "$MOUNT/tree/"
check rsync-is-read diff -r tree "$MOUNT/tree"
echo appended >> tree/a/big.bin
rm -r tree/a/1.txt tree/a/2.txt 'tree/sp ace'
echo changed > tree/a/3.txt
echo new > tree/a/.hidden/.new
check rsync-changes copies tree/ "$MOUNT/tree/"
check rsync-changes-again-does-nothing copies_nothing tree/ "$MOUNT/tree/"
check rsync-back copies "$MOUNT/tree/" back/
check rsync-back-is-right diff -r tree back

# As password managers save: another name beside it, with a dot, and a rename.
save_by_rename() {
  cp "wanted/$1" "$MOUNT/.$1.tmp" && mv -f "$MOUNT/.$1.tmp" "$MOUNT/$1" &&
    cmp "wanted/$1" "$MOUNT/$1"
}

head -c 40000 /dev/urandom > wanted/secrets.kdbx
check save-by-rename save_by_rename secrets.kdbx
head -c 50000 /dev/urandom > wanted/secrets.kdbx
check save-by-rename-again save_by_rename secrets.kdbx

git_in() {
  HOME=$SCRATCH GIT_CONFIG_NOSYSTEM=1 timeout 60 git -c user.name=a -c user.email=a@example.org \
    -c safe.directory='*' -c init.defaultBranch=main -C "$@"
}

git_commits() {
  echo "$1" > "$MOUNT/project/file.txt" && git_in "$MOUNT/project" add -A &&
    git_in "$MOUNT/project" commit -qm "$1"
}

check git-init git_in "$MOUNT" init -q project
check git-commit git_commits one
check git-commit-again git_commits two
check git-whole git_in "$MOUNT/project" fsck --strict

# office OPTION...: LibreOffice with settings of its own.
office() {
  HOME=$SCRATCH TMPDIR=$SCRATCH timeout -k 5 30 soffice --headless --norestore \
    -env:UserInstallation="file://$SCRATCH/office" "$@" < /dev/null 2>&1
}

printf 'the first words\n' > wanted/letter.txt
check office-put cp wanted/letter.txt "$MOUNT/letter.txt"
check office-converts office --convert-to odt --outdir "$MOUNT" "$MOUNT/letter.txt"
check office-list listed "$MOUNT" 'letter.odt letter.txt project secrets.kdbx tree '

# The document is opened, changed and saved where it is; meanwhile the mount is looked at.
cat > office/user/basic/Standard/Module1.xba <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1"
    script:language="StarBasic">
Sub Change
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = &quot;Hidden&quot;
  hidden(0).Value = True
  where = ConvertToURL(Environ(&quot;DOCUMENT&quot;))
  document = StarDesktop.loadComponentFromURL(where, &quot;_blank&quot;, 0, hidden())
  document.Text.insertString(document.Text.End, Environ(&quot;WORDS&quot;), False)
  Shell(&quot;/bin/sh&quot;, 0, Environ(&quot;MEANWHILE&quot;), True)
  document.store()
  document.close(True)
End Sub
</script:module>
END
cat > meanwhile.sh <<END
ls -A "$MOUNT" > "$SCRATCH/while-open"
for turn in 1 2 3 4 5 6 7 8 9 10; do
  ls -A "$DISK" > "$SCRATCH/on-disk-while-open"
  grep -q lock "$SCRATCH/on-disk-while-open" && break
  sleep 0.2
done
END
LOCK_FILE='.~lock.letter.odt#'

# changes WORDS
changes() {
  DOCUMENT=$MOUNT/letter.odt WORDS=$1 MEANWHILE=$SCRATCH/meanwhile.sh \
    office macro:///Standard.Module1.Change
}

# holds FILE WORDS: the text of a document.
holds() {
  python3 -c 'import sys, zipfile
document = zipfile.ZipFile(sys.argv[1])
assert document.testzip() is None, "a part is broken"
text = document.read("content.xml").decode()
assert sys.argv[2] in text, text[-160:]' "$@"
}

check office-saves changes ' and the second'
check office-lock-file grep -qxF "$LOCK_FILE" while-open
check office-lock-file-on-disk grep -qxF "$LOCK_FILE" on-disk-while-open
check office-saved holds "$MOUNT/letter.odt" 'the first words and the second'
check office-saves-again changes ' and the third'
check office-pdf office --convert-to pdf --outdir "$MOUNT" "$MOUNT/letter.odt"
cp "$MOUNT/letter.odt" "$MOUNT/letter.pdf" wanted/ 2> missing.log

check unmount detach
check no-lock-left no_lock_left
check nothing-else-left listed "$DISK" 'letter.odt letter.pdf letter.txt project secrets.kdbx tree '
check rsync-on-disk same_on_disk tree tree
check rename-on-disk same_on_disk wanted/secrets.kdbx secrets.kdbx
check office-on-disk holds "$DISK/letter.odt" 'the first words and the second and the third'
check office-served served letter.odt letter.odt
check office-pdf-on-disk grep -qa '^%PDF-1' "$DISK/letter.pdf"
check git-clone git_in . clone -q "$DISK/project" cloned
check git-content grep -qx two cloned/file.txt
finish MOUNTED
