//! Entity tags (RFC 9110 section 8.8.3) and lists of them.

use std::fmt;

/// An entity tag: strong, or weak with `W/` before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ETag {
    weak: bool,
    opaque: Box<str>,
}

/// The value of If-Match or If-None-Match: `*` or a list of entity tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ETagCondition {
    /// `*`: any current representation.
    Any,
    /// One of these.
    Listed(Vec<ETag>),
}

impl ETag {
    /// A strong entity tag of the opaque text, without its quotes.
    ///
    /// ```
    /// use methodical_semantics::etag::ETag;
    /// assert_eq!(ETag::strong("a1").to_string(), "\"a1\"");
    /// ```
    pub fn strong(opaque: impl Into<Box<str>>) -> Self {
        Self { weak: false, opaque: opaque.into() }
    }

    /// A weak entity tag of the opaque text, without its quotes.
    pub fn weak(opaque: impl Into<Box<str>>) -> Self {
        Self { weak: true, opaque: opaque.into() }
    }

    /// Reads one entity tag, nothing before or behind it.
    pub fn parse(text: &str) -> Option<Self> {
        let (tag, rest) = Self::take(text)?;
        rest.is_empty().then_some(tag)
    }

    /// Returns whether the tag is weak.
    pub const fn is_weak(&self) -> bool {
        self.weak
    }

    /// Equal under the strong comparison (RFC 9110 section 8.8.3.2): both strong and the same.
    pub fn matches_strongly(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// Equal under the weak comparison (RFC 9110 section 8.8.3.2): the same opaque text.
    pub fn matches_weakly(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }

    /// An entity tag at the start of the text, and what stands behind it.
    pub fn take(text: &str) -> Option<(Self, &str)> {
        let (weak, quoted) = match text.strip_prefix("W/") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let inner = quoted.strip_prefix('"')?;
        let end = inner.find('"')?;
        let (opaque, rest) = (inner.get(..end)?, inner.get(end + 1..)?);
        // etagc = %x21 / %x23-7E / obs-text
        let fits = opaque.bytes().all(|byte| byte == 0x21 || byte >= 0x23 && byte != 0x7f);
        fits.then(|| (Self { weak, opaque: opaque.into() }, rest))
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\"{}\"", if self.weak { "W/" } else { "" }, self.opaque)
    }
}

impl ETagCondition {
    /// Reads a field value (several lines joined by commas); nothing if it is malformed. `*` on
    /// several lines says no more than on one.
    ///
    /// ```
    /// use methodical_semantics::etag::{ETag, ETagCondition};
    /// let listed = ETagCondition::parse("\"a,b\", W/\"c\"");
    /// let tags = vec![ETag::strong("a,b"), ETag::weak("c")];
    /// assert_eq!(listed, Some(ETagCondition::Listed(tags)));
    /// assert_eq!(ETagCondition::parse("*"), Some(ETagCondition::Any));
    /// assert_eq!(ETagCondition::parse("*,*"), Some(ETagCondition::Any));
    /// assert_eq!(ETagCondition::parse("a"), None);
    /// ```
    pub fn parse(value: &str) -> Option<Self> {
        if value.split(',').all(|line| line.trim_matches(BLANK) == "*") {
            return Some(Self::Any);
        }
        let mut tags = Vec::new();
        let mut rest = value.trim_start_matches(SEPARATOR);
        while !rest.is_empty() {
            let (tag, behind) = ETag::take(rest)?;
            tags.push(tag);
            let next = behind.trim_start_matches(BLANK);
            if !next.is_empty() && !next.starts_with(',') {
                return None;
            }
            rest = next.trim_start_matches(SEPARATOR);
        }
        (!tags.is_empty()).then_some(Self::Listed(tags))
    }

    /// Returns whether the condition names the present representation by the strong comparison.
    pub fn holds_strongly(&self, current: Option<&ETag>) -> bool {
        self.holds(current, ETag::matches_strongly)
    }

    /// Returns whether the condition names the present representation by the weak comparison.
    pub fn holds_weakly(&self, current: Option<&ETag>) -> bool {
        self.holds(current, ETag::matches_weakly)
    }

    fn holds(&self, current: Option<&ETag>, same: fn(&ETag, &ETag) -> bool) -> bool {
        match (self, current) {
            (Self::Any, _) => true,
            (Self::Listed(tags), Some(current)) => tags.iter().any(|tag| same(tag, current)),
            (Self::Listed(_), None) => false,
        }
    }
}

const BLANK: [char; 2] = [' ', '\t'];
const SEPARATOR: [char; 3] = [' ', '\t', ','];
