//! Link (RFC 8288 section 3): how a resource is related to others.
//!
//! ```abnf
//! Link       = #link-value
//! link-value = "<" URI-Reference ">" *( OWS ";" OWS link-param )
//! link-param = token BWS [ "=" BWS ( token / quoted-string ) ]
//! ```

use std::fmt;

use http::{HeaderMap, HeaderValue};

use crate::{
    header::{
        list::{is_token, joined, trim, unquote, unquoted_at},
        lock_token::is_absolute_uri,
        malformed::Malformed,
    },
    rule::reference::{is_reference, resolved},
};

/// The field's name.
pub const NAME: &str = "Link";

/// Link values of one field; more make it malformed. No resource of the Web is known that has as
/// many.
pub const LINK_VALUES_MAX: usize = 256;

/// One relation of a resource to another (RFC 8288 section 2).
///
/// A link value with several relation types says as many of them, and is read as that many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    target: String,
    /// The anchor, where it is not the resource itself that is related.
    context: Option<String>,
    relation: String,
    /// `rev` of RFC 2068 section 19.6.2.4: the target is so related to the context.
    reversed: bool,
    /// The attributes of the target: names in small letters.
    attributes: Vec<(String, Option<String>)>,
}

/// Reads the field; `None` when it is absent.
///
/// # Errors
/// When a target is no reference to a resource, a relation type is missing or none, or there are
/// more than [`LINK_VALUES_MAX`].
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use methodical_semantics::header::link;
///
/// let mut fields = HeaderMap::new();
/// fields.insert("link", HeaderValue::from_static(r#"<two>; rel="next last"; title="Two, too""#));
/// let links = link::from_headers(&fields).unwrap().unwrap();
/// assert_eq!(links[0].to_string(), r#"<two>; rel="next"; title="Two, too""#);
/// assert_eq!(links[1].relation(), "last");
/// fields.insert("link", HeaderValue::from_static("<two>"));
/// assert!(link::from_headers(&fields).is_err());
/// ```
pub fn from_headers(headers: &HeaderMap) -> Result<Option<Vec<Link>>, Malformed> {
    joined(headers, NAME).map(|value| parse(&value)).transpose()
}

/// Reads a field's value.
///
/// # Errors
/// As [`from_headers`].
pub fn parse(value: &str) -> Result<Vec<Link>, Malformed> {
    let mut links = Vec::new();
    let mut rest = value.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (target, behind) =
            rest.strip_prefix('<').and_then(|inner| inner.split_once('>')).ok_or(MALFORMED)?;
        let (parameters, behind) = split_before(behind, b',');
        links.extend(Given::of(target, parameters)?.links()?);
        if links.len() > LINK_VALUES_MAX {
            return Err(Malformed::new(NAME, "a list of 256 links at most"));
        }
        rest = behind.trim_start_matches([' ', '\t', ',']);
    }
    if links.is_empty() { Err(MALFORMED) } else { Ok(links) }
}

/// The field's value for links; nothing where there are none.
///
/// ```
/// use methodical_semantics::header::link::{parse, value};
/// let links = parse("<a>;rel=up, <b>;rel=next").unwrap();
/// assert_eq!(value(&links).unwrap(), r#"<a>; rel="up", <b>; rel="next""#);
/// assert!(value(&[]).is_none());
/// ```
pub fn value(links: &[Link]) -> Option<HeaderValue> {
    HeaderValue::try_from(text(links)).ok().filter(|value| !value.is_empty())
}

/// The text of links, as [`parse`] reads it.
pub fn text(links: &[Link]) -> String {
    let each: Vec<String> = links.iter().map(ToString::to_string).collect();
    each.join(", ")
}

impl Link {
    /// The reference to what the resource is related to, as it was given.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The relation type, registered ones in small letters (RFC 8288 section 2.1).
    pub fn relation(&self) -> &str {
        &self.relation
    }

    /// Returns whether two links of the resource at a path say the same relation between the same
    /// two resources, whatever attributes they give to the target (RFC 8288 section 2).
    pub fn relates_as(&self, other: &Self, at: &str) -> bool {
        let context = |link: &Self| resolved(at, link.context.as_deref().unwrap_or_default());
        self.reversed == other.reversed
            && self.relation.eq_ignore_ascii_case(&other.relation)
            && resolved(at, &self.target) == resolved(at, &other.target)
            && context(self) == context(other)
    }
}

