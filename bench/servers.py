"""How to start every server that the bench knows.

A Server has a name, a set of capabilities and a function that writes its
configuration into a work folder and returns the commands to run.  Every command
runs in a session of its own, so CPU time and memory are those of all processes
of that session, and stopping ends exactly what was started.
"""
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time

FILES = {"get", "put", "propfind", "dav"}
ALL = FILES | {"tls", "h2", "connect"}
CORES = os.cpu_count() or 2
TICK = os.sysconf("SC_CLK_TCK")
ROOT = pathlib.Path(__file__).resolve().parent.parent


class Context:
    """What a server is given: folders, ports, certificate, which capabilities are asked of it, and
    the port on this machine to which it may make tunnels."""

    def __init__(self, data, work, port, tls_port, cert, key, needs=FILES, origin=443):
        self.needs, self.origin = set(needs), origin
        self.dir, self.work = str(data), pathlib.Path(work)
        self.port, self.tls_port = port, tls_port
        self.cert, self.key = str(cert), str(key)
        self.work.mkdir(parents=True, exist_ok=True)

    def write(self, name, text):
        path = self.work / name
        path.write_text(text)
        return str(path)

    def fields(self):
        return dict(dir=self.dir, work=str(self.work), port=self.port,
                    tls_port=self.tls_port, cert=self.cert, key=self.key)


class Server:
    def __init__(self, name, caps, build, peer=True):
        self.name, self.caps, self.build, self.peer = name, set(caps), build, peer
        self.procs, self.ctx = [], None

    # ---- life ----------------------------------------------------------
    def start(self, ctx):
        self.ctx = ctx
        env = dict(os.environ, HOME=str(ctx.work), XDG_DATA_HOME=str(ctx.work),
                   XDG_CONFIG_HOME=str(ctx.work))
        log = open(ctx.work / "log", "ab")
        for argv in self.build(ctx):
            self.procs.append(subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                cwd=str(ctx.work), start_new_session=True))
        wait_port(ctx.port, self)
        if self.speaks_tls():
            wait_port(ctx.tls_port, self)

    def speaks_tls(self):
        return "tls" in self.caps and bool(self.ctx.needs & {"tls", "h2"})

    def stop(self):
        for p in self.procs:
            if p.poll() is None:
                p.terminate()
        for p in self.procs:
            try:
                p.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)  # a session this object made
                p.wait()
        self.procs = []

    # ---- accounting ----------------------------------------------------
    def pids(self):
        mine, found = {p.pid for p in self.procs}, []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    stat = open(f"/proc/{entry}/stat").read()
                except OSError:
                    continue
                if int(stat.rpartition(")")[2].split()[3]) in mine:
                    found.append(int(entry))
        return found

    def cpu(self):
        """CPU seconds used so far by all processes of this server."""
        ticks = 0
        for pid in self.pids():
            try:
                f = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += int(f[11]) + int(f[12]) + int(f[13]) + int(f[14])
        return ticks / TICK

    def memory(self):
        """(RSS sum, PSS sum) in KiB."""
        rss = pss = 0
        for pid in self.pids():
            try:
                text = open(f"/proc/{pid}/smaps_rollup").read()
            except OSError:
                continue
            rss += int(re.search(r"^Rss:\s+(\d+)", text, re.M)[1])
            pss += int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])
        return rss, pss

    def forget_peak(self):
        """Let `peak` count from now on."""
        for pid in self.pids():
            try:
                pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
            except OSError:
                continue

    def peak(self):
        """Sum of the highest RSS of all processes, in KiB."""
        total = 0
        for pid in self.pids():
            try:
                text = open(f"/proc/{pid}/status").read()
            except OSError:
                continue
            found = re.search(r"^VmHWM:\s+(\d+)", text, re.M)
            total += int(found[1]) if found else 0
        return total


def autogroup(pid, nice):
    """Linux weighs sessions, not processes, where autogroup scheduling is on."""
    try:
        with open(f"/proc/{pid}/autogroup", "w") as f:
            f.write(str(nice))
    except OSError:
        pass


