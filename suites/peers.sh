#!/bin/bash
# Examines servers of others by `methodical check`, and then without it: what docs/peers.md shows.
#
#   suites/peers.sh METHODICAL [FOLDER [NAME...]]
#
# METHODICAL is the built command. NAME.txt and NAME.hand.txt are left in FOLDER for each server;
# without one they are printed. NAME limits it to some of them. What Debian, npm and Python have is
# installed where it is missing (npm packages are kept in SUITE_CACHE); dufs, miniserve and
# static-web-server are examined where they are on PATH or in SUITE_CACHE/cargo/bin, made by
#
#   cargo install --locked --root SUITE_CACHE/cargo dufs@VERSION miniserve@VERSION ...
#
# Nothing else stays behind. Ends with 1 if something that is published was not seen again by hand,
# with 3 if it cannot run.
set -u
[ $# -ge 1 ] || { echo "usage: $0 METHODICAL [FOLDER [NAME...]]" >&2; exit 2; }
METHODICAL=$1
REPORTS=${2:-}
ONLY=" ${*:3} "
HERE=$(cd "$(dirname "$0")" && pwd)
SUITE_CACHE=${SUITE_CACHE:-${TMPDIR:-/tmp}/suite-cache}
PATH=$PATH:/usr/sbin:/sbin:$SUITE_CACHE/cargo/bin
OTHERWISE=0
PEERS=$(mktemp -d "${TMPDIR:-/tmp}/peers.XXXXXX")
chmod 755 "$PEERS"
SERVER=

clean_up() {
  stop
  rm -rf --one-file-system "$PEERS"
}
trap clean_up EXIT

stop() {
  [ -z "$SERVER" ] || { kill "$SERVER" 2> /dev/null; wait "$SERVER" 2> /dev/null; }
  SERVER=
}

# need FILE PACKAGE...: installs the packages unless the file is there, as root or by sudo.
need() {
  [ ! -e "$1" ] || return
  local as_root=
  [ "$(id -u)" = 0 ] || as_root="sudo -n"
  {
    $as_root apt-get -o DPkg::Lock::Timeout=300 -qq update
    $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -o DPkg::Lock::Timeout=300 \
      install -y -qq --no-install-recommends "${@:2}"
  } > "$PEERS/apt.log" 2>&1
  [ -e "$1" ] || { echo "CANNOT RUN: no $1: $(tail -n1 "$PEERS/apt.log")"; exit 3; }
}

free_port() {
  python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# start NAME COMMAND...: runs a server at $port, examines it when it answers, and ends it.
start() {
  local name=$1
  shift
  env "$@" > "$PEERS/$name.out" 2>&1 &
  SERVER=$!
  for _ in $(seq 200); do
    curl -s -o "$PEERS/first" "http://127.0.0.1:$port/" && break
    sleep 0.05
  done
  local report=/dev/stdout hand=/dev/stdout
  [ -z "$REPORTS" ] || { report=$REPORTS/$name.txt; hand=$REPORTS/$name.hand.txt; }
  timeout "$CHECK_SECONDS" "$METHODICAL" check "http://127.0.0.1:$port/" --write --timeout 4 \
    > "$report" 2> "$PEERS/$name.err"
  case $? in
    0 | 1) ;;
    124) echo "CANNOT RUN: $name takes longer than $CHECK_SECONDS s"; exit 3 ;;
    *) cat "$PEERS/$name.err" "$PEERS/$name.out"; exit 3 ;;
  esac
  "$HERE/peers_by_hand.sh" "$name" "http://127.0.0.1:$port" > "$hand" 2>&1 || {
    echo "$name: not as published:"
    grep PUBLISHED "$hand" || tail -n3 "$hand"
    OTHERWISE=1
  }
  stop
}

# Seconds for one server: several times what the slowest takes.
CHECK_SECONDS=150

# folder NAME: one for it, with a file, a page and a folder in it; sets `root`, and a free `port`.
folder() {
  root=$PEERS/$1/root
  state=$PEERS/$1/state
  mkdir -p "$root/folder" "$state"
  printf '0123456789abcdefghijklmnopqrstuvwxyz' > "$root/file.txt"
  printf '<!doctype html><title>A page</title><p>Hello.' > "$root/page.html"
  printf 'a member' > "$root/folder/member.txt"
  # What was there before: validators by the second are at rest.
  find "$root" -exec touch -d '2 days ago' {} +
  chmod -R 777 "$root" "$state"
  port=$(free_port)
}

npm_package() { # npm_package NAME VERSION: sets `program`.
  local folder=$SUITE_CACHE/npm-peers-$1-$2
  program=$folder/node_modules/.bin/$1
  [ ! -x "$program" ] || return
  mkdir -p "$folder"
  echo '{"private":true}' > "$folder/package.json"
  (cd "$folder" && npm install --silent --no-audit --no-fund "$1@$2") > "$PEERS/npm.log" 2>&1
  [ -x "$program" ] || { echo "CANNOT RUN: no $1: $(tail -n1 "$PEERS/npm.log")"; exit 3; }
}

