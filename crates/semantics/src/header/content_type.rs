//! Content-Type (RFC 9110 section 8.3), and the media type that it names (section 8.3.1).
//!
//! ```abnf
//! Content-Type = media-type
//! media-type   = type "/" subtype parameters
//! type         = token
//! subtype      = token
//! ```

use std::fmt;

use http::HeaderMap;

use crate::header::list::{is_token, single};
use crate::header::malformed::Malformed;
use crate::header::parameters::Parameters;

/// The field's name.
pub const NAME: &str = "Content-Type";

/// Octets a boundary may have (RFC 2046 section 5.1.1).
pub const BOUNDARY_BYTES_MAX: usize = 70;

/// A media type: type and subtype in small letters, and the parameters.
///
/// ```
/// use methodical_semantics::header::content_type::MediaType;
///
/// let media_type = MediaType::parse(r#"Text/HTML;Charset="utf-8""#).unwrap();
/// assert_eq!(media_type.essence(), "text/html");
/// assert_eq!((media_type.kind(), media_type.subtype()), ("text", "html"));
/// assert_eq!(media_type.parameters().value("charset"), Some("utf-8"));
/// assert_eq!(media_type.to_string(), "text/html; charset=utf-8");
/// assert!(MediaType::parse("text").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    essence: String,
    parameters: Parameters,
}

impl MediaType {
    /// Reads one media type.
    ///
    /// # Errors
    /// When the text is not in the grammar: a list of two types is not.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        Self::in_grammar(text).ok_or(Malformed::new(NAME, "one media type, as in text/html"))
    }

    /// Reads the Content-Type field; `None` when it is absent.
    ///
    /// # Errors
    /// When the field is given twice or is not in the grammar.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use methodical_semantics::header::content_type::MediaType;
    ///
    /// let mut headers = HeaderMap::new();
    /// assert!(MediaType::from_headers(&headers).unwrap().is_none());
    /// headers.insert("content-type", HeaderValue::from_static("image/png"));
    /// assert_eq!(MediaType::from_headers(&headers).unwrap().unwrap().essence(), "image/png");
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Malformed> {
        single(headers, NAME)?.map(|text| Self::parse(&text)).transpose()
    }

    /// Type and subtype without parameters, in small letters.
    pub fn essence(&self) -> &str {
        &self.essence
    }

    /// Returns what stands before the slash, in small letters.
    pub fn kind(&self) -> &str {
        self.essence.split_once('/').map_or("", |(kind, _)| kind)
    }

    /// Returns what stands after the slash, in small letters.
    pub fn subtype(&self) -> &str {
        self.essence.split_once('/').map_or("", |(_, subtype)| subtype)
    }

    /// The parameters.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The boundary of a multipart type; `None` when it is missing or not one by RFC 2046 section
    /// 5.1.1: 1 to [`BOUNDARY_BYTES_MAX`] characters of a small set, the last no space.
    ///
    /// ```
    /// use methodical_semantics::header::content_type::MediaType;
    ///
    /// let form = MediaType::parse("multipart/form-data; boundary=\"gc0:y/x\"").unwrap();
    /// assert_eq!(form.boundary(), Some("gc0:y/x"));
    /// ```
    pub fn boundary(&self) -> Option<&str> {
        self.parameters.value("boundary").filter(|boundary| {
            (1..=BOUNDARY_BYTES_MAX).contains(&boundary.len())
                && boundary.bytes().all(is_boundary_character)
                && !boundary.ends_with(' ')
        })
    }

    fn in_grammar(text: &str) -> Option<Self> {
        let (essence, parameters) = Parameters::after(text)?;
        let (kind, subtype) = essence.split_once('/')?;
        (is_token(kind) && is_token(subtype))
            .then(|| Self { essence: essence.to_ascii_lowercase(), parameters })
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.essence, self.parameters)
    }
}

fn is_boundary_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte)
}
