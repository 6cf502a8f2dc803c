//! Preconditions and their precedence (RFC 9110 sections 13.1 and 13.2.2).

use http::{HeaderMap, HeaderName, header};

use crate::{
    etag::{ETag, ETagCondition},
    timestamp::Timestamp,
};

/// All that is known of the selected representation, if there is one.
#[derive(Debug, Clone, Default)]
pub struct Validators {
    /// Its entity tag.
    pub etag: Option<ETag>,
    /// The moment at which it was last modified.
    pub modified: Option<Timestamp>,
}

/// The preconditions of a request.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_field_names, reason = "they are the names of the fields of HTTP")]
pub struct Conditions {
    if_match: Option<Parsed>,
    if_none_match: Option<Parsed>,
    if_modified_since: Option<Timestamp>,
    if_unmodified_since: Option<Timestamp>,
    if_range: Option<IfRange>,
}

/// The way to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Perform the method.
    Proceed,
    /// 304: the client has the current representation.
    NotModified,
    /// 412, by the field named.
    Failed(&'static str),
}

/// A list of entity tags as the client sent it.
#[derive(Debug, Clone)]
enum Parsed {
    Tags(ETagCondition),
    /// Not of the grammar: it names nothing.
    Malformed,
}

#[derive(Debug, Clone)]
enum IfRange {
    Tag(ETag),
    Date(Timestamp),
    Malformed,
}

impl Conditions {
    /// Reads the five fields.
    ///
    /// A date that is none is as good as absent (sections 13.1.3 and 13.1.4). A list of tags that
    /// is none names no representation: If-Match is false then (section 13.1.1), If-None-Match
    /// true (section 13.1.2).
    pub fn read(fields: &HeaderMap) -> Self {
        Self {
            if_match: tags(fields, &header::IF_MATCH),
            if_none_match: tags(fields, &header::IF_NONE_MATCH),
            if_modified_since: date(fields, &header::IF_MODIFIED_SINCE),
            if_unmodified_since: date(fields, &header::IF_UNMODIFIED_SINCE),
            if_range: if_range(fields),
        }
    }

    /// Returns whether a field is there that can guard a write (RFC 6585 section 3): an
    /// If-None-Match that is true whatever is there guards nothing.
    pub const fn guards_a_write(&self) -> bool {
        self.if_match.is_some()
            || matches!(self.if_none_match, Some(Parsed::Tags(_)))
            || self.if_unmodified_since.is_some()
    }

    /// Judges a request that reads (GET, HEAD, and what follows them), steps 1 to 4 of 13.2.2.
    pub fn judge_read(&self, current: Option<&Validators>) -> Verdict {
        match self.judge_state(current) {
            Verdict::Proceed => {}
            verdict @ (Verdict::NotModified | Verdict::Failed(_)) => return verdict,
        }
        if let Some(condition) = &self.if_none_match {
            return if condition.excludes(current) {
                Verdict::NotModified
            } else {
                Verdict::Proceed
            };
        }
        let modified = current.and_then(|current| current.modified);
        match (self.if_modified_since, modified) {
            (Some(since), Some(modified)) if modified.whole_second() <= since => {
                Verdict::NotModified
            }
            _ => Verdict::Proceed,
        }
    }

    /// Judges a request that writes, steps 1 to 3 of 13.2.2. If-Modified-Since does not count
    /// (section 13.1.3).
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, header};
    /// use methodical_semantics::rule::conditional::{Conditions, Verdict};
    /// let mut fields = HeaderMap::new();
    /// fields.insert(header::IF_MATCH, HeaderValue::from_static("*"));
    /// let conditions = Conditions::read(&fields);
    /// assert_eq!(conditions.judge_write(None), Verdict::Failed("If-Match"));
    /// ```
    pub fn judge_write(&self, current: Option<&Validators>) -> Verdict {
        match self.judge_state(current) {
            Verdict::Proceed => {}
            verdict @ (Verdict::NotModified | Verdict::Failed(_)) => return verdict,
        }
        match &self.if_none_match {
            Some(condition) if condition.excludes(current) => Verdict::Failed("If-None-Match"),
            _ => Verdict::Proceed,
        }
    }

    /// Returns whether Range counts (step 5 of 13.2.2): If-Range is absent or names this
    /// representation, by strong comparison or by exactly its date.
    ///
    /// A date is a strong validator only where it is at least a second older than `now`
    /// (section 8.8.2.2).
    pub fn range_counts(&self, current: &Validators, now: Timestamp) -> bool {
        match (&self.if_range, &current.etag, current.modified) {
            (None, _, _) => true,
            (Some(IfRange::Tag(tag)), Some(etag), _) => tag.matches_strongly(etag),
            (Some(IfRange::Date(date)), _, Some(modified)) => {
                let settled = now.since(modified).as_secs() >= STRONG_DATE_SECONDS;
                settled && modified.whole_second() == *date
            }
            _ => false,
        }
    }

    /// Steps 1 and 2.
    fn judge_state(&self, current: Option<&Validators>) -> Verdict {
        if let Some(condition) = &self.if_match {
            let holds = condition.names(current);
            return if holds { Verdict::Proceed } else { Verdict::Failed("If-Match") };
        }
        let modified = current.and_then(|current| current.modified);
        match (self.if_unmodified_since, modified) {
            (Some(since), Some(modified)) if modified.whole_second() > since => {
                Verdict::Failed("If-Unmodified-Since")
            }
            _ => Verdict::Proceed,
        }
    }
}

impl Parsed {
    fn names(&self, current: Option<&Validators>) -> bool {
        match (self, current) {
            (Self::Tags(tags), Some(current)) => tags.holds_strongly(current.etag.as_ref()),
            _ => false,
        }
    }

    fn excludes(&self, current: Option<&Validators>) -> bool {
        match (self, current) {
            (Self::Tags(tags), Some(current)) => tags.holds_weakly(current.etag.as_ref()),
            (Self::Tags(_), None) | (Self::Malformed, _) => false,
        }
    }
}

fn tags(fields: &HeaderMap, name: &HeaderName) -> Option<Parsed> {
    let value = fields.contains_key(name).then(|| joined(fields, name))?;
    Some(value.as_deref().and_then(ETagCondition::parse).map_or(Parsed::Malformed, Parsed::Tags))
}

/// All lines of a field as one list; nothing where a line is no text.
fn joined(fields: &HeaderMap, name: &HeaderName) -> Option<String> {
    // obs-text may stand inside a tag: no tag of ours has any.
    let lines = fields.get_all(name).iter();
    let lines: Option<Vec<&str>> =
        lines.map(|line| std::str::from_utf8(line.as_bytes()).ok()).collect();
    lines.map(|lines| lines.join(","))
}

fn date(fields: &HeaderMap, name: &HeaderName) -> Option<Timestamp> {
    let mut lines = fields.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => Timestamp::from_http_date(line.to_str().ok()?),
        _ => None,
    }
}

fn if_range(fields: &HeaderMap) -> Option<IfRange> {
    if !fields.contains_key(header::IF_RANGE) {
        return None;
    }
    let Some(value) = joined(fields, &header::IF_RANGE) else { return Some(IfRange::Malformed) };
    let value = value.trim();
    let tag = ETag::parse(value).map(IfRange::Tag);
    let date = || Timestamp::from_http_date(value).map(IfRange::Date);
    Some(tag.or_else(date).unwrap_or(IfRange::Malformed))
}

/// RFC 9110 section 8.8.2.2: a date is strong when it lies one second or more before the moment
/// at which it was observed.
const STRONG_DATE_SECONDS: u64 = 1;