nginx() {
  need /usr/sbin/nginx nginx-extras
  need /usr/lib/nginx/modules/ngx_http_dav_ext_module.so libnginx-mod-http-dav-ext
  folder nginx
  cat > "$PEERS/nginx.conf" << END
load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
daemon off;
pid $PEERS/nginx/pid;
error_log $PEERS/nginx/error.log;
events {}
http {
  include /etc/nginx/mime.types;
  access_log off;
  client_body_temp_path $state;
  proxy_temp_path $state/proxy;
  fastcgi_temp_path $state/fastcgi;
  uwsgi_temp_path $state/uwsgi;
  scgi_temp_path $state/scgi;
  dav_ext_lock_zone zone=locks:1m;
  server {
    listen 127.0.0.1:$port;
    root $root;
    client_max_body_size 100m;
    location / {
      dav_methods PUT DELETE MKCOL COPY MOVE;
      dav_ext_methods PROPFIND OPTIONS LOCK UNLOCK;
      dav_ext_lock zone=locks;
      autoindex on;
    }
  }
}
END
  start nginx nginx -c "$PEERS/nginx.conf"
}

apache() {
  need /usr/sbin/apache2 apache2
  folder apache
  local modules=/usr/lib/apache2/modules
  cat > "$PEERS/apache.conf" << END
ServerRoot $PEERS/apache
ServerName localhost
Listen 127.0.0.1:$port
PidFile $PEERS/apache/pid
ErrorLog $PEERS/apache/error.log
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule mime_module $modules/mod_mime.so
LoadModule dir_module $modules/mod_dir.so
LoadModule autoindex_module $modules/mod_autoindex.so
LoadModule dav_module $modules/mod_dav.so
LoadModule dav_fs_module $modules/mod_dav_fs.so
TypesConfig /etc/mime.types
DavLockDB $state/lock
DocumentRoot $root
<Directory $root>
  Require all granted
  Options +Indexes
  Dav On
</Directory>
END
  start apache apache2 -f "$PEERS/apache.conf" -DFOREGROUND
}

lighttpd() {
  need /usr/sbin/lighttpd lighttpd
  need /usr/lib/lighttpd/mod_webdav.so lighttpd-mod-webdav
  folder lighttpd
  cat > "$PEERS/lighttpd.conf" << END
server.modules = ( "mod_webdav", "mod_dirlisting" )
server.document-root = "$root"
server.bind = "127.0.0.1"
server.port = $port
dir-listing.activate = "enable"
webdav.activate = "enable"
webdav.sqlite-db-name = "$state/db.sqlite"
mimetype.assign = (
  ".txt" => "text/plain", ".html" => "text/html", ".json" => "application/json",
  "" => "application/octet-stream"
)
END
  start lighttpd lighttpd -D -f "$PEERS/lighttpd.conf"
}

caddy() {
  need /usr/bin/caddy caddy
  folder caddy
  XDG_DATA_HOME=$state XDG_CONFIG_HOME=$state start caddy caddy file-server \
    --listen "127.0.0.1:$port" --root "$root" --browse
}

h2o() {
  need /usr/bin/h2o h2o
  folder h2o
  cat > "$PEERS/h2o.conf" << END
listen: {host: 127.0.0.1, port: $port}
num-threads: 2
pid-file: $state/pid
hosts:
  default:
    paths:
      "/":
        file.dir: $root
        file.dirlisting: ON
END
  start h2o h2o -c "$PEERS/h2o.conf"
}

rclone-http() {
  need /usr/bin/rclone rclone
  folder rclone-http
  start rclone-http rclone --config "$state/none" serve http --addr "127.0.0.1:$port" "$root"
}

rclone-webdav() {
  need /usr/bin/rclone rclone
  folder rclone-webdav
  start rclone-webdav rclone --config "$state/none" serve webdav --addr "127.0.0.1:$port" "$root"
}

python-http() {
  need /usr/bin/python3 python3
  folder python-http
  start python-http /usr/bin/python3 -m http.server --bind 127.0.0.1 --directory "$root" "$port"
}

http-server() {
  type -P npm > "$PEERS/where" || need /usr/bin/npm npm
  npm_package http-server 14.1.1
  folder http-server
  start http-server "$program" "$root" -a 127.0.0.1 -p "$port" -s
}

serve() {
  type -P npm > "$PEERS/where" || need /usr/bin/npm npm
  npm_package serve 14.2.7
  folder serve
  start serve "$program" -l "tcp://127.0.0.1:$port" --no-clipboard "$root"
}

dufs() {
  folder dufs
  start dufs dufs --bind 127.0.0.1 --port "$port" "$root"
}

miniserve() {
  folder miniserve
  start miniserve miniserve --interfaces 127.0.0.1 --port "$port" "$root"
}

static-web-server() {
  folder static-web-server
  start static-web-server static-web-server --host 127.0.0.1 --port "$port" --root "$root" \
    --directory-listing true --log-level error
}

# Those that install within seconds, and those that somebody must have built.
QUICK='nginx apache lighttpd caddy h2o rclone-http rclone-webdav python-http http-server serve'
BUILT='dufs miniserve static-web-server'

need /usr/bin/curl curl
need /usr/bin/python3 python3
[ -z "$REPORTS" ] || mkdir -p "$REPORTS"
for name in $QUICK $BUILT; do
  case $ONLY in
    '  ' | *" $name "*) ;;
    *) continue ;;
  esac
  case " $BUILT " in
    *" $name "*) type -P "$name" > "$PEERS/where" || { echo "NOT RUN: no $name"; continue; } ;;
  esac
  "$name"
done
exit $OTHERWISE
