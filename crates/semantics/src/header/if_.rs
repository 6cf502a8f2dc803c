//! If (RFC 4918 section 10.4): lists of states that resources must have, and the lock tokens that
//! the client submits.
//!
//! ```abnf
//! If           = "If" ":" ( 1*No-tag-list | 1*Tagged-list )
//! No-tag-list  = List
//! Tagged-list  = Resource-Tag 1*List
//! List         = "(" 1*Condition ")"
//! Condition    = ["Not"] (State-token | "[" entity-tag "]")
//! State-token  = Coded-URL
//! Resource-Tag = "<" Simple-ref ">"
//! ```

use http::HeaderMap;

use crate::{
    etag::ETag,
    header::{
        destination::Destination,
        list::{single, trim},
        lock_token::is_absolute_uri,
        malformed::Malformed,
    },
};

/// The field's name.
pub const NAME: &str = "If";

/// The field: it holds where all conditions of one list do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct If {
    /// The lists, in order; one at least.
    pub lists: Vec<List>,
}

/// Conditions on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The resource.
    pub of: Tag,
    /// The conditions, in order; one at least.
    pub conditions: Vec<Condition>,
}

/// The resource that a list is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// The request's own.
    Target,
    /// This one, where it is on the same server.
    Resource(Destination),
    /// One that no server like this one has.
    Elsewhere,
}

/// A state that the resource must have, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// True if it must not.
    pub negated: bool,
    /// The state.
    pub state: State,
}

/// A state of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is in the scope of the lock of this token; or any other state that a URI names.
    Token(Box<str>),
    /// Its content has this entity tag.
    ETag(ETag),
}

impl If {
    /// Reads the field; `None` when it is absent.
    ///
    /// # Errors
    /// When it is given twice, not of the grammar, or has more than [`CONDITIONS_MAX`] conditions.
    ///
    /// ```
    /// use methodical_semantics::header::if_::{If, State};
    ///
    /// let field = If::parse(r#"(<urn:uuid:1> ["a"]) (Not <DAV:no-lock>)"#).unwrap();
    /// assert_eq!(field.lists.len(), 2);
    /// assert!(field.lists[1].conditions[0].negated);
    /// assert_eq!(field.tokens().collect::<Vec<_>>(), ["urn:uuid:1", "DAV:no-lock"]);
    /// assert!(If::parse("(<urn:uuid:1>").is_err());
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Malformed> {
        single(headers, NAME)?.map(|value| Self::parse(&value)).transpose()
    }

    /// Reads the field's value.
    ///
    /// # Errors
    /// As [`Self::from_headers`].
    pub fn parse(value: &str) -> Result<Self, Malformed> {
        let mut reader = Reader { rest: trim(value), conditions: 0 };
        reader.lists().map(|lists| Self { lists }).ok_or(Malformed::new(
            NAME,
            "one or more lists of up to 1,024 lock tokens and ETags, as in (<urn:uuid:1> [\"a\"])",
        ))
    }

    /// The tokens that are submitted: all that stand anywhere in the field (section 10.4.1).
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        let conditions = self.lists.iter().flat_map(|list| &list.conditions);
        conditions.filter_map(|condition| match &condition.state {
            State::Token(token) => Some(&**token),
            State::ETag(_) => None,
        })
    }

    /// Returns whether a token is submitted.
    pub fn submits(&self, token: &str) -> bool {
        self.tokens().any(|its| its == token)
    }
}

/// The text that was not read yet.
struct Reader<'t> {
    rest: &'t str,
    conditions: usize,
}

impl<'t> Reader<'t> {
    fn lists(&mut self) -> Option<Vec<List>> {
        let (mut lists, mut tag) = (Vec::new(), Tag::Target);
        let tagged = self.rest.starts_with('<');
        while !self.rest.is_empty() {
            // Lists with tags and lists without do not stand in one field.
            if tagged && self.rest.starts_with('<') {
                tag = self.tag()?;
            }
            let conditions = self.list()?;
            lists.push(List { of: tag.clone(), conditions });
        }
        (!lists.is_empty()).then_some(lists)
    }

    fn tag(&mut self) -> Option<Tag> {
        let reference = self.coded()?;
        if let Ok(found) = Destination::parse(reference) {
            return Some(Tag::Resource(found));
        }
        is_absolute_uri(reference).then_some(Tag::Elsewhere)
    }

    fn list(&mut self) -> Option<Vec<Condition>> {
        self.skip("(")?;
        let mut conditions = Vec::new();
        while self.skip(")").is_none() {
            self.conditions += 1;
            if self.conditions > CONDITIONS_MAX {
                return None;
            }
            conditions.push(self.condition()?);
        }
        (!conditions.is_empty()).then_some(conditions)
    }

    fn condition(&mut self) -> Option<Condition> {
        let negated = self.rest.get(..NOT.len()).is_some_and(|it| it.eq_ignore_ascii_case(NOT));
        if negated {
            self.advance(self.rest.get(NOT.len()..)?);
        }
        let state = if self.rest.starts_with('[') {
            self.skip("[")?;
            let tag = self.etag()?;
            self.skip("]")?;
            State::ETag(tag)
        } else {
            let token = self.coded()?;
            State::Token(is_absolute_uri(token).then(|| token.into())?)
        };
        Some(Condition { negated, state })
    }

    /// An entity tag; in those of this field's time there may be blanks (RFC 2616 section 3.11).
    fn etag(&mut self) -> Option<ETag> {
        let (is_weak, quoted) = match self.rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, self.rest),
        };
        let (opaque, behind) = quoted.strip_prefix('"')?.split_once('"')?;
        self.advance(behind);
        Some(if is_weak { ETag::weak(opaque) } else { ETag::strong(opaque) })
    }

    /// Returns what stands between angle brackets.
    fn coded(&mut self) -> Option<&'t str> {
        let (inner, behind) = self.rest.strip_prefix('<')?.split_once('>')?;
        self.advance(behind);
        Some(trim(inner))
    }

    fn skip(&mut self, mark: &str) -> Option<()> {
        let behind = self.rest.strip_prefix(mark)?;
        self.advance(behind);
        Some(())
    }

    fn advance(&mut self, rest: &'t str) {
        self.rest = trim(rest);
    }
}

/// Conditions in one field: each may be a look at another resource. A client that deletes a folder
/// submits one for each lock in it.
pub const CONDITIONS_MAX: usize = 1024;

const NOT: &str = "Not";
