//! The URL that is examined.
//!
//! Reading is left to the crate `http`; here is what an examiner asks of a URL: where to connect,
//! what stands in Host and Origin, and whether a reference in an answer stays on this server, since
//! requests go nowhere else.

use std::fmt;

/// An `http` or `https` URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// True if the connection is encrypted.
    pub tls: bool,
    /// The host without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path with its query, `/` at least.
    pub path: String,
}

impl Url {
    /// Reads a URL; one without a scheme is taken for `http`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    ///
    /// ```
    /// use methodical_check::Url;
    /// let url = Url::parse("https://example.org/dav/")?;
    /// assert_eq!((url.port, url.path.as_str()), (443, "/dav/"));
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        let given = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let given = given.split('#').next().unwrap_or_default();
        let uri: http::Uri = given.parse().map_err(|cause| format!("{text:?}: {cause}"))?;
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(format!("{text:?} is neither an http nor an https URL")),
        };
        let authority = uri.authority().ok_or_else(|| format!("{text:?} names no host"))?;
        if authority.as_str().contains('@') {
            return Err("a login belongs into --user, not into the URL".to_owned());
        }
        let port = authority.port_u16().unwrap_or(if tls { HTTPS_PORT } else { HTTP_PORT });
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { tls, host, port, path })
    }

    /// The host as a URL has it, with the port where it is not the scheme's own.
    ///
    /// ```
    /// use methodical_check::Url;
    ///
    /// assert_eq!(Url::parse("http://[::1]:8000/").unwrap().authority(), "[::1]:8000");
    /// assert_eq!(Url::parse("https://example.org:443/").unwrap().authority(), "example.org");
    /// ```
    pub fn authority(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let usual = if self.tls { HTTPS_PORT } else { HTTP_PORT };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }

    /// Scheme and authority, as the field Origin has them.
    pub fn origin(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.authority())
    }

    /// A path of this host as a whole URL.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// The path up to its last slash, without the query: where new names go.
    ///
    /// ```
    /// use methodical_check::Url;
    ///
    /// assert_eq!(Url::parse("http://h/a/b.txt?c").unwrap().collection(), "/a/");
    /// ```
    pub fn collection(&self) -> &str {
        let path = self.path.split('?').next().unwrap_or("/");
        path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("/")
    }

    /// The path that a URI reference means, if it is on this host (RFC 3986 section 5.2, in short).
    /// Segments of dots are left as they are, for the server to read.
    ///
    /// ```
    /// use methodical_check::Url;
    ///
    /// let url = Url::parse("http://h/a/").unwrap();
    /// assert_eq!(url.resolve("/a/", "b.txt").as_deref(), Some("/a/b.txt"));
    /// assert_eq!(url.resolve("/a/", "http://elsewhere/b.txt"), None);
    /// ```
    pub fn resolve(&self, base: &str, reference: &str) -> Option<String> {
        let reference = reference.split('#').next().unwrap_or_default();
        if let Some((scheme, rest)) = reference.split_once("://") {
            let own = scheme.eq_ignore_ascii_case(if self.tls { "https" } else { "http" });
            let at = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at(at);
            let here = own && authority.eq_ignore_ascii_case(&self.authority());
            return here.then(|| if path.is_empty() { "/".to_owned() } else { path.to_owned() });
        }
        if let Some(rest) = reference.strip_prefix("//") {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            return authority.eq_ignore_ascii_case(&self.authority()).then(|| format!("/{path}"));
        }
        if reference.starts_with('/') {
            return Some(reference.to_owned());
        }
        let folder = base.split('?').next().and_then(|path| path.rsplit_once('/'))?.0;
        Some(format!("{folder}/{reference}"))
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

/// The port of a URL with `http` that names none.
const HTTP_PORT: u16 = 80;
/// The port of a URL with `https` that names none.
const HTTPS_PORT: u16 = 443;
