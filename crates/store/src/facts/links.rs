//! The links of a resource: how it is related to others (RFC 8288), as LINK says and UNLINK takes
//! back. They are told with the resource, so that its entity tag changes with them.

use methodical_semantics::header::link::{Link, parse, text};

use super::row::{Fact, OnCopy, OnMove, Row};

/// The links of a resource; nothing where it has none.
///
/// ```
/// use methodical_semantics::header::link::parse;
/// use methodical_store::facts::links::LINKS;
/// let links = parse(r#"<two>; rel="next""#).unwrap();
/// assert_eq!(LINKS.decoded(&LINKS.encoded(&links)).unwrap(), links);
/// ```
pub static LINKS: Fact<Vec<Link>> = Fact::new(
    Row {
        name: "links",
        on_move: OnMove::Goes,
        on_copy: OnCopy::Copied,
        in_memory: true,
        is_told: true,
        is_sorted: false,
    },
    |links| text(links).into_bytes(),
    |bytes| parse(std::str::from_utf8(bytes).ok()?).ok(),
);
