# Sourced by every runner: `NAME.sh BASE_URL [USER PASSWORD]`.
#
# BASE_URL is a writable, empty folder of a running server. The last line is
# `NAME passed/total`, with one `FAIL case: why` line above it for each case that did not pass.
#
#   SUITE_CACHE    where Python environments and npm packages are kept between runs
#   SUITE_FOLDER   the folder of the disk that BASE_URL shows, for servers without MKCOL
#   SUITE_BINARY   our program, for runners that start servers with flags of their own
#   SUITE_DEBUG    when set, runners print what the client under test said
set -u
if [ $# -lt 1 ]; then
  echo "usage: $0 BASE_URL [USER PASSWORD]" >&2
  exit 2
fi

BASE=${1%/}/
LOGIN=${2:-}
PASSWORD=${3:-}
HERE=$(cd "$(dirname "$0")" && pwd)
TMPDIR=${TMPDIR:-/tmp}
SUITE_CACHE=${SUITE_CACHE:-$TMPDIR/suite-cache}
mkdir -p "$SUITE_CACHE"

# The same folder with the login inside the URL, for clients that take it only there.
BASE_WITH_LOGIN=$BASE
[ -z "$LOGIN" ] || BASE_WITH_LOGIN=${BASE/:\/\//:\/\/$LOGIN:$PASSWORD@}

CURL=(curl -s -m 20 ${LOGIN:+-u "$LOGIN:$PASSWORD"})
WORK=s$$          # the collection below BASE that this run makes and removes
PASSED=0
TOTAL=0
SCRATCH=$(mktemp -d "$TMPDIR/suite.XXXXXX")
SCRATCH_OUTPUT=$SCRATCH/.output
REMOVE_WORK=      # set by `make_work`

# The path of our program: the one that we were given, else the release build where cargo says that
# it builds, else the one that is installed.
built() {
  local folder
  if [ -n "${SUITE_BINARY:-}" ]; then
    [ ! -x "$SUITE_BINARY" ] || { echo "$SUITE_BINARY"; return; }
    return 1
  fi
  folder=$(cargo metadata --no-deps --offline --format-version 1 \
    --manifest-path "$HERE/../Cargo.toml" 2> /dev/null |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
  [ ! -x "$folder/release/methodical" ] || { echo "$folder/release/methodical"; return; }
  command -v methodical
}

clean_up() {
  [ -z "$REMOVE_WORK" ] || remove_collection "$WORK" > /dev/null 2>&1
  rm -rf --one-file-system "$SCRATCH"
}
trap clean_up EXIT

# check CASE COMMAND...: one case, passed when the command succeeds.
check() {
  local name=$1
  shift
  TOTAL=$((TOTAL + 1))
  if "$@" > "$SCRATCH_OUTPUT" 2>&1; then
    PASSED=$((PASSED + 1))
  else
    echo "FAIL $name: $(tail -n1 "$SCRATCH_OUTPUT" | cut -c1-160)"
  fi
}

finish() {
  echo "$1 $PASSED/$TOTAL"
}

# A runner that cannot run says why instead of a score.
give_up() {
  echo "CANNOT RUN: $*"
  exit 3
}

# A runner that this machine does not let run, whatever was installed, says why.
do_not_run() {
  echo "NOT RUN: $*"
  exit 4
}

# install PACKAGE...: Debian packages, as root or by sudo. The lists of packages are fetched only
# where those that the machine has do not lead to them.
install() {
  local as_root= try
  [ "$(id -u)" = 0 ] || as_root="sudo -n"
  for try in as-it-is with-new-lists; do
    [ $try = as-it-is ] || $as_root apt-get -o DPkg::Lock::Timeout=300 -qq update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
      install -y -qq --no-install-recommends "$@" && return
  done > "$SCRATCH/apt.log" 2>&1
  give_up "apt-get install $* failed: $(tail -n1 "$SCRATCH/apt.log")"
}

# need PROGRAM PACKAGE...: installs the packages unless the program is there.
need() {
  local program=$1
  shift
  command -v "$program" > /dev/null 2>&1 || install "$@"
}

# python_environment NAME PACKAGE...: sets PYTHON_BIN to the programs of a virtual environment.
python_environment() {
  local folder=$SUITE_CACHE/python-$1
  shift
  need python3 python3
  PYTHON_BIN=$folder/bin
  if [ ! -f "$folder/complete" ]; then
    # Debian parts ensurepip from python3.
    python3 -c 'import ensurepip' 2> /dev/null || install python3-venv
    python3 -m venv --clear "$folder" > "$SCRATCH/venv.log" 2>&1 ||
      give_up "python3 -m venv failed: $(tail -n1 "$SCRATCH/venv.log")"
    "$PYTHON_BIN/python" -m pip install -q --disable-pip-version-check "$@" \
      > "$SCRATCH/pip.log" 2>&1 ||
      give_up "pip install $* failed: $(tail -n1 "$SCRATCH/pip.log")"
    touch "$folder/complete"
  fi
}

# npm_packages NAME PACKAGE...: sets NPM_MODULES to a node_modules folder that holds them.
npm_packages() {
  local folder=$SUITE_CACHE/npm-$1
  shift
  need npm npm
  NPM_MODULES=$folder/node_modules
  if [ ! -f "$folder/complete" ]; then
    mkdir -p "$folder"
    echo '{"type":"module","private":true}' > "$folder/package.json"
    (cd "$folder" && npm install --silent --no-audit --no-fund "$@") \
      > "$SCRATCH/npm.log" 2>&1 ||
      give_up "npm install $* failed: $(tail -n1 "$SCRATCH/npm.log")"
    touch "$folder/complete"
  fi
}

# make_collection PATH: by MKCOL, or on the disk where the server has no MKCOL.
make_collection() {
  local status
  status=$("${CURL[@]}" -o /dev/null -w '%{http_code}' -X MKCOL "$BASE$1/")
  [ "$status" = 201 ] && return
  [ -z "${SUITE_FOLDER:-}" ] || mkdir -p "$SUITE_FOLDER/$1"
}

remove_collection() {
  "${CURL[@]}" -o /dev/null -X DELETE "$BASE$1/"
}

# The collection of this run; removed at the end.
make_work() {
  REMOVE_WORK=yes
  make_collection "$WORK"
}

# put FILE PATH [CURL OPTION...]
put() {
  local file=$1 path=$2
  shift 2
  "${CURL[@]}" -o /dev/null "$@" -T "$file" "$BASE$path"
}

# put_tree FOLDER PATH: every folder and file below FOLDER, hidden ones too.
put_tree() {
  local name
  (
    cd "$1" || exit
    find . -mindepth 1 -type d -printf '%P\n' | sort | while read -r name; do
      make_collection "$2/$name"
    done
    find . -type f -printf '%P\n' | while read -r name; do
      put "$name" "$2/$name"
    done
  )
}
