//! Origin (RFC 6454 section 7): whose page makes a browser send a request.
//!
//! ```abnf
//! origin            = serialized-origin / "null"
//! serialized-origin = scheme "://" host [ ":" port ]
//! ```
//!
//! RFC 6454 lets a value list several origins; no browser does, and such a list is none of ours.
//!
//! Programs that show pages of their own have origins, too: `app://name`, `capacitor://localhost`,
//! and `file://` with no host at all.

use std::fmt;

use http::HeaderMap;

use crate::header::{host::Host, list::single, malformed::Malformed};

/// The field's name.
pub const NAME: &str = "Origin";

/// Scheme, host and port of pages. `null`, which hides an origin, is none: two of it are never the
/// same.
///
/// ```
/// use methodical_semantics::header::origin::Origin;
///
/// let origin = Origin::parse("https://Example.org:443").unwrap();
/// assert_eq!(origin.to_string(), "https://example.org");
/// assert!(origin.is_at("example.org") && !origin.is_at("example.org:8443"));
/// assert!(Origin::parse("null").is_err() && Origin::parse("https://example.org/").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl Origin {
    /// Reads an origin; a port that is the scheme's own is as good as none.
    ///
    /// # Errors
    /// When it is not in the grammar, or `null`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        in_grammar(text).ok_or(Malformed::new(NAME, "a scheme, ://, a host and perhaps a port"))
    }

    /// That of pages that hide theirs, as an operator may list it: `null`. No page is at it, and
    /// none that is read is the same.
    ///
    /// ```
    /// use methodical_semantics::header::origin::Origin;
    /// assert_eq!(Origin::hidden().to_string(), "null");
    /// ```
    pub const fn hidden() -> Self {
        Self { scheme: String::new(), host: String::new(), port: None }
    }

    /// Returns whether it is that of an extension: a program that the person added to the browser.
    /// No page of any server can bear it.
    ///
    /// ```
    /// use methodical_semantics::header::origin::Origin;
    /// let is = |text| Origin::parse(text).unwrap().is_extension();
    /// assert!(is("moz-extension://330ff25a-276a-49b1-8265-b4e517e32f17") && !is("https://a"));
    /// ```
    pub fn is_extension(&self) -> bool {
        EXTENSIONS.contains(&self.scheme.as_str())
    }

    /// Reads the field; `None` when it is absent.
    ///
    /// # Errors
    /// When there are several, and as [`Origin::parse`].
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Malformed> {
        single(headers, NAME)?.map(|text| Self::parse(&text)).transpose()
    }

    /// The scheme in small letters.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Returns whether pages of this origin are at this authority. Where a port is not named it is
    /// that of the scheme: browsers leave it out in both.
    pub fn is_at(&self, authority: &str) -> bool {
        let default = default_port(&self.scheme);
        Host::parse(authority).is_ok_and(|host| {
            host.name() == self.host && host.port().or(default) == self.port.or(default)
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scheme.is_empty() {
            return f.write_str("null");
        }
        write!(f, "{}://{}", self.scheme, self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn in_grammar(text: &str) -> Option<Origin> {
    let (scheme, authority) = text.split_once("://")?;
    if authority.is_empty() && scheme.eq_ignore_ascii_case(LOCAL) {
        return Some(Origin { scheme: LOCAL.to_owned(), host: String::new(), port: None });
    }
    let host = Host::parse(authority).ok().filter(|_| is_scheme(scheme))?;
    let scheme = scheme.to_ascii_lowercase();
    let port = host.port().filter(|port| Some(*port) != default_port(&scheme));
    Some(Origin { scheme, host: host.name().to_owned(), port })
}

/// The scheme of pages on the person's own disk, which have no host.
const LOCAL: &str = "file";

/// The schemes of what browsers load from extensions, and from nowhere else.
const EXTENSIONS: [&str; 6] = [
    "chrome-extension",
    "moz-extension",
    "safari-web-extension",
    "safari-extension",
    "webkit-extension",
    "ms-browser-extension",
];

/// ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}
