//! Who makes a request, and the resources that represent users and groups (RFC 3744 section 2).

use core::net::IpAddr;

use crate::path::{Path, RESERVED};

/// The one who makes a request, as far as it was found out before any method runs.
///
/// ```
/// use methodical_semantics::principal::Principal;
///
/// assert_eq!(Principal::default().name, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Principal {
    /// The name under which it logged in; nothing for anyone.
    pub name: Option<String>,
    /// The groups that it belongs to.
    pub groups: Vec<String>,
    /// The address that the request comes from, of IPv6 the network of one site; nothing for a Unix
    /// socket.
    pub address: Option<IpAddr>,
    /// True if the request comes from this machine.
    pub local: bool,
    /// True if nobody on the way can read or change what is said.
    pub secure: bool,
}

/// The one whom a principal resource represents (RFC 3744 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Represents {
    /// Somebody who can log in.
    User,
    /// A set of users.
    Group,
}

/// The description by a principal resource of the one that it represents (RFC 3744 section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Represented {
    /// The name of the user or group.
    pub name: String,
    /// The place where the groups are in which it is a member.
    pub membership: Vec<Path>,
    /// The place where the members of a group are; nothing for a user.
    pub members: Option<Vec<Path>>,
}

impl Principal {
    /// Somebody who logged in under a name, and belongs to no group.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }
}

impl Represents {
    /// Both.
    pub const ALL: [Self; 2] = [Self::User, Self::Group];

    /// The collection of the principal resources of all users, or of all groups.
    pub fn collection(self) -> Path {
        let name: &[u8] = match self {
            Self::User => b"users",
            Self::Group => b"groups",
        };
        below_reserved(&[PRINCIPALS, name])
    }

    /// The principal resource of a name; nothing where the name is too long for one. What no
    /// segment of a path may be is percent-encoded within the name, and so is the percent sign.
    ///
    /// ```
    /// use methodical_semantics::principal::Represents;
    /// let user = |name| Represents::User.resource(name).map(|path| path.to_string());
    /// assert_eq!(user("ann").as_deref(), Some("/.methodical/principals/users/ann"));
    /// assert_eq!(user("a b").as_deref(), Some("/.methodical/principals/users/a%20b"));
    /// assert_eq!(user("a/b").as_deref(), Some("/.methodical/principals/users/a%252Fb"));
    /// assert_eq!(user(&"a".repeat(256)), None);
    /// ```
    pub fn resource(self, name: &str) -> Option<Path> {
        let segment = match name {
            "." => "%2E".to_owned(),
            ".." => "%2E%2E".to_owned(),
            _ => name.replace('%', "%25").replace('/', "%2F").replace('\0', "%00"),
        };
        self.collection().join(segment.as_bytes()).ok()
    }
}

/// The collection that holds all principal resources.
pub fn home() -> Path {
    below_reserved(&[PRINCIPALS])
}

fn below_reserved(names: &[&[u8]]) -> Path {
    let names = std::iter::once(RESERVED).chain(names.iter().copied());
    // Each is short and without a slash, so that each can be joined.
    names.fold(Path::root(), |path, name| path.join(name).unwrap_or(path))
}

/// The name of the collection of all principal resources.
const PRINCIPALS: &[u8] = b"principals";
