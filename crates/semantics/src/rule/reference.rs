//! References to resources (RFC 3986 section 4.1), and to what they lead from an address here
//! (section 5.2).

/// Returns whether a text is a reference to a resource: characters of a URI alone, each `%` with
/// its two digits (RFC 3986 sections 2 and 4.1), and at most [`REFERENCE_BYTES_MAX`].
///
/// ```
/// use methodical_semantics::rule::reference::is_reference;
/// assert!(is_reference("../a%20b?c#d") && is_reference("https://example.com/"));
/// assert!(!is_reference("a b") && !is_reference("a%2") && !is_reference("<a>"));
/// ```
pub fn is_reference(text: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let encoded = |piece: &str| {
        piece.as_bytes().first_chunk::<2>().is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    };
    text.len() <= REFERENCE_BYTES_MAX
        && text.bytes().all(is_allowed)
        && text.matches('#').count() <= 1
        && text.split('%').skip(1).all(encoded)
}

/// Returns where a reference leads from an address of this server: a path of it without dots, or
/// the reference itself where it names a scheme or another host.
///
/// ```
/// use methodical_semantics::rule::reference::resolved;
/// assert_eq!(resolved("/a/b", "../c?d#e"), "/c?d#e");
/// assert_eq!(resolved("/a/b", "c/./d"), "/a/c/d");
/// assert_eq!(resolved("/a/b", "#c"), "/a/b#c");
/// assert_eq!(resolved("/a/b", "https://example.com/.."), "https://example.com/..");
/// ```
pub fn resolved(base: &str, reference: &str) -> String {
    if has_scheme(reference) || reference.starts_with("//") {
        return reference.to_owned();
    }
    let end = reference.find(['?', '#']).unwrap_or(reference.len());
    let (path, behind) = reference.split_at(end);
    if path.is_empty() {
        return format!("{base}{behind}");
    }
    let folder = base.rfind('/').map_or("/", |at| base.get(..=at).unwrap_or("/"));
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{folder}{path}") };
    without_dots(&whole) + behind
}

/// Returns whether a reference begins with a scheme, so that it is no relative one (RFC 3986
/// section 3.1).
///
/// ```
/// use methodical_semantics::rule::reference::has_scheme;
/// assert!(has_scheme("mailto:ann@example.com") && !has_scheme("a/b:c") && !has_scheme("?a:b"));
/// ```
pub fn has_scheme(reference: &str) -> bool {
    let Some((scheme, _)) = reference.split_once(':') else { return false };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// A path from the root without segments `.` and `..` (RFC 3986 section 5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    format!("/{}", kept.join("/"))
}

/// Octets (2 KiB) of a reference: what browsers and other servers take as an address at the least.
pub const REFERENCE_BYTES_MAX: usize = 2 * 1024;
