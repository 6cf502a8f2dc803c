#!/bin/bash
# cadaver (Debian; neon): one scripted session of the interactive client. 19 cases, about 1 s.
. "$(dirname "$0")/lib.sh"
need cadaver cadaver
cd "$SCRATCH" || give_up 'no scratch folder'
export HOME=$SCRATCH
[ -z "$LOGIN" ] || echo "default login $LOGIN password $PASSWORD" > .netrc

echo hello > a.txt
head -c 300000 /dev/urandom > b.bin
cat > commands <<END
mkcol $WORK
cd $WORK
put a.txt
put b.bin
mput a.txt b.bin
ls
copy a.txt c.txt
move c.txt d.txt
mkcol sub
copy sub sub2
get d.txt d.out
get b.bin b.out
cat a.txt
set namespace urn:suite
propset a.txt color blue
propget a.txt color
propnames a.txt
lock a.txt
discover a.txt
unlock a.txt
delete d.txt
rmcol sub
rmcol sub2
cd ..
rmcol $WORK
quit
END
timeout 40 cadaver "$BASE" < commands > output 2>&1

# said COMMAND ANSWER: the answer within three lines of the command's own line.
said() {
  grep -aE -A3 "$1" output | grep -aqE "$2"
}

check connect said 'dav:/' 'dav:'
check mkcol said "Creating .$WORK" succeeded
check put said 'Uploading a.txt' succeeded
check put-big grep -aqE 'Uploading b.bin' output
check ls grep -aE 'b\.bin +300000' output
check copy said 'Copying .*a.txt' succeeded
check move said 'Moving .*c.txt' succeeded
check copy-collection said 'Copying .*/sub' succeeded
check get cmp a.txt d.out
check get-big cmp b.bin b.out
check cat grep -aq '^hello' output
check propset said 'Setting property' succeeded
check propget grep -aqE 'Value of color is: ?.?blue' output
check propnames said 'Fetching property names' 'color|getetag|creationdate'
check lock said 'Locking .a.txt' succeeded
check discover said 'Discovering locks' 'token|scope|Lock'
check unlock said 'Unlocking .a.txt' succeeded
check delete said 'Deleting .d.txt' succeeded
check rmcol said "Deleting collection .$WORK" succeeded
[ -z "${SUITE_DEBUG:-}" ] || cat output
finish CADAVER
