//! Who may have a tunnel, and where it may lead (RFC 9110 section 9.3.6: a proxy should restrict
//! CONNECT to a set of ports or a list of targets).

use core::net::IpAddr;
use std::fmt;

use crate::{
    authority::{Authority, Host},
    network::Network,
    rule::address::{Class, class},
};

/// The operator's rules; none means that there are no tunnels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules(pub Vec<Rule>);

/// One rule: tunnels that it describes may be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Hosts that it is about; all if empty.
    pub hosts: Vec<HostPattern>,
    /// Ports that it is about.
    pub ports: Vec<u16>,
    /// The users who may; whoever has the right to tunnels if empty.
    pub users: Vec<Subject>,
    /// The networks in which the host's address may lie; wherever is public if empty.
    pub addresses: Vec<Network>,
}

/// The hosts that a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostPattern {
    /// Every host.
    Any,
    /// One host.
    Exactly(Host),
    /// Every name below this one, and not the name itself: `*.example.com`.
    Below(String),
}

/// The ones that a rule permits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A user, or the members of a group.
    Named(String),
    /// Whoever logged in.
    Authenticated,
    /// Whoever comes.
    Anyone,
}

/// The one who asks for a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker<'a> {
    /// The name under which it logged in; nothing for strangers.
    pub name: Option<&'a str>,
    /// The groups that it belongs to.
    pub groups: &'a [String],
    /// True if it has the right to tunnels by itself.
    pub privileged: bool,
}

/// The places where a tunnel that was asked for may lead.
///
/// ```
/// use methodical_semantics::rule::{address::Class, tunnelling::Reach};
///
/// let reach = Reach::PUBLIC;
/// assert!(reach.permits("1.1.1.1".parse().unwrap()).is_ok());
/// assert_eq!(reach.permits("::1".parse().unwrap()), Err(Class::Loopback));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    public: bool,
    networks: Vec<Network>,
}

/// Why a tunnel is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Nobody may go there.
    Target,
    /// The asker may not, and others may.
    Asker,
}

impl Rules {
    /// Returns what `--connect` means: port 443 of whatever is public, for whoever has the right.
    pub fn web() -> Self {
        Self(vec![Rule::default()])
    }

    /// Returns whether there may be tunnels at all.
    pub fn permit_any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Returns where a tunnel to this authority may lead.
    ///
    /// # Errors
    /// When no rule permits it.
    ///
    /// ```
    /// use methodical_semantics::{authority::Authority, rule::tunnelling::{Asker, Denied, Rules}};
    ///
    /// let asker = Asker { name: Some("anna"), groups: &[], privileged: true };
    /// let judge = |to| Rules::web().judge(&asker, &Authority::parse(to).unwrap());
    /// assert!(judge("example.com:443").is_ok());
    /// assert_eq!(judge("example.com:25"), Err(Denied::Target));
    /// ```
    pub fn judge(&self, asker: &Asker<'_>, to: &Authority) -> Result<Reach, Denied> {
        let about: Vec<&Rule> = self.0.iter().filter(|rule| rule.is_about(to)).collect();
        let mut permitting = about.iter().filter(|rule| rule.permits(asker)).peekable();
        if permitting.peek().is_none() {
            return Err(if about.is_empty() { Denied::Target } else { Denied::Asker });
        }
        let mut reach = Reach { public: false, networks: Vec::new() };
        for rule in permitting {
            reach.public |= rule.addresses.is_empty();
            reach.networks.extend(&rule.addresses);
        }
        Ok(reach)
    }
}

impl Default for Rule {
    fn default() -> Self {
        let ports = vec![HTTPS_PORT];
        Self { hosts: Vec::new(), ports, users: Vec::new(), addresses: Vec::new() }
    }
}

impl Rule {
    fn is_about(&self, to: &Authority) -> bool {
        let named = self.hosts.is_empty() || self.hosts.iter().any(|host| host.fits(&to.host));
        named && self.ports.contains(&to.port)
    }

    fn permits(&self, asker: &Asker<'_>) -> bool {
        let named = |subject: &Subject| match subject {
            Subject::Named(name) => asker.name == Some(name) || asker.groups.contains(name),
            Subject::Authenticated => asker.name.is_some(),
            Subject::Anyone => true,
        };
        if self.users.is_empty() { asker.privileged } else { self.users.iter().any(named) }
    }
}

impl HostPattern {
    /// Reads `*`, `*.example.com`, a name or an address.
    ///
    /// # Errors
    /// What was expected.
    ///
    /// ```
    /// use methodical_semantics::rule::tunnelling::HostPattern;
    ///
    /// assert!(HostPattern::parse("*.example.com").is_ok());
    /// assert!(HostPattern::parse("example.*").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text == "*" {
            return Ok(Self::Any);
        }
        if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(Self::Exactly(Host::Address(address.to_canonical())));
        }
        let (below, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        match Host::parse(name.trim_end_matches('.')) {
            Ok(Host::Name(name)) if below => Ok(Self::Below(name)),
            Ok(host @ Host::Name(_)) => Ok(Self::Exactly(host)),
            Ok(Host::Address(_)) | Err(_) => {
                Err("a host, an address, * for all or *.NAME for all below a name")
            }
        }
    }

    fn fits(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Exactly(Host::Name(mine)), Host::Name(its)) => mine == plain(its),
            (Self::Exactly(Host::Address(mine)), Host::Address(its)) => *mine == its.to_canonical(),
            (Self::Below(mine), Host::Name(its)) => {
                let label = plain(its).strip_suffix(mine.as_str());
                label.is_some_and(|label| label.len() > 1 && label.ends_with('.'))
            }
            (Self::Exactly(_) | Self::Below(_), _) => false,
        }
    }
}

impl Subject {
    /// Reads the name of a user or group, `authenticated` or `anyone`.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "" => Err("a user, a group, authenticated or anyone"),
            "authenticated" => Ok(Self::Authenticated),
            "anyone" => Ok(Self::Anyone),
            name => Ok(Self::Named(name.to_owned())),
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Exactly(host) => host.fmt(f),
            Self::Below(name) => write!(f, "*.{name}"),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Authenticated => f.write_str("authenticated"),
            Self::Anyone => f.write_str("anyone"),
        }
    }
}

impl Reach {
    /// Whatever is public.
    pub const PUBLIC: Self = Self { public: true, networks: Vec::new() };

    /// The address to dial for one that a host has.
    ///
    /// # Errors
    /// What the address is for, if the tunnel may not lead there.
    pub fn permits(&self, address: IpAddr) -> Result<IpAddr, Class> {
        let class = class(address);
        if self.names(address) || self.public && class == Class::Public {
            Ok(address.to_canonical())
        } else {
            Err(class)
        }
    }

    /// Returns whether an address is permitted by a rule that names it, and not for being public
    /// alone.
    pub fn names(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }
}

impl fmt::Display for Reach {
    /// As the end of a sentence that begins with `where`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its address is ")?;
        let mut ways = self.networks.iter().map(|network| format!("in {network}"));
        let ways: Vec<String> =
            self.public.then(|| "public".to_owned()).into_iter().chain(ways.by_ref()).collect();
        f.write_str(&ways.join(" or "))
    }
}

/// A name without the dot that may stand at its end.
fn plain(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// The port of `https` (RFC 9110 section 4.2.2), which is what browsers tunnel to.
const HTTPS_PORT: u16 = 443;
