//! The IANA HTTP Method Registry (RFC 9110 section 18.2), read at compile time from the vendored
//! `data/iana-http-methods.csv`.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "evaluated by the compiler alone")]

/// One row of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// The method token; case-sensitive (RFC 9110 section 9.1).
    pub name: &'static str,
    /// RFC 9110 section 9.2.1: the client asks for no change.
    pub safe: bool,
    /// RFC 9110 section 9.2.2: twice has the effect of once.
    pub idempotent: bool,
    /// The word of the defining text on caching.
    pub cacheable: Cacheable,
    /// The defining documents and sections, `; ` between them.
    pub reference: &'static str,
}

/// The word of a method's definition on storing its answers (RFC 9110 section 9.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cacheable {
    /// Answers may be stored.
    Yes,
    /// Only under conditions that the definition names.
    Conditional,
    /// Forbidden or advised against.
    No,
    /// The definition is silent, which means no.
    Silent,
}

/// All registered methods, in the order of the file: by name, `*` last.
///
/// ```
/// use methodical_semantics::registry::IANA;
/// assert_eq!(IANA.len(), 41);
/// assert!(IANA.iter().any(|row| row.name == "QUERY" && row.safe));
/// ```
pub const IANA: [Registered; ROWS] = rows();

/// The registered row of a method.
///
/// # Panics
/// At compile time, when the name is not registered.
pub const fn registered(name: &str) -> &'static Registered {
    const TABLE: &[Registered; ROWS] = &IANA;
    let mut row = 0;
    while row < ROWS {
        if same(TABLE[row].name, name) {
            return &TABLE[row];
        }
        row += 1;
    }
    panic!("this method is not in data/iana-http-methods.csv")
}

/// Returns whether two strings are equal, usable in constants.
pub const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

const CSV: &str = include_str!("../../../data/iana-http-methods.csv");
const ROWS: usize = lines(CSV) - 1;

const fn lines(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut count, mut at) = (0, 0);
    while at < bytes.len() {
        if bytes[at] == b'\n' {
            count += 1;
        }
        at += 1;
    }
    count
}

const fn rows() -> [Registered; ROWS] {
    let blank = Registered {
        name: "",
        safe: false,
        idempotent: false,
        cacheable: Cacheable::No,
        reference: "",
    };
    let mut table = [blank; ROWS];
    let (_, mut rest) = until(CSV, b'\n');
    let mut row = 0;
    while row < ROWS {
        let (line, after) = until(rest, b'\n');
        table[row] = read(line);
        rest = after;
        row += 1;
    }
    table
}

const fn read(line: &'static str) -> Registered {
    let (name, rest) = until(line, b',');
    let (safe, rest) = until(rest, b',');
    let (idempotent, rest) = until(rest, b',');
    let (cacheable, reference) = until(rest, b',');
    Registered {
        name,
        safe: yes(safe),
        idempotent: yes(idempotent),
        cacheable: match cacheable.as_bytes() {
            b"yes" => Cacheable::Yes,
            b"conditional" => Cacheable::Conditional,
            b"no" => Cacheable::No,
            b"-" => Cacheable::Silent,
            _ => panic!("cacheable is yes, conditional, no or -"),
        },
        reference,
    }
}

const fn yes(word: &str) -> bool {
    match word.as_bytes() {
        b"yes" => true,
        b"no" => false,
        _ => panic!("safe and idempotent are yes or no"),
    }
}

/// The text before the first `end`, and the text behind it (both empty where nothing is left).
const fn until(text: &'static str, end: u8) -> (&'static str, &'static str) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == end {
            let (before, rest) = text.split_at(at);
            let (_, after) = rest.split_at(1);
            return (before, after);
        }
        at += 1;
    }
    (text, "")
}