def wait_port(port, server, limit=20):
    end = time.time() + limit
    while time.time() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            for p in server.procs:
                if p.poll() not in (None, 0):
                    raise RuntimeError(f"{server.name} ended with {p.returncode}; "
                                       f"see {server.ctx.work}/log")
            time.sleep(0.05)
    raise RuntimeError(f"{server.name} does not listen on {port}")


@functools.cache
def release():
    """Where cargo says that it builds releases."""
    asked = ["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"]
    try:
        said = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    return os.path.join(json.loads(said)["target_directory"], "release")


def find(program, *extra):
    """Path of a program: $BENCH_BIN, our own release build, PATH, the sbin folders."""
    path = os.pathsep.join([os.environ.get("BENCH_BIN", ""), release(), os.environ["PATH"],
                            "/usr/sbin", "/usr/local/sbin", *extra])
    return shutil.which(program, path=path)


# ---- peers -----------------------------------------------------------------
def nginx(c):
    info = subprocess.run([find("nginx"), "-V"], capture_output=True, text=True).stderr
    mods = re.search(r"--modules-path=(\S+)", info)[1]
    for name in ("body", "tmp"):
        (c.work / name).mkdir(exist_ok=True)
    body = pathlib.Path(c.dir).parent / "nginx-body"   # same file system as the data
    body.mkdir(exist_ok=True)
    conf = c.write("nginx.conf", f"""
load_module {mods}/ngx_http_dav_ext_module.so;
user root; worker_processes {CORES}; daemon off; pid {c.work}/nginx.pid;
worker_rlimit_nofile 16384; error_log {c.work}/error.log crit;
events {{ worker_connections 8192; }}
http {{
  sendfile on; tcp_nopush on; tcp_nodelay on; access_log off;
  open_file_cache max=20000 inactive=60s; open_file_cache_valid 30s;
  keepalive_requests 100000000; keepalive_timeout 75s;
  client_max_body_size 0; client_body_temp_path {body};
  proxy_temp_path {c.work}/tmp/p; fastcgi_temp_path {c.work}/tmp/f;
  uwsgi_temp_path {c.work}/tmp/u; scgi_temp_path {c.work}/tmp/s;
  dav_ext_lock_zone zone=locks:10m;
  ssl_session_cache shared:S:10m;
  server {{
    listen 127.0.0.1:{c.port} backlog=4096;
    listen 127.0.0.1:{c.tls_port} ssl http2 backlog=4096;
    ssl_certificate {c.cert}; ssl_certificate_key {c.key}; ssl_protocols TLSv1.2 TLSv1.3;
    root {c.dir};
    location / {{
      dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on;
      dav_ext_methods PROPFIND OPTIONS LOCK UNLOCK; dav_ext_lock zone=locks;
    }}
  }}
}}
""")
    return [[find("nginx"), "-c", conf, "-p", str(c.work), "-e", f"{c.work}/error.log"]]


APACHE_MODULES = os.environ.get("APACHE_MODULES", "/usr/lib/apache2/modules")


def apache_conf(c, modules, body):
    loads = "\n".join(f"LoadModule {m}_module {APACHE_MODULES}/mod_{m}.so" for m in modules)
    run = c.work / "run"
    run.mkdir(exist_ok=True)
    os.chmod(run, 0o777)
    return c.write("apache.conf", f"""
{loads}
ServerRoot {c.work}
PidFile {c.work}/apache.pid
DefaultRuntimeDir {run}
ErrorLog {c.work}/error.log
LogLevel crit
User www-data
Group www-data
ServerName localhost
StartServers {CORES}
ServerLimit 16
ThreadsPerChild 64
ThreadLimit 64
MaxRequestWorkers 1024
MinSpareThreads 64
MaxSpareThreads 1024
AsyncRequestWorkerFactor 8
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 75
EnableSendfile On
ListenBacklog 4096
{body}
""")


