//! Destination (RFC 4918 section 10.3): where COPY and MOVE put the resource.
//!
//! ```abnf
//! Destination = Simple-ref
//! Simple-ref  = absolute-URI / ( path-absolute [ "?" query ] )
//! ```
//!
//! A user and password in the URI name nothing here: some clients send the URL that they were
//! configured with.

use http::HeaderMap;

use crate::{
    header::{list::single, malformed::Malformed},
    path::{Path, PathError},
    target::{Target, TargetError},
};

/// The field's name.
pub const NAME: &str = "Destination";

/// The place where COPY and MOVE put the resource. Its query, if any, names nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    path: Path,
    server: Option<Server>,
}

/// The server that an absolute URI names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Server {
    authority: String,
    default_port: u16,
}

impl Destination {
    /// Reads the Destination field; `None` when it is absent.
    ///
    /// # Errors
    /// When the field is given twice, or is neither an `http` or `https` URI nor an absolute path,
    /// or its path means no place.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use methodical_semantics::header::destination::Destination;
    ///
    /// let mut fields = HeaderMap::new();
    /// fields.insert("destination", HeaderValue::from_static("http://Example.com:80/a%20b/"));
    /// let destination = Destination::from_headers(&fields).unwrap().unwrap();
    /// assert_eq!(destination.path().encoded(), "/a%20b");
    /// assert!(destination.is_on("example.com") && !destination.is_on("example.com:8000"));
    /// fields.insert("destination", HeaderValue::from_static("a/../b"));
    /// assert!(Destination::from_headers(&fields).is_err());
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Malformed> {
        single(headers, NAME)?.map(|value| Self::parse(&value)).transpose()
    }

    /// Reads the field's value.
    ///
    /// # Errors
    /// As [`Self::from_headers`].
    pub fn parse(value: &str) -> Result<Self, Malformed> {
        // What stands for octets that are no UTF-8: whatever name was meant, it was not this one.
        if value.contains(char::REPLACEMENT_CHARACTER) {
            return Err(malformed(TargetError::Path(PathError::Encoding)));
        }
        let target = match without_userinfo(value) {
            Some(plain) => Target::parse(&plain),
            None => Target::parse(value),
        };
        let resource = match target {
            Ok(Target::Resource(resource)) => resource,
            Ok(Target::Server | Target::Authority(_)) => return Err(malformed(TargetError::Form)),
            Err(error) => return Err(malformed(error)),
        };
        let secure = value.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("https:"));
        let default_port = if secure { 443 } else { 80 };
        let server = resource.authority.map(|authority| Server { authority, default_port });
        Ok(Self { path: resource.path, server })
    }

    /// Returns where it is.
    pub const fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether it is on the server that the request's own authority names (RFC 9110 section
    /// 7.2): the same host, in any case, and the same port. A path alone is on every server.
    pub fn is_on(&self, authority: &str) -> bool {
        self.server.as_ref().is_none_or(|server| {
            let [one, other] =
                [&server.authority, authority].map(|text| host_port(text, server.default_port));
            one.is_some() && one == other
        })
    }

    /// Returns whether a server is named.
    pub const fn names_server(&self) -> bool {
        self.server.is_some()
    }
}

/// An absolute URI without the user that it names; nothing where it names none.
fn without_userinfo(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once("://").filter(|(scheme, _)| !scheme.contains('/'))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    // Of a second one nobody could tell which host is meant: what is left is no host.
    let (_, host) = authority.split_once('@')?;
    Some(format!("{scheme}://{host}{path}"))
}

/// Returns what is wrong, as it follows "must be".
fn malformed(error: TargetError) -> Malformed {
    let expected = match error {
        TargetError::Form
        | TargetError::Authority(_)
        | TargetError::Path(PathError::NotAbsolute) => {
            "a URL of this server, or a path that begins with a slash"
        }
        TargetError::Scheme => "a URL of the scheme http or https, or a path alone",
        TargetError::Path(PathError::Encoding) => {
            "percent-encoded: every % with two hexadecimal digits behind it, neither blank nor #"
        }
        TargetError::Path(PathError::Forbidden) => {
            "a place whose names hold neither a slash (%2F) nor a NUL (%00)"
        }
        TargetError::Path(PathError::Dot) => "without the segments . and ..: resolve them first",
        TargetError::Path(PathError::Empty | PathError::Long) => {
            "shorter: a name may have 255 octets, a path 256 names"
        }
    };
    Malformed::new(NAME, expected)
}

/// Host in small letters, and port; nothing where the port is none.
fn host_port(authority: &str, default_port: u16) -> Option<(String, u16)> {
    // The last colon of an address in brackets separates no port.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, ""),
    };
    let port = if port.is_empty() { default_port } else { port.parse().ok()? };
    Some((host.to_ascii_lowercase(), port))
}
