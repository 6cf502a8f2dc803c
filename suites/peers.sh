#!/bin/bash
# Examines nginx, apache and lighttpd of Debian by `methodical check`, and then without it: what
# docs/peers.md shows.
#
#   suites/peers.sh METHODICAL [FOLDER]
#
# METHODICAL is the built command. NAME.txt and NAME.hand.txt are left in FOLDER for each server;
# without one they are printed. Nothing else stays behind. Ends with 1 if something that is
# published was not seen again by hand, with 3 if it cannot run.
set -u
[ $# -ge 1 ] || { echo "usage: $0 METHODICAL [FOLDER]" >&2; exit 2; }
METHODICAL=$1
REPORTS=${2:-}
HERE=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin:/sbin
OTHERWISE=0
PEERS=$(mktemp -d "${TMPDIR:-/tmp}/peers.XXXXXX")
chmod 755 "$PEERS"
SERVERS=()

clean_up() {
  for server in "${SERVERS[@]}"; do kill "$server" 2> /dev/null; wait "$server" 2> /dev/null; done
  rm -rf --one-file-system "$PEERS"
}
trap clean_up EXIT

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

# start NAME PORT COMMAND...: runs a server until the end, and waits until it answers.
start() {
  local name=$1 port=$2
  shift 2
  "$@" > "$PEERS/$name.out" 2>&1 &
  SERVERS+=($!)
  for _ in $(seq 100); do
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
}

# Seconds for one server: several times what the slowest takes.
CHECK_SECONDS=150

folder() {
  mkdir -p "$PEERS/$1/root" "$PEERS/$1/state"
  chmod 777 "$PEERS/$1/root" "$PEERS/$1/state"
}

need /usr/bin/curl curl
need /usr/bin/python3 python3
need /usr/sbin/nginx nginx-extras
need /usr/lib/nginx/modules/ngx_http_dav_ext_module.so libnginx-mod-http-dav-ext
need /usr/sbin/apache2 apache2
need /usr/sbin/lighttpd lighttpd
need /usr/lib/lighttpd/mod_webdav.so lighttpd-mod-webdav
[ -z "$REPORTS" ] || mkdir -p "$REPORTS"

folder nginx
port=$(free_port)
cat > "$PEERS/nginx.conf" << END
load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
daemon off;
pid $PEERS/nginx/pid;
error_log $PEERS/nginx/error.log;
events {}
http {
  include /etc/nginx/mime.types;
  access_log off;
  client_body_temp_path $PEERS/nginx/state;
  proxy_temp_path $PEERS/nginx/state/proxy;
  fastcgi_temp_path $PEERS/nginx/state/fastcgi;
  uwsgi_temp_path $PEERS/nginx/state/uwsgi;
  scgi_temp_path $PEERS/nginx/state/scgi;
  dav_ext_lock_zone zone=locks:1m;
  server {
    listen 127.0.0.1:$port;
    root $PEERS/nginx/root;
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
start nginx "$port" nginx -c "$PEERS/nginx.conf"

folder apache
port=$(free_port)
modules=/usr/lib/apache2/modules
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
DavLockDB $PEERS/apache/state/lock
DocumentRoot $PEERS/apache/root
<Directory $PEERS/apache/root>
  Require all granted
  Options +Indexes
  Dav On
</Directory>
END
start apache "$port" apache2 -f "$PEERS/apache.conf" -DFOREGROUND

folder lighttpd
port=$(free_port)
cat > "$PEERS/lighttpd.conf" << END
server.modules = ( "mod_webdav", "mod_dirlisting" )
server.document-root = "$PEERS/lighttpd/root"
server.bind = "127.0.0.1"
server.port = $port
dir-listing.activate = "enable"
webdav.activate = "enable"
webdav.sqlite-db-name = "$PEERS/lighttpd/state/db.sqlite"
mimetype.assign = (
  ".txt" => "text/plain", ".html" => "text/html", ".json" => "application/json",
  "" => "application/octet-stream"
)
END
start lighttpd "$port" lighttpd -D -f "$PEERS/lighttpd.conf"
exit $OTHERWISE