def apache(c):
    lock = c.work / "run"
    conf = apache_conf(c, ["mpm_event", "authn_core", "authz_core", "mime", "dir",
                           "dav", "dav_fs", "dav_lock", "ssl", "http2",
                           "socache_shmcb"], f"""
TypesConfig /etc/mime.types
Listen 127.0.0.1:{c.port}
Listen 127.0.0.1:{c.tls_port} https
DocumentRoot {c.dir}
DavLockDB {lock}/davlock
Protocols h2 http/1.1
SSLSessionCache shmcb:{lock}/ssl(512000)
<Directory {c.dir}>
  Options FollowSymLinks
  AllowOverride None
  Require all granted
  Dav On
</Directory>
<VirtualHost 127.0.0.1:{c.tls_port}>
  SSLEngine on
  SSLCertificateFile {c.cert}
  SSLCertificateKeyFile {c.key}
</VirtualHost>
""")
    return [[find("apache2"), "-f", conf, "-DFOREGROUND"]]


def apache_proxy(c):
    conf = apache_conf(c, ["mpm_event", "authn_core", "authz_core", "proxy",
                           "proxy_connect"], f"""
Listen 127.0.0.1:{c.port}
ProxyRequests On
AllowCONNECT 1-65535
<Proxy *>
  Require all granted
</Proxy>
""")
    return [[find("apache2"), "-f", conf, "-DFOREGROUND"]]


def lighttpd(c):
    (c.work / "tmp").mkdir(exist_ok=True)
    tmp = pathlib.Path(c.dir).parent / "lighttpd-tmp"
    tmp.mkdir(exist_ok=True)
    conf = c.write("lighttpd.conf", f"""
server.modules = ("mod_webdav", "mod_openssl")
server.document-root = "{c.dir}"
server.bind = "127.0.0.1"
server.port = {c.port}
server.max-worker = {CORES}
server.max-fds = 16384
server.max-connections = 8192
server.max-keep-alive-requests = 100000000
server.max-keep-alive-idle = 75
server.listen-backlog = 4096
server.upload-dirs = ("{tmp}")
server.errorlog = "{c.work}/error.log"
mimetype.assign = (".txt" => "text/plain", ".html" => "text/html",
                   "" => "application/octet-stream")
webdav.activate = "enable"
webdav.sqlite-db-name = "{c.work}/webdav.db"
$SERVER["socket"] == "127.0.0.1:{c.tls_port}" {{
  ssl.engine = "enable"
  ssl.pemfile = "{c.cert}"
  ssl.privkey = "{c.key}"
}}
""")
    return [[find("lighttpd"), "-D", "-f", conf]]


def caddy(c):
    conf = c.write("Caddyfile", f"""
{{
  admin off
  auto_https off
  log {{
    level ERROR
  }}
}}
http://127.0.0.1:{c.port} {{
  root * {c.dir}
  file_server
}}
https://127.0.0.1:{c.tls_port} {{
  root * {c.dir}
  file_server
  tls {c.cert} {c.key}
}}
""")
    return [[find("caddy"), "run", "--config", conf, "--adapter", "caddyfile"]]


def h2o(c):
    conf = c.write("h2o.conf", f"""
num-threads: {CORES}
user: root
max-connections: 8192
http1-request-timeout: 75
pid-file: {c.work}/h2o.pid
error-log: {c.work}/error.log
hosts:
  default:
    listen:
      host: 127.0.0.1
      port: {c.port}
    listen:
      host: 127.0.0.1
      port: {c.tls_port}
      ssl:
        certificate-file: {c.cert}
        key-file: {c.key}
    paths:
      "/":
        file.dir: {c.dir}
""")
    return [[find("h2o"), "-c", conf]]


def sws(c):
    base = [find("static-web-server"), "--host", "127.0.0.1", "--root", c.dir,
            "--log-level", "error"]
    return [base + ["--port", str(c.port)],
            base + ["--port", str(c.tls_port), "--http2", "true",
                    "--http2-tls-cert", c.cert, "--http2-tls-key", c.key]]


def dufs(c):
    base = [find("dufs"), "-A", c.dir, "-b", "127.0.0.1", "--log-format", ""]
    return [base + ["-p", str(c.port)],
            base + ["-p", str(c.tls_port), "--tls-cert", c.cert, "--tls-key", c.key]]


def miniserve(c):
    base = [find("miniserve"), "-i", "127.0.0.1", "--enable-webdav"]
    return [base + ["-p", str(c.port), c.dir],
            base + ["-p", str(c.tls_port), "--tls-cert", c.cert, "--tls-key", c.key, c.dir]]