impl fmt::Display for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.reversed { "rev" } else { "rel" };
        write!(out, "<{}>; {name}=\"{}\"", self.target, self.relation)?;
        if let Some(context) = &self.context {
            write!(out, "; anchor=\"{context}\"")?;
        }
        for (name, value) in &self.attributes {
            match value {
                None => write!(out, "; {name}")?,
                // An extended value is none between quotes (RFC 8187 section 3.2).
                Some(value) if name.ends_with('*') && is_token(value) => {
                    write!(out, "; {name}={value}")?;
                }
                Some(value) => {
                    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
                    write!(out, "; {name}=\"{escaped}\"")?;
                }
            }
        }
        Ok(())
    }
}

/// A link value, not yet taken apart by its relation types.
#[derive(Default)]
struct Given {
    target: String,
    context: Option<String>,
    relations: Option<String>,
    reversed: Option<String>,
    attributes: Vec<(String, Option<String>)>,
}

impl Given {
    fn of(target: &str, parameters: &str) -> Result<Self, Malformed> {
        let mut given = Self { target: reference(target)?, ..Self::default() };
        let mut rest = trim(parameters);
        while let Some(behind) = rest.strip_prefix(';') {
            let (parameter, behind) = split_before(behind, b';');
            if !trim(parameter).is_empty() {
                given.take(trim(parameter))?;
            }
            rest = behind;
        }
        if rest.is_empty() { Ok(given) } else { Err(MALFORMED) }
    }

    /// Takes a parameter. The first of a name counts where a second has no meaning (RFC 8288
    /// sections 3.2 to 3.4).
    fn take(&mut self, parameter: &str) -> Result<(), Malformed> {
        let (name, value) = match parameter.split_once('=') {
            None => (parameter, None),
            Some((name, value)) => (trim(name), Some(unquoted(trim(value))?)),
        };
        if !is_token(name) {
            return Err(MALFORMED);
        }
        let name = name.to_ascii_lowercase();
        let first = |place: &mut Option<String>, value: Option<String>| {
            if place.is_none() {
                *place = Some(value.unwrap_or_default());
            }
        };
        match name.as_str() {
            "rel" => first(&mut self.relations, value),
            "rev" => first(&mut self.reversed, value),
            "anchor" => {
                let context = reference(value.as_deref().unwrap_or_default())?;
                first(&mut self.context, Some(context));
            }
            "title" | "title*" | "media" | "type"
                if self.attributes.iter().any(|(known, _)| *known == name) => {}
            _ => self.attributes.push((name, value)),
        }
        Ok(())
    }

    /// One link a relation type.
    fn links(self) -> Result<Vec<Link>, Malformed> {
        let said = [(&self.relations, false), (&self.reversed, true)];
        let mut links = Vec::new();
        for (types, reversed) in said {
            for name in types.as_deref().unwrap_or_default().split_ascii_whitespace() {
                links.push(Link {
                    target: self.target.clone(),
                    context: self.context.clone(),
                    relation: relation(name)?,
                    reversed,
                    attributes: self.attributes.clone(),
                });
            }
        }
        if links.is_empty() { Err(MALFORMED) } else { Ok(links) }
    }
}

/// A relation type: a registered name, or a URI (RFC 8288 section 2.1).
fn relation(name: &str) -> Result<String, Malformed> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic());
    if is_name && name.bytes().all(is_part) {
        return Ok(name.to_ascii_lowercase());
    }
    if is_absolute_uri(name) && is_reference(name) { Ok(name.to_owned()) } else { Err(MALFORMED) }
}

fn reference(text: &str) -> Result<String, Malformed> {
    let text = trim(text);
    if is_reference(text) { Ok(text.to_owned()) } else { Err(MALFORMED) }
}

/// Returns what a parameter's value says, with quotes or without.
fn unquoted(value: &str) -> Result<String, Malformed> {
    let said = if value.starts_with('"') { unquote(value) } else { Some(value.to_owned()) };
    // A field has visible US-ASCII and spaces alone; others stand in an extended value.
    let is_plain = |said: &String| said.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    let is_value = |said: &String| value.starts_with('"') || is_token(said);
    said.filter(is_plain).filter(is_value).ok_or(MALFORMED)
}

/// Splits before the first such octet outside of quotes.
fn split_before(text: &str, separator: u8) -> (&str, &str) {
    text.split_at(unquoted_at(text, separator).unwrap_or(text.len()))
}

/// The words about a field that is none.
const MALFORMED: Malformed = Malformed::new(
    NAME,
    "links such as <https://example.com/>; rel=\"author\", separated by commas",
);
