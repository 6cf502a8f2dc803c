#!/bin/bash
# Examines nginx, apache and lighttpd of Debian by `methodical check`: the tables of docs/peers.md.
#
#   suites/peers.sh METHODICAL [FOLDER]
#
# METHODICAL is the built command. The reports are left in FOLDER, one a server; without one they
# are printed. Nothing else stays behind.
set -u
[ $# -ge 1 ] || { echo "usage: $0 METHODICAL [FOLDER]" >&2; exit 2; }
METHODICAL=$1
REPORTS=${2:-}
PEERS=$(mktemp -d "${TMPDIR:-/tmp}/peers.XXXXXX")
chmod 755 "$PEERS"
SERVERS=()

clean_up() {
  for server in "${SERVERS[@]}"; do kill "$server" 2> /dev/null; wait "$server" 2> /dev/null; done
  rm -rf --one-file-system "$PEERS"
}
trap clean_up EXIT

need() {
  command -v "$1" > /dev/null && return
  apt-get install -y -qq --no-install-recommends "${@:2}" > /dev/null 2>&1
  command -v "$1" > /dev/null || { echo "CANNOT RUN: $1 is not there"; exit 3; }
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
  local report=/dev/stdout
  [ -z "$REPORTS" ] || report=$REPORTS/$name.txt
  "$METHODICAL" check "http://127.0.0.1:$port/" --write > "$report" 2> "$PEERS/$name.err"
  case $? in
    0 | 1) ;;
    *) cat "$PEERS/$name.err"; exit 3 ;;
  esac
}

folder() {
  mkdir -p "$PEERS/$1/root" "$PEERS/$1/state"
  chmod 777 "$PEERS/$1/root" "$PEERS/$1/state"
}

need curl curl
need python3 python3
need nginx nginx-extras libnginx-mod-http-dav-ext
need apache2 apache2
need lighttpd lighttpd lighttpd-mod-webdav
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
