//! `multipart` content (RFC 2046 section 5.1), taken apart while it comes.
//!
//! The octets that are held between two pieces are bounded whatever is sent: the end of a piece in
//! which a delimiter may begin, or the header of one part. All else is handed on or dropped at
//! once.

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use memchr::memmem;
use methodical_wire::field_lines;

/// Content between delimiters, without I/O: it is given pieces and gives what they hold.
#[derive(Debug)]
pub(super) struct Multipart {
    /// A line end, two hyphens and the boundary.
    delimiter: Vec<u8>,
    /// Octets that were not handed on yet.
    held: BytesMut,
    /// The place in the grammar.
    state: State,
    /// Octets that were dropped before the first part.
    preamble: usize,
    /// Octets of the headers of all parts.
    headers: usize,
}

/// The next thing in a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A part begins, with these fields.
    Part(HeaderMap),
    /// Content of the part.
    Content(Bytes),
    /// The part ends.
    PartEnd,
    /// No part follows.
    End,
    /// More has to come before anything is known.
    More,
}

/// The reason for which the content cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// A limit on octets, and what it is about.
    TooLarge(usize, &'static str),
    /// It breaks the grammar.
    Grammar(&'static str),
}

/// The place of the reader in the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first boundary; dropped.
    Preamble,
    /// Behind a boundary, before the end of its line.
    Delimited,
    /// In the header of a part; the line end of the delimiter is still held.
    Header,
    /// In the content of a part, whose first octets may be the line end of its header.
    Content { line_end: usize },
    /// Behind the last boundary; dropped.
    Epilogue,
}

impl Multipart {
    /// Content that nothing has come of yet, whose boundary is one by its grammar.
    pub(super) fn new(boundary: &str) -> Self {
        Self {
            delimiter: [b"\r\n--", boundary.as_bytes()].concat(),
            // The first delimiter may stand at the very beginning, where no line ends.
            held: BytesMut::from(LINE_END),
            state: State::Preamble,
            preamble: 0,
            headers: 0,
        }
    }

    /// Takes a piece; before it, [`Self::next`] has to have asked for more.
    pub(super) fn add(&mut self, piece: &[u8]) {
        self.held.extend_from_slice(piece);
    }

    /// Octets that are held: of what came, and of the parts' headers, whose names last.
    pub(super) fn octets(&self) -> usize {
        self.held.len() + self.headers
    }

    /// Octets behind the last delimiter that have come already.
    pub(super) fn epilogue(&self) -> usize {
        self.held.len()
    }

    /// Returns what comes next.
    ///
    /// # Errors
    /// Content that breaks the grammar or a limit.
    pub(super) fn next(&mut self) -> Result<Next, Broken> {
        loop {
            let next = match self.state {
                State::Preamble => self.preamble()?,
                State::Delimited => self.delimited()?,
                State::Header => Some(self.header()?),
                State::Content { line_end } => Some(self.content(line_end)),
                State::Epilogue => Some(Next::End),
            };
            if let Some(next) = next {
                return Ok(next);
            }
        }
    }

    /// RFC 2046 5.1.1: what stands before the first delimiter is ignored.
    fn preamble(&mut self) -> Result<Option<Next>, Broken> {
        let found = memmem::find(&self.held, &self.delimiter);
        let dropped = found.unwrap_or_else(|| self.certain());
        self.held.advance(dropped);
        self.preamble += dropped;
        if self.preamble > PREAMBLE_BYTES_MAX {
            return Err(Broken::TooLarge(PREAMBLE_BYTES_MAX, "before the first part of a form"));
        }
        if found.is_none() {
            return Ok(Some(Next::More));
        }
        self.behind_delimiter();
        Ok(None)
    }

    /// RFC 2046 5.1.1: two hyphens behind the last boundary, else blanks up to the end of the line.
    fn delimited(&mut self) -> Result<Option<Next>, Broken> {
        if self.held.starts_with(b"--") {
            self.held.advance(2);
            self.state = State::Epilogue;
            return Ok(Some(Next::End));
        }
        let padding = self.held.iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
        if padding > PADDING_BYTES_MAX {
            return Err(Broken::TooLarge(PADDING_BYTES_MAX, "of blanks behind a boundary"));
        }
        match self.held.get(padding..).unwrap_or_default() {
            [b'\r', b'\n', ..] => {
                self.held.advance(padding);
                self.state = State::Header;
                Ok(None)
            }
            [] | [b'\r'] => Ok(Some(Next::More)),
            [b'-'] if padding == 0 => Ok(Some(Next::More)),
            _ => Err(Broken::Grammar("a line that begins with the boundary goes on behind it")),
        }
    }

    /// The header of a part, as soon as all of it is there.
    fn header(&mut self) -> Result<Next, Broken> {
        let end = memmem::find(&self.held, b"\r\n\r\n");
        if end.unwrap_or(self.held.len()) > HEADER_BYTES_MAX {
            return Err(Broken::TooLarge(HEADER_BYTES_MAX, "in the header of one part"));
        }
        let Some(end) = end else { return Ok(Next::More) };
        self.headers += end;
        if self.headers > HEADERS_BYTES_MAX {
            return Err(Broken::TooLarge(HEADERS_BYTES_MAX, "in the headers of all parts"));
        }
        let lines = self.held.get(LINE_END.len()..end + 2 * LINE_END.len()).unwrap_or_default();
        let fields = fields(lines)?;
        // The empty line stays: a part without content ends with it (RFC 2046 5.1.1).
        self.held.advance(end + LINE_END.len());
        self.state = State::Content { line_end: LINE_END.len() };
        Ok(Next::Part(fields))
    }

