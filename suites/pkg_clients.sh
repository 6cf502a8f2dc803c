#!/bin/bash
# Package managers and downloaders that read a plain folder which PUT has filled: apt, pip, npm,
# cargo (sparse index), wget2, curl, git (dumb). 18 cases, about 3 s.
. "$(dirname "$0")/lib.sh"
need curl curl
need wget2 wget2
need dpkg-deb dpkg
need git git
need npm npm
need python3 python3
python3 -m pip --version > /dev/null 2>&1 || install python3-pip
command -v cargo > /dev/null 2>&1 || give_up 'cargo is missing'

CARGO_TOOLCHAINS=${RUSTUP_HOME:-$HOME/.rustup}
cd "$SCRATCH" || give_up 'no scratch folder'
export HOME=$SCRATCH
make_work
FOLDER=$BASE$WORK
FOLDER_WITH_LOGIN=$BASE_WITH_LOGIN$WORK

# upload NAME: the local folder NAME with all that is in it.
upload() {
  make_collection "$WORK/$1"
  put_tree "$1" "$WORK/$1"
}

### apt: a flat repository of one package ###

mkdir -p deb/p/DEBIAN apt
cat > deb/p/DEBIAN/control <<END
Package: suite-probe
Version: 1
Architecture: all
Maintainer: a <a@b>
Description: x
END
dpkg-deb -b deb/p apt/suite-probe_1_all.deb > /dev/null 2>&1
(
  cd apt || exit
  {
    cat ../deb/p/DEBIAN/control
    echo 'Filename: ./suite-probe_1_all.deb'
    echo "Size: $(stat -c %s suite-probe_1_all.deb)"
    echo "SHA256: $(sha256sum suite-probe_1_all.deb | cut -d' ' -f1)"
    echo
  } > Packages
  gzip -k Packages
  {
    echo "Date: $(date -Ru)"
    echo 'SHA256:'
    for index in Packages Packages.gz; do
      echo " $(sha256sum $index | cut -d' ' -f1) $(stat -c %s $index) $index"
    done
  } > Release
)
upload apt
mkdir -p state/lists/partial state/cache/archives/partial
echo "deb [trusted=yes] $FOLDER_WITH_LOGIN/apt ./" > state/sources.list
APT=(apt-get -o "Dir::Etc::SourceList=$SCRATCH/state/sources.list" -o Dir::Etc::SourceParts=/none
  -o "Dir::State::Lists=$SCRATCH/state/lists" -o "Dir::Cache=$SCRATCH/state/cache"
  -o APT::Sandbox::User=root -o Acquire::Languages=none)

apt_update() {
  "${APT[@]}" update > apt.out 2>&1
  cat apt.out
  ! grep -qE '^(E|W|Err)' apt.out && ls state/lists | grep -q Packages
}

apt_update_again() {
  "${APT[@]}" update 2>&1 | grep -q 'Hit:'
}

apt_download() {
  "${APT[@]}" download suite-probe && cmp suite-probe_1_all.deb apt/suite-probe_1_all.deb
}

check apt-update apt_update
check apt-update-again-304 apt_update_again
check apt-download apt_download

### pip: a wheel, found in the server's own listing and in an index.html ###

WHEEL=suite_probe-1.0-py3-none-any.whl
mkdir -p wheel/suite_probe wheel/suite_probe-1.0.dist-info whl/simple/suite-probe
(
  cd wheel || exit
  info=suite_probe-1.0.dist-info
  echo 'x=1' > suite_probe/__init__.py
  printf 'Metadata-Version: 2.1\nName: suite-probe\nVersion: 1.0\n' > $info/METADATA
  printf 'Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n' \
    > $info/WHEEL
  for file in suite_probe/__init__.py $info/METADATA $info/WHEEL $info/RECORD; do
    echo "$file,,"
  done > $info/RECORD
  python3 -m zipfile -c ../whl/simple/suite-probe/$WHEEL suite_probe $info
)
upload whl
PIP=(python3 -m pip download -q --disable-pip-version-check --trusted-host 127.0.0.1)
check pip-find-links-listing "${PIP[@]}" --no-index \
  --find-links "$FOLDER_WITH_LOGIN/whl/simple/suite-probe/" -d p1 suite-probe
echo "<!doctype html><a href=\"$WHEEL\">$WHEEL</a>" > index.html
put index.html "$WORK/whl/simple/suite-probe/index.html" -H 'Content-Type: text/html'
check pip-index-html "${PIP[@]}" --no-cache-dir \
  --index-url "$FOLDER_WITH_LOGIN/whl/simple/" -d p2 suite-probe

### npm: a tarball by its URL ###

mkdir -p npm/package t installed
echo '{"name":"suite-probe","version":"1.0.0"}' > npm/package/package.json
tar czf t/sp.tgz -C npm package
upload t
echo '{}' > installed/package.json

