//! Request targets (RFC 9112 section 3.2): what the request line names.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::{
    authority::{Authority, AuthorityError},
    path::{Path, PathError},
};

/// The thing that a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A resource of ours.
    Resource(ResourceTarget),
    /// The server as a whole: the asterisk-form.
    Server,
    /// A host and port to connect to: the authority-form.
    Authority(Authority),
}

/// A resource: its path, the form in which it was named, and the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceTarget {
    /// The place where it is.
    pub path: Path,
    /// True if the target ended in a slash, as a collection's does.
    pub slash: bool,
    /// The query without its question mark.
    pub query: Option<String>,
    /// The authority of an absolute-form, which wins over Host (RFC 9112 section 3.2.2).
    pub authority: Option<String>,
}

/// Why a request target is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetError {
    /// None of the four forms, or a form that the method does not take.
    Form,
    /// An absolute-form of another scheme than `http` or `https`.
    Scheme,
    /// The path means no place.
    Path(PathError),
    /// The authority means no place to connect to.
    Authority(AuthorityError),
}

impl ResourceTarget {
    /// Path and query as they stand in an origin-form, with every character percent-encoded that
    /// may not stand there. It begins with one slash.
    ///
    /// ```
    /// use methodical_semantics::target::Target;
    /// let Ok(Target::Resource(of)) = Target::parse("//a|b/?<%7C>") else { panic!() };
    /// assert_eq!(of.encoded(), "/a%7Cb/?%3C%7C%3E");
    /// ```
    pub fn encoded(&self) -> String {
        let mut text =
            if self.slash { self.path.encoded_collection() } else { self.path.encoded() };
        if let Some(query) = &self.query {
            text.push('?');
            text.extend(utf8_percent_encode(query, QUERY));
        }
        text
    }
}

/// Returns whether only characters stand in a target that may stand in a URI (RFC 3986 section 2).
/// Brackets are among them, though they belong into hosts: browsers and others leave them in paths,
/// where they can mean one thing only.
///
/// ```
/// use methodical_semantics::target::is_encoded;
/// assert!(is_encoded("/a[1]%7C?b") && !is_encoded("/a|b") && !is_encoded("/ä"));
/// ```
pub fn is_encoded(text: &str) -> bool {
    let stands =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%[]".contains(&byte);
    text.bytes().all(stands)
}

impl Target {
    /// Reads the origin-form, the absolute-form or the asterisk-form.
    ///
    /// # Errors
    /// When the text is none of them, or its path is refused.
    ///
    /// ```
    /// use methodical_semantics::target::Target;
    /// let Ok(Target::Resource(of)) = Target::parse("http://host:8/a?b") else { panic!() };
    /// assert_eq!(of.query.as_deref(), Some("b"));
    /// assert_eq!(of.authority.as_deref(), Some("host:8"));
    /// assert_eq!(Target::parse("*"), Ok(Target::Server));
    /// ```
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        if text == "*" {
            return Ok(Self::Server);
        }
        if text.starts_with('/') {
            return resource(text, None);
        }
        let (scheme, rest) = text.split_once("://").ok_or(TargetError::Form)?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).ok_or(TargetError::Form)?;
        // RFC 9110 section 4.2.4: userinfo in a target is an error worth refusing.
        if authority.is_empty() || authority.contains('@') {
            return Err(TargetError::Form);
        }
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(TargetError::Scheme);
        }
        match path.strip_prefix('?') {
            Some(query) => resource(&format!("/?{query}"), Some(authority)),
            None if path.is_empty() => resource("/", Some(authority)),
            None => resource(path, Some(authority)),
        }
    }

    /// Reads the authority-form (RFC 9112 section 3.2.3): `host:port`, both present.
    ///
    /// # Errors
    /// When a part is missing or malformed, or there is more.
    pub fn parse_authority(text: &str) -> Result<Self, TargetError> {
        Authority::parse(text).map(Self::Authority).map_err(TargetError::Authority)
    }
}

/// The characters that may not stand in a query.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

fn resource(text: &str, authority: Option<&str>) -> Result<Target, TargetError> {
    let (path, query) = match text.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (text, None),
    };
    let (path, slash) = Path::decode(path).map_err(TargetError::Path)?;
    let query = query.map(str::to_owned);
    let authority = authority.map(str::to_owned);
    Ok(Target::Resource(ResourceTarget { path, slash, query, authority }))
}