    /// The next content of a part. The last octets stay held while a boundary may begin in them.
    fn content(&mut self, line_end: usize) -> Next {
        let found = memmem::find(&self.held, &self.delimiter);
        let octets = found.unwrap_or_else(|| self.certain());
        if octets > line_end {
            let mut content = self.held.split_to(octets);
            content.advance(line_end);
            self.state = State::Content { line_end: 0 };
            return Next::Content(content.freeze());
        }
        if found.is_none() {
            return Next::More;
        }
        self.held.advance(octets);
        self.behind_delimiter();
        Next::PartEnd
    }

    /// Octets of which none belongs to a delimiter whose end is still to come.
    fn certain(&self) -> usize {
        (self.held.len() + 1).saturating_sub(self.delimiter.len())
    }

    /// Goes on behind the delimiter that stands first.
    fn behind_delimiter(&mut self) {
        self.held.advance(self.delimiter.len());
        self.state = State::Delimited;
    }
}

/// The fields of a part, whose lines end with an empty one.
fn fields(lines: &[u8]) -> Result<HeaderMap, Broken> {
    let fields = field_lines::parse::<FIELDS_MAX>(lines);
    fields.ok_or(Broken::Grammar("the header of a part is no list of fields"))
}

/// The end of a line (RFC 2046 section 5.1.1).
const LINE_END: &[u8] = b"\r\n";

/// Octets (64 KiB) before the first part, which nobody reads.
const PREAMBLE_BYTES_MAX: usize = 64 * 1024;

/// Octets (64 KiB) behind the last part, which nobody reads.
pub(super) const EPILOGUE_BYTES_MAX: usize = 64 * 1024;

/// Octets (1 KiB) of blanks behind a boundary, which a mail gateway may have added.
const PADDING_BYTES_MAX: usize = 1024;

/// Octets (8 KiB) of the header of one part: the longest name that a disk takes, three octets for
/// each of its own, ten times.
const HEADER_BYTES_MAX: usize = 8 * 1024;

/// Octets (256 KiB) of the headers of all parts, whose names last until the form is whole.
const HEADERS_BYTES_MAX: usize = 256 * 1024;

/// Fields in the header of one part.
const FIELDS_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes content apart that comes in pieces of so many octets: the content of its parts, what
    /// ended it, and the most that was held.
    fn taken(content: &[u8], size: usize) -> (Vec<String>, Result<Next, Broken>, usize) {
        let mut multipart = Multipart::new("b");
        let (mut parts, mut most) = (Vec::<String>::new(), 0);
        let mut pieces = content.chunks(size);
        loop {
            most = most.max(multipart.held.len());
            match multipart.next() {
                Ok(Next::Part(_)) => parts.push(String::new()),
                Ok(Next::Content(octets)) => {
                    parts.last_mut().unwrap().push_str(std::str::from_utf8(&octets).unwrap());
                }
                Ok(Next::PartEnd) => {}
                Ok(Next::More) => match pieces.next() {
                    Some(piece) => multipart.add(piece),
                    None => return (parts, Ok(Next::More), most),
                },
                end => return (parts, end, most),
            }
        }
    }

    #[test]
    fn rfc2046_5_1_1_parts_are_what_stands_between_delimiters_however_they_come() {
        let content = "before\r\n--b \t\r\nA: 1\r\n\r\none\r\n--\r\n-- b\r\n--b\r\n\r\n\r\n--b\r\n\
                       B: 2\r\n\r\n--b\r\nC: 3\r\n\r\n\r\n\r\n--b--behind";
        for size in 1..=content.len() {
            let (parts, end, _) = taken(content.as_bytes(), size);
            assert_eq!(
                (parts.as_slice(), end),
                (&["one\r\n--\r\n-- b", "", "", "\r\n"].map(String::from)[..], Ok(Next::End)),
                "{size}"
            );
        }
    }

    #[test]
    fn what_never_ends_is_refused_and_never_held() {
        let long = "x".repeat(1 << 20);
        let many = "--b\r\nA: ".to_owned() + &"x".repeat(5000) + "\r\n\r\n\r\n";
        for (content, about) in [
            (long.clone(), "before the first part of a form"),
            (format!("--b{}", " ".repeat(1 << 20)), "of blanks behind a boundary"),
            (format!("--b\r\nA: {long}"), "in the header of one part"),
            (many.repeat(200), "in the headers of all parts"),
        ] {
            let (_, end, most) = taken(content.as_bytes(), 1000);
            assert!(matches!(end, Err(Broken::TooLarge(_, what)) if what == about), "{end:?}");
            assert!(most < 10_000, "{about}: {most}");
        }
        let content = format!("--b\r\nA: 1\r\n\r\n{long}");
        let (parts, end, most) = taken(content.as_bytes(), 1000);
        assert!(parts.concat().len() > long.len() - 10 && end == Ok(Next::More) && most < 1100);
    }

    #[test]
    fn rfc2046_5_1_1_what_breaks_the_grammar_is_refused() {
        for content in
            ["--b\r\nno field\r\n\r\n", "--bb\r\n\r\n", "--b -\r\n", "--b\r\n: 1\r\n\r\n"]
        {
            let (_, end, _) = taken(content.as_bytes(), 3);
            assert!(matches!(end, Err(Broken::Grammar(_))), "{content} {end:?}");
        }
    }
}