npm_tarball() {
  (cd installed && npm install --silent --no-audit --no-fund "$FOLDER_WITH_LOGIN/t/sp.tgz") &&
    test -f installed/node_modules/suite-probe/package.json
}
check npm-tarball npm_tarball

### wget2 and curl: recursion, time stamps, resumption, conditions, ranges, uploads ###

mkdir -p s/d
head -c 900000 /dev/urandom > s/big
echo a > s/d/a.txt
upload s
BIG=$FOLDER/s/big
WGET=(wget2 ${LOGIN:+"--user=$LOGIN" "--password=$PASSWORD"})

wget2_recursive() {
  "${WGET[@]}" -q -r -np -nH --cut-dirs=9 -P w1 "$FOLDER/s/"
  find w1 -name a.txt | grep -q .
}

wget2_timestamping() {
  "${WGET[@]}" -P w2 "$BIG" > /dev/null 2>&1
  "${WGET[@]}" -N -P w2 "$BIG" 2>&1 | grep -q 304 && cmp w2/big s/big
}

wget2_continue() {
  mkdir w3
  head -c 400000 s/big > w3/big
  "${WGET[@]}" -q -c -P w3 "$BIG"
  cmp w3/big s/big
}

curl_resume() {
  head -c 100 s/big > resumed
  "${CURL[@]}" -f -C - -o resumed "$BIG" && cmp resumed s/big
}

# is_304 CURL-ARGUMENT...
is_304() {
  [ "$("${CURL[@]}" "$@" -o unchanged -w '%{http_code}' "$BIG")" = 304 ]
}

curl_etag() {
  "${CURL[@]}" -f --etag-save etag -o x "$BIG" && [ -s etag ] && is_304 --etag-compare etag
}

curl_time_condition() {
  "${CURL[@]}" -f -R -o dated "$BIG" && is_304 -z dated
}

curl_several_ranges() {
  "${CURL[@]}" -f -r 0-1,5-6 "$BIG" | grep -aiq 'content-range: bytes 5-6'
}

curl_upload_chunked() {
  "${CURL[@]}" -f -T - "$FOLDER/s/ch" < s/big && "${CURL[@]}" "$FOLDER/s/ch" | cmp - s/big
}

curl_head() {
  "${CURL[@]}" -fI "$BIG" | grep -qi 'content-length: 900000'
}

check wget2-recursive-listing wget2_recursive
check wget2-timestamping wget2_timestamping
check wget2-continue wget2_continue
check curl-resume curl_resume
check curl-etag-304 curl_etag
check curl-time-cond curl_time_condition
check curl-range-multi curl_several_ranges
check curl-upload-expect100 "${CURL[@]}" -f -H 'Expect: 100-continue' -T s/big "$FOLDER/s/up"
check curl-upload-chunked curl_upload_chunked
check curl-head curl_head

### git: a clone without any program on the server's side ###

git init -q -b main work
(
  cd work || exit
  echo 1 > f
  git add f
  git -c user.email=a@b -c user.name=n commit -qm x
  git update-server-info
  rm -rf .git/hooks
  cp -r .git ../g.git
)
upload g.git
check git-dumb-clone git clone -q "$FOLDER_WITH_LOGIN/g.git" cloned

### cargo: a sparse registry of one crate ###

mkdir -p ci/index/su/it ci/dl crate/suite-probe-1.0.0/src consumer/src consumer/.cargo
printf '[package]\nname="suite-probe"\nversion="1.0.0"\nedition="2021"\n' \
  > crate/suite-probe-1.0.0/Cargo.toml
: > crate/suite-probe-1.0.0/src/lib.rs
tar czf ci/dl/suite-probe-1.0.0.crate -C crate suite-probe-1.0.0
checksum=$(sha256sum ci/dl/suite-probe-1.0.0.crate | cut -d' ' -f1)
echo "{\"dl\":\"$FOLDER_WITH_LOGIN/ci/dl/{crate}-{version}.crate\"}" > ci/index/config.json
cat > ci/index/su/it/suite-probe <<END
{"name":"suite-probe","vers":"1.0.0","deps":[],"cksum":"$checksum","features":{},"yanked":false}
END
upload ci
: > consumer/src/lib.rs
cat > consumer/Cargo.toml <<END
[package]
name = "consumer"
version = "0.1.0"
edition = "2021"
[dependencies]
suite-probe = { version = "1", registry = "suite" }
END
printf '[registries.suite]\nindex="sparse+%s"\n' "$FOLDER_WITH_LOGIN/ci/index/" \
  > consumer/.cargo/config.toml

cargo_fetch() (
  cd consumer || exit
  CARGO_HOME=$SCRATCH/cargo RUSTUP_HOME=$CARGO_TOOLCHAINS timeout 40 cargo fetch -q
)
[ -n "$LOGIN" ] || check cargo-sparse-fetch cargo_fetch     # cargo takes no login from a URL
finish PKG_CLIENTS