def rclone(c):
    base = [find("rclone"), "serve", "webdav", c.dir, "--log-level", "ERROR",
            "--config", str(c.work / "rclone.conf")]
    return [base + ["--addr", f"127.0.0.1:{c.port}"],
            base + ["--addr", f"127.0.0.1:{c.tls_port}", "--cert", c.cert, "--key", c.key]]


def squid(c):
    os.chmod(c.work, 0o777)
    conf = c.write("squid.conf", f"""
http_port 127.0.0.1:{c.port}
http_access allow all
cache deny all
access_log none
cache_log {c.work}/cache.log
pid_filename {c.work}/squid.pid
coredump_dir {c.work}
shutdown_lifetime 0 seconds
max_filedescriptors 16384
""")
    return [[find("squid"), "-N", "-f", conf]]


def tinyproxy(c):
    os.chmod(c.work, 0o777)
    conf = c.write("tinyproxy.conf", f"""
Port {c.port}
Listen 127.0.0.1
Timeout 60
MaxClients 4000
Allow 127.0.0.1
LogLevel Critical
LogFile "{c.work}/tinyproxy.log"
PidFile "{c.work}/tinyproxy.pid"
""")
    return [[find("tinyproxy"), "-d", "-c", conf]]


def methodical(c):
    return ours(c, find("methodical"))


def before(c):
    """The same as it was at another commit."""
    return ours(c, os.environ["BENCH_BEFORE"])


def ours(c, program):
    """As the peers are set up here: nothing is synced (none of them does), no access log. TLS takes
    all addresses of a process, so there are two where it is asked for; the second only reads."""
    addresses = ["--bind", f"127.0.0.1:{c.port}", c.dir]
    common = [program, "serve", "--log-format", "off"]
    if "connect" in c.needs:
        rules = f"""
[[connect]]
ports = [{c.origin}]
users = ["anyone"]
addresses = ["127.0.0.0/8"]
"""
        addresses = ["--config", c.write("methodical.toml", rules)] + addresses
    processes = [common + ["--write", "--durability", "relaxed"] + addresses]
    if c.needs & {"tls", "h2"}:
        processes.append(common + ["--tls-cert", c.cert, "--tls-key", c.key,
                                   "--bind", f"127.0.0.1:{c.tls_port}", c.dir])
    return processes



# name: (capabilities, builder, program that must exist)
KNOWN = {
    "nginx":      ({"get", "put", "propfind", "dav", "tls", "h2"}, nginx, "nginx"),
    "apache":     ({"get", "put", "propfind", "dav", "tls", "h2"}, apache, "apache2"),
    "lighttpd":   ({"get", "put", "propfind", "tls", "h2"}, lighttpd, "lighttpd"),
    "caddy":      ({"get", "tls", "h2"}, caddy, "caddy"),
    "h2o":        ({"get", "tls", "h2"}, h2o, "h2o"),
    "sws":        ({"get", "tls", "h2"}, sws, "static-web-server"),
    "dufs":       ({"get", "put", "propfind", "tls"}, dufs, "dufs"),
    "miniserve":  ({"get", "propfind", "tls", "h2"}, miniserve, "miniserve"),
    "rclone":     ({"get", "put", "propfind", "tls", "h2"}, rclone, "rclone"),
    "squid":      ({"connect"}, squid, "squid"),
    "tinyproxy":  ({"connect"}, tinyproxy, "tinyproxy"),
    "apache-proxy": ({"connect"}, apache_proxy, "apache2"),
    "methodical": (ALL, methodical, "methodical"),
    "before":     (ALL, before, os.environ.get("BENCH_BEFORE", "")),
}


def known(name):
    caps, build, program = KNOWN[name]
    peer = name not in ("methodical", "before")
    return Server(name, caps, build, peer=peer) if find(program) else None


def from_template(name, template, caps=None):
    """A server from command templates, one per process, split at ' ;; '.

    Fields: {dir} {work} {port} {tls_port} {cert} {key}.
    """
    def build(c):
        return [shlex.split(part.format(**c.fields())) for part in template.split(" ;; ")]
    if caps is None:
        caps = ALL if "{tls_port}" in template else ALL - {"tls", "h2"}
    return Server(name, caps, build, peer=False)
