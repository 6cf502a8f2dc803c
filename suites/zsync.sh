#!/bin/bash
# zsync (Debian): the parts of a file that have changed are fetched by ranges, several a request.
# 14 cases, about 3 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need zsync zsync
cd "$SCRATCH" || give_up 'no scratch folder'
unset http_proxy HTTP_PROXY
HOST=$(sed 's#^http://\([^:/]*\).*#\1#' <<< "$BASE")

# publish VERSION: a file with what zsync knows it by.
publish() {
  (cd "$1" && zsyncmake -u image.bin -o image.bin.zsync image.bin) > make.log 2>&1 &&
    put "$1/image.bin" "$WORK/image.bin" --fail &&
    put "$1/image.bin.zsync" "$WORK/image.bin.zsync" --fail
}

# fetch [OPTION...]: what the program says goes to `said`. It ends, and well.
fetch() {
  local status
  timeout 20 zsync ${LOGIN:+-A "$HOST=$LOGIN:$PASSWORD"} "$@" -o got.bin \
    "$BASE$WORK/image.bin.zsync" < /dev/null > said 2>&1
  status=$?
  tr '\r' '\n' < said | tail -n2 | tr '\n' ' '
  [ $status = 0 ]
}

# fetched_at_most BYTES: by its own account.
fetched_at_most() {
  local bytes
  bytes=$(grep -o 'fetched [0-9]*' said | grep -o '[0-9]*$')
  echo "fetched ${bytes:-nothing}"
  [ -n "$bytes" ] && [ "$bytes" -gt 0 ] && [ "$bytes" -le "$1" ]
}

# change FILE OFFSET...: other bytes at each.
change() {
  local file=$1 offset
  shift
  for offset in "$@"; do
    head -c 3000 /dev/urandom | dd of="$file" bs=4096 seek="$offset" oflag=seek_bytes \
      conv=notrunc status=none
  done
}

make_work
mkdir one two three
head -c 4000000 /dev/urandom > one/image.bin
cp one/image.bin two/
change two/image.bin 100000 1000000 2000000 3000000 3900000
{ cat two/image.bin; head -c 5000 /dev/urandom; } > three/image.bin
change three/image.bin 0 $(seq 50000 200000 3900000)

check publish publish one
check whole fetch
check whole-is-right cmp got.bin one/image.bin
mv got.bin mine.bin
check publish-again publish two
check some-ranges fetch -i mine.bin
check some-ranges-are-right cmp got.bin two/image.bin
check some-ranges-are-few-bytes fetched_at_most 100000
mv got.bin mine.bin
check publish-once-more publish three
check many-ranges fetch -i mine.bin
check many-ranges-are-right cmp got.bin three/image.bin
check many-ranges-are-few-bytes fetched_at_most 300000
mv got.bin mine.bin
check nothing-new fetch -i mine.bin
check nothing-new-is-right cmp got.bin three/image.bin

# Its reader takes two lines for the end of a part: there has to be one before the first.
boundary_on_a_line_of_its_own() {
  "${CURL[@]}" -o parts -w '%{http_code}' -r 10-19,2000000-2000009 "$BASE$WORK/image.bin" > status
  od -An -c -N 4 parts | tr -s ' '
  [ "$(cat status)" = 206 ] && [ "$(od -An -c -N 4 parts | tr -d ' ')" = '\r\n--' ]
}

check boundary-on-a-line-of-its-own boundary_on_a_line_of_its_own
finish ZSYNC
