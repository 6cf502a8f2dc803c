//! The table of settings: one row is a flag, a key of the configuration file, an environment
//! variable, an entry of the help and a line of `config print`.

pub(crate) mod access;
pub(crate) mod acme;
pub(crate) mod address;
pub(crate) mod applies;
pub(crate) mod args;
pub(crate) mod caching;
pub(crate) mod certificate;
pub(crate) mod choices;
pub(crate) mod clause;
pub(crate) mod config;
pub(crate) mod draft;
pub(crate) mod effective;
pub(crate) mod file;
pub(crate) mod kind;
pub(crate) mod origins;
pub(crate) mod place;
pub(crate) mod setting;
pub(crate) mod suggestions;
pub(crate) mod tables;
pub(crate) mod tips;
pub(crate) mod tunnels;

use self::{
    applies::{changes_tls, writes_anew},
    kind::Kind,
    setting::{Setting, row},
};

/// Every setting, in the order of the help.
pub(crate) const SETTINGS: &[Setting] = &[
    row(WHERE, DIR, Kind::Folder, "Folder to serve; the current one if started on a terminal")
        .at_restart(),
    row(
        WHERE,
        "bind",
        Kind::List { name: "ADDRESS", of: |d| &mut d.bind, check: address::check_bind },
        "Listen on ADDRESS[:PORT] (IPv6 in brackets) or on a socket, unix:PATH; repeatable",
    )
    .short('b')
    .at_restart(),
    row(
        WHERE,
        "unix-mode",
        Kind::Text { name: "MODE", of: |d| &mut d.unix_mode, check: address::check_unix_mode },
        "Mode of the sockets unix:PATH, as 0660 for a proxy of the same group; who may write to \
         one may connect, and counts as this machine itself",
    )
    .at_restart(),
    row(
        WHERE,
        "base-path",
        Kind::Text { name: "PATH", of: |d| &mut d.base_path, check: draft::check_base_path },
        "Path under which clients find the folder, as behind a proxy that passes on /files/",
    ),
    row(
        WHERE,
        "trusted-proxy",
        Kind::List { name: "NETWORK", of: |d| &mut d.trusted_proxy, check: address::check_proxy },
        "Believe Forwarded and X-Forwarded-* of this address or network, or of unix; repeatable",
    ),
    row(
        WHERE,
        "proxy-protocol",
        Kind::Switch(|d| &mut d.settings.proxy_protocol),
        "Expect the PROXY protocol's header, version 1 or 2, first of each trusted proxy",
    ),
    row(
        WHERE,
        "h2c-upgrade",
        Kind::Switch(|d| &mut d.settings.h2c_upgrade),
        "Let old clients change to HTTP/2 by Upgrade: h2c; behind a proxy that would lead past it",
    ),
    row(WHERE, "port", Kind::Port, "Port of each address that names none; 0 picks a free one")
        .short('p')
        .at_restart(),
    row(
        WHERE,
        "qr",
        Kind::Switch(|d| &mut d.qr),
        "Show the address as a QR code, the first that others can reach if there is one",
    )
    .at_restart(),
    row(
        WHERE,
        "admin",
        Kind::Text { name: "ADDRESS", of: |d| &mut d.admin, check: address::check_admin },
        "Tell metrics to whoever asks at ADDRESS:PORT, as 127.0.0.1:9100, or at unix:PATH",
    )
    .at_restart(),
    row(
        WHERE,
        "host",
        Kind::List { name: "NAME", of: |d| &mut d.host, check: origins::check_host },
        "Answer for this name, besides localhost and addresses; * is any; repeatable",
    ),
    row(
        TLS,
        "tls-cert",
        Kind::List { name: "FILE", of: |d| &mut d.tls.cert, check: certificate::check_file },
        "Speak TLS on all TCP addresses, with the certificates in this PEM file, the server's own \
         first; repeatable: names choose; read again when it changes",
    )
    .unless(changes_tls),
    row(
        TLS,
        "tls-key",
        Kind::List { name: "FILE", of: |d| &mut d.tls.key, check: certificate::check_file },
        "Private key (PEM, no passphrase) of the certificate; repeatable, in the same order",
    )
    .unless(changes_tls),
    row(
        TLS,
        "tls",
        Kind::Choice(choices::TLS),
        "Speak TLS if --tls-cert or --acme is said (auto), or with a certificate made here for \
         development, kept in $STATE_DIRECTORY or $XDG_STATE_HOME/methodical (self-signed)",
    )
    .unless(changes_tls),
    row(
        TLS,
        "acme",
        Kind::List { name: "DOMAIN", of: |d| &mut d.tls.acme.names, check: acme::check_name },
        "Speak TLS with a certificate for this name, ordered from Let's Encrypt, to whose terms \
         this agrees, and renewed in time; it asks at port 443, or with --redirect-http at port \
         80; repeatable: one certificate for all",
    )
    .at_restart(),
    row(
        TLS,
        "acme-contact",
        Kind::List { name: "MAIL", of: |d| &mut d.tls.acme.contact, check: acme::check_contact },
        "Mail address that the authority may write to; repeatable",
    )
    .at_restart(),
    row(
        TLS,
        "acme-staging",
        Kind::Switch(|d| &mut d.tls.acme.staging),
        "Order from where Let's Encrypt lets one try: certificates that nobody trusts",
    )
    .at_restart(),
    row(
        TLS,
        "acme-directory",
        Kind::Text { name: "URL", of: |d| &mut d.tls.acme.directory, check: acme::check_directory },
        "Order from the authority with this directory (RFC 8555) instead",
    )
    .at_restart(),
    row(
        TLS,
        "acme-ca",
        Kind::Text { name: "FILE", of: |d| &mut d.tls.acme.ca, check: access::check_file },
        "Certificate (PEM) that vouches for that authority's server, in place of the system's",
    )
    .at_restart(),
    row(
        TLS,
        "acme-dir",
        Kind::Text { name: "DIR", of: |d| &mut d.tls.acme.dir, check: access::check_file },
        "Folder for the account's key and the certificates; else acme in $STATE_DIRECTORY, root's \
         /var/lib/methodical or $XDG_STATE_HOME/methodical, or in DIR/.methodical where there is \
         none of them or it is served",
    )
    .at_restart(),
    row(
        TLS,
        "redirect-http",
        Kind::List {
            name: "ADDRESS",
            of: |d| &mut d.tls.redirect_http,
            check: address::check_bind,
        },
        "Lead plain HTTP at ADDRESS[:PORT] (port 80 if none is named) on to https; repeatable",
    )
    .at_restart(),
    row(
        TLS,
        "hsts",
        Kind::Switch(|d| &mut d.settings.hsts),
        "Tell browsers to come by TLS alone for a year from each visit on; hard to take back",
    ),
    row(
        LOGIN,
        "users",
        Kind::Text { name: "FILE", of: |d| &mut d.access.users_file, check: access::check_file },
        "Let the users of this htpasswd file log in (bcrypt, argon2id or sha-512 crypt); what they \
         may is in [access] of the configuration file, by default everything with --write",
    ),
    row(
        LOGIN,
        "auth",
        Kind::Secrets {
            name: "USER:PASSWORD",
            of: |d| &mut d.access.auth,
            check: access::check_auth,
        },
        "Let this user log in, everywhere or as USER:PASSWORD@/PATH:RIGHTS; @/PATH:RIGHTS is \
         anyone; repeatable; others on this machine can see it, a variable or file is better",
    )
    .short('a'),
    row(
        LOGIN,
        "auth-file",
        Kind::Text { name: "FILE", of: |d| &mut d.access.auth_file, check: access::check_file },
        "As --auth, a line each, from this file",
    ),
    row(
        LOGIN,
        "tokens",
        Kind::Text { name: "FILE", of: |d| &mut d.access.tokens_file, check: access::check_file },
        "Take the bearer tokens of this file, made by `methodical token create`",
    ),
    row(
        LOGIN,
        "insecure-basic",
        Kind::Switch(|d| &mut d.settings.insecure_basic),
        "Take passwords and tokens also where others on the way can read them, without TLS",
    ),
    row(
        ACCESS,
        "write",
        Kind::Switch(|d| &mut d.settings.policy.writable),
        "Allow the methods that change the folder",
    )
    .unless(writes_anew)
    .short('w'),
    row(
        ACCESS,
        "insecure-anonymous-write",
        Kind::Switch(|d| &mut d.settings.insecure_anonymous_write),
        "Let everybody who reaches an address beyond loopback write, without login",
    ),
    row(
        ACCESS,
        "hidden",
        Kind::Grade(choices::HIDDEN),
        "Show and take names that begin with a dot: never, for who may write there, or always, \
         which the flag alone means (/.well-known/ always is)",
    )
    .at_restart(),
    row(
        ACCESS,
        "mac-junk",
        Kind::Choice(choices::MAC_JUNK),
        "Drop the files ._* and .DS_Store that a Mac leaves everywhere, store or refuse them",
    )
    .at_restart(),
    row(
        ACCESS,
        "no-symlinks",
        Kind::SwitchOff(|d| &mut d.settings.symlinks),
        "Follow no symbolic link (one that leads out of the folder never is)",
    )
    .at_restart(),
    row(
        ACCESS,
        "no-index",
        Kind::SwitchOff(|d| &mut d.settings.policy.index),
        "List a folder even where it holds an index.html",
    ),
    row(
        ACCESS,
        "trust-content",
        Kind::Switch(|d| &mut d.settings.policy.trusts_content),
        "Let scripts of HTML, SVG and XML in the folder run as this site's own, also with --write \
         or logins, where each such file is in a sandbox of its own otherwise",
    ),
    row(
        ACCESS,
        "cors-origin",
        Kind::List { name: "ORIGIN", of: |d| &mut d.cors_origin, check: origins::check_origin },
        "Let pages of this origin read and write, as https://app.example; * reads only; repeatable",
    ),
    row(
        ACCESS,
        "cors-credentials",
        Kind::Switch(|d| &mut d.cors_credentials),
        "Let pages of --cors-origin use the login that their browser holds",
    ),
    row(
        METHODS,
        "require-preconditions",
        Kind::Switch(|d| &mut d.settings.policy.require_preconditions),
        "Answer 428 to a write without If-Match or the like",
    ),
    row(
        METHODS,
        "no-tombstones",
        Kind::SwitchOff(|d| &mut d.settings.policy.tombstones),
        "Forget what was deleted: it is 404, not 410",
    ),
    row(
        METHODS,
        "propfind-infinity",
        Kind::Switch(|d| &mut d.settings.policy.propfind_infinity),
        "Answer PROPFIND for everything below a folder up to a million resources, not ten thousand",
    ),
    row(METHODS, "trace", Kind::Switch(|d| &mut d.settings.policy.trace), "Answer TRACE"),
    row(
        METHODS,
        "connect",
        Kind::Tunnels(|d| &mut d.settings.policy.tunnels),
        "Make tunnels to port 443 of public addresses; tables [[connect]] in the file say more",
    ),
    row(
        METHODS,
        "trace-omit",
        Kind::List { name: "FIELD", of: |d| &mut d.trace_omit, check: draft::check_field_name },
        "Leave this field out of TRACE's answers, besides those with credentials; repeatable",
    ),
    row(
        RUN,
        "durability",
        Kind::Choice(choices::DURABILITIES),
        "Sync an acknowledged write to the disk (full) or leave that to the system (relaxed)",
    )
    .at_restart(),
    row(RUN, "log-format", Kind::Choice(choices::LOG_FORMATS), "Form of the access log"),
    row(
        RUN,
        "user",
        Kind::Text { name: "USER[:GROUP]", of: |d| &mut d.user, check: |_| Ok(()) },
        "Become this user once the addresses listen, where root started the server",
    )
    .at_restart(),
    row(
        RUN,
        "no-sandbox",
        Kind::SwitchOff(|d| &mut d.sandbox),
        "Do not have the kernel (Landlock) keep the server from files beyond the folder",
    )
    .at_restart(),
    row(
        RUN,
        "drain-seconds",
        Kind::Seconds { of: |d| &mut d.settings.drain, least: 0 },
        "How long to finish running requests when told to stop",
    )
    .at_restart(),
    row(
        LIMITS,
        "connections",
        Kind::Count { of: |d| &mut d.settings.limits.connections, least: 1 },
        "Connections open at one time",
    ),
    row(
        LIMITS,
        "connections-per-address",
        Kind::Count { of: |d| &mut d.settings.limits.connections_per_address, least: 1 },
        "Connections open at one time from one address (IPv6: from one /64)",
    ),
    row(
        LIMITS,
        "requests-per-connection",
        Kind::Count { of: |d| &mut d.settings.limits.wire.requests, least: 1 },
        "Requests on one connection, which ends then",
    ),
    row(
        LIMITS,
        "streams",
        Kind::Count { of: |d| &mut d.settings.limits.wire.streams, least: 1 },
        "Requests at one time on one connection of HTTP/2",
    ),
    row(
        LIMITS,
        "handshake-seconds",
        Kind::Seconds { of: |d| &mut d.settings.limits.wire.handshake, least: 1 },
        "Time for a TLS handshake",
    ),
    row(
        LIMITS,
        "head-bytes",
        Kind::Count { of: |d| &mut d.settings.limits.wire.head_bytes, least: HEAD_BYTES_LEAST },
        "Bytes of a request's line and fields",
    ),
    row(
        LIMITS,
        "head-seconds",
        Kind::Seconds { of: |d| &mut d.settings.limits.wire.head, least: 1 },
        "Time for a request's line and fields to arrive",
    ),
    row(
        LIMITS,
        "idle-seconds",
        Kind::Seconds { of: |d| &mut d.settings.limits.wire.idle, least: 1 },
        "Time a connection may wait for its next request",
    ),
    row(
        LIMITS,
        "stall-seconds",
        Kind::Seconds { of: |d| &mut d.settings.limits.wire.stall, least: 1 },
        "Time a transfer may stand still",
    ),
    row(
        LIMITS,
        "grace-seconds",
        Kind::Seconds { of: |d| &mut d.settings.limits.wire.grace, least: 0 },
        "Time that a transfer may be waited for before its pace counts",
    ),
    row(
        LIMITS,
        "upload-bytes-per-second-min",
        Kind::Bytes(|d| &mut d.settings.limits.wire.upload_bytes_per_second_min),
        "Bytes a second of an upload, on the average behind that; 0 is no limit",
    ),
    row(
        LIMITS,
        "download-bytes-per-second-min",
        Kind::Bytes(|d| &mut d.settings.limits.wire.download_bytes_per_second_min),
        "The same of an answer that a client takes (HTTP/2: of all that a connection takes)",
    ),
    row(
        LIMITS,
        "upload-bytes-max",
        Kind::Bytes(|d| &mut d.settings.limits.upload_bytes_max),
        "Bytes of one upload (PUT, POST), as 500M or 2G",
    ),
    row(
        LIMITS,
        "patch-bytes-max",
        Kind::Bytes(|d| &mut d.settings.limits.patch_bytes_max),
        "Bytes of one patch document (PATCH)",
    ),
    row(
        LIMITS,
        "content-memory-bytes-max",
        Kind::Bytes(|d| &mut d.settings.limits.content_memory_bytes_max),
        "Bytes of memory for content on its way in and JSON that is patched, of all requests",
    ),
    row(
        LIMITS,
        "tunnels",
        Kind::Count { of: |d| &mut d.settings.limits.tunnel.tunnels, least: 0 },
        "Tunnels open at one time (CONNECT)",
    ),
    row(
        LIMITS,
        "tunnels-per-user",
        Kind::Count { of: |d| &mut d.settings.limits.tunnel.per_user, least: 0 },
        "The same of one user, or of one address without login",
    ),
    row(
        LIMITS,
        "tunnel-dial-seconds",
        Kind::Seconds { of: |d| &mut d.settings.limits.tunnel.dial, least: 1 },
        "Time to find a tunnel's host and connect to it",
    ),
    row(
        LIMITS,
        "tunnel-idle-seconds",
        Kind::Seconds { of: |d| &mut d.settings.limits.tunnel.idle, least: 1 },
        "Time a tunnel may stand still",
    ),
    row(
        LIMITS,
        "tunnel-seconds",
        Kind::Seconds { of: |d| &mut d.settings.limits.tunnel.total, least: 1 },
        "Time a tunnel may be open",
    ),
    row(
        LIMITS,
        "tunnel-bytes-max",
        Kind::Bytes(|d| &mut d.settings.limits.tunnel.octets_max),
        "Bytes through one tunnel, both directions together",
    ),
];

/// The one setting that is not a flag: `serve DIR`.
pub(crate) const DIR: &str = "dir";
/// Octets: what RFC 9112 section 3 asks every server to take as a request line.
const HEAD_BYTES_LEAST: usize = 8000;

const WHERE: &str = "Where";
const TLS: &str = "TLS";
const LOGIN: &str = "Who may do what";
const ACCESS: &str = "What is served, and who may change it";
const METHODS: &str = "Methods";
const RUN: &str = "Log, disk, stop";
const LIMITS: &str = "Limits";
