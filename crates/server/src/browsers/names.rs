//! The names that the server answers for. A page whose own name was made to lead to this machine
//! (DNS rebinding) is of the same origin for the browser; Host still tells its name.
//!
//! Unless the operator lists names, those are answered for that no stranger can have: addresses,
//! loopback names, and, where the server listens beyond this machine, names of a local network.

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::host::Host,
};

use crate::settings::{Bind, Settings};

/// The names that requests may be about.
#[derive(Debug)]
pub(crate) struct Names {
    /// True if every name is answered for.
    any: bool,
    /// Any name that a certificate was held against.
    proven: bool,
    /// In small letters.
    listed: Vec<String>,
    /// Names that nobody beyond the local network can give count as well.
    nearby: bool,
    /// The name by which this machine calls itself.
    own: String,
}

impl Names {
    /// Those of the settings. Where none is listed, what a browser on another machine cannot be
    /// made to say is enough.
    pub(crate) fn of(settings: &Settings) -> Self {
        let named = !settings.hosts.is_empty();
        // A browser does not connect to such a socket: what does is a proxy with names of its own.
        // With TLS it goes on only where the certificate is of the name.
        let unix_only = settings.binds.iter().all(|bind| matches!(bind, Bind::Unix(_)));
        let proven = settings.tls.is_some() && !named;
        let own = rustix::system::uname();
        Self {
            any: settings.hosts.iter().any(|host| host == ANY) || unix_only && !named,
            proven,
            listed: settings.hosts.iter().map(|host| plain(host)).collect(),
            nearby: !named && settings.binds.iter().any(|bind| !bind.is_local()),
            own: plain(&own.nodename().to_string_lossy()),
        }
    }

    /// Refuses an authority with a name that is none of ours.
    ///
    /// # Errors
    /// `Misdirected`.
    pub(crate) fn check(&self, authority: &str) -> Result<()> {
        if self.proven { Ok(()) } else { self.check_unproven(authority, |_| false) }
    }

    /// The same where no certificate was held against the name: one of them has to bear it, where
    /// names are not listed.
    ///
    /// # Errors
    /// `Misdirected`.
    pub(crate) fn check_unproven(
        &self,
        authority: &str,
        is_certified: impl Fn(&str) -> bool,
    ) -> Result<()> {
        if self.any {
            return Ok(());
        }
        // Whoever is no host at all was refused before.
        let Ok(host) = Host::parse(authority) else { return Ok(()) };
        let name = plain(host.name());
        if self.serves(&name) || self.proven && is_certified(&name) {
            return Ok(());
        }
        Err(Error::refused(
            Condition::Misdirected,
            format!(
                "This server does not answer for the name {name}. Start it with --host {name} if \
                 that is its name, or let the proxy before it send one that is."
            ),
        ))
    }

    /// Addresses and loopback names need no listing: no page can have one of them as its own name.
    fn serves(&self, name: &str) -> bool {
        is_address(name)
            || is_loopback(name)
            || self.listed.iter().any(|listed| listed == name)
            || self.nearby && (is_nearby(name) || name == self.own)
    }
}

/// A name in small letters and without the dot of the root.
fn plain(name: &str) -> String {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.to_ascii_lowercase()
}

/// An address is found without asking anybody.
fn is_address(name: &str) -> bool {
    name.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok()
}

/// RFC 6761 section 6.3.
fn is_loopback(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

/// A name without dots, or of a zone that the public DNS does not have.
fn is_nearby(name: &str) -> bool {
    match name.rsplit_once('.') {
        None => true,
        Some((_, zone)) => NEARBY.contains(&zone) || name.ends_with(".home.arpa"),
    }
}

/// The host that stands for every name.
pub(crate) const ANY: &str = "*";

/// Zones that are promised never to be in the public DNS (RFC 6762, RFC 6761, ICANN's reservations)
/// or that its root refuses, and that home routers and companies use.
const NEARBY: [&str; 9] =
    ["local", "internal", "lan", "home", "localdomain", "test", "corp", "intranet", "private"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificates::Tls;

    fn names(bind: &str, hosts: &[&str]) -> Names {
        let mut settings = Settings::of("/".into());
        settings.binds = vec![bind.parse().unwrap()];
        settings.hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        Names::of(&settings)
    }

    const ALWAYS: [&str; 6] =
        ["localhost:8000", "LOCALHOST.", "app.localhost", "127.0.0.1", "192.0.2.7:80", "[::1]:1"];
    const NEARBY_NAMES: [&str; 5] = ["nas", "nas.local:8000", "NAS.lan", "a.home.arpa", "b.test."];
    const PUBLIC: [&str; 5] = [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "a.com.",
        "x.local.io",
    ];

    #[track_caller]
    fn judged(names: &Names, served: &[&str], refused: &[&str]) {
        for name in served {
            assert!(names.check(name).is_ok(), "{name}");
        }
        for name in refused {
            assert!(names.check(name).is_err(), "{name}");
        }
    }

    #[test]
    fn on_loopback_only_its_names_and_addresses_are_served() {
        let names = names("127.0.0.1:8000", &[]);
        judged(&names, &ALWAYS, &NEARBY_NAMES);
        judged(&names, &[], &PUBLIC);
    }

    #[test]
    fn beyond_loopback_names_that_only_the_network_nearby_gives_are_served_too() {
        let names = names("0.0.0.0:8000", &[]);
        judged(&names, &ALWAYS, &PUBLIC);
        judged(&names, &NEARBY_NAMES, &[]);
        judged(&names, &[&names.own], &[]);
    }

    #[test]
    fn what_is_listed_is_served_and_nothing_nearby_any_more() {
        let names = names("0.0.0.0:8000", &["Files.Example.com"]);
        judged(&names, &["files.example.com", "files.example.com.:80"], &PUBLIC);
        judged(&names, &ALWAYS, &NEARBY_NAMES);
    }

    #[test]
    fn a_star_and_a_socket_of_the_file_system_serve_every_name() {
        for names in [names("127.0.0.1:8000", &["*"]), names("unix:/run/s", &[])] {
            judged(&names, &ALWAYS, &[]);
            judged(&names, &PUBLIC, &[]);
        }
        judged(&names("unix:/run/s", &["a.com"]), &["a.com"], &["evil.example"]);
    }

    #[test]
    fn without_tls_a_name_counts_that_a_certificate_bears() {
        let mut settings = Settings::of("/".into());
        settings.binds = vec!["127.0.0.1:0".parse().unwrap()];
        settings.tls = Some(Tls { certificates: Vec::new(), acme: None, self_signed: false });
        let is_certified = |name: &str| name == "files.example";
        let names = Names::of(&settings);
        judged(&names, &ALWAYS, &[]);
        judged(&names, &PUBLIC, &[]);
        assert!(names.check_unproven("Files.example.:80", is_certified).is_ok());
        assert!(names.check_unproven("localhost", is_certified).is_ok());
        assert!(names.check_unproven("evil.example", is_certified).is_err());
        settings.hosts = vec!["listed.example".to_owned()];
        let names = Names::of(&settings);
        assert!(names.check_unproven("listed.example", is_certified).is_ok());
        assert!(names.check_unproven("files.example", is_certified).is_err());
    }

    #[test]
    fn the_sentence_says_what_to_do() {
        let refused = names("127.0.0.1:8000", &[]).check("Evil.example:80").unwrap_err();
        assert!(refused.to_string().contains("--host evil.example"), "{refused}");
    }
}
