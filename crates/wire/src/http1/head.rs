//! The head of a request (RFC 9112 sections 2 to 6), strictly.
//!
//! `httparse` splits the lines; this file finds the end before, within the limits, and judges
//! afterwards what the grammar alone does not: one Host, one framing, one version. Where RFC 9112
//! lets a recipient be lenient (bare LF, both framings) it is not, since a proxy before us may have
//! been lenient in the other way.

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use methodical_semantics::{
    condition::Condition,
    header::{expect::Expectation, host::Host},
};

use super::body::Framing;
use crate::bad_head::BadHead;

/// The head of a request.
#[derive(Debug)]
pub(crate) struct Head {
    /// The method token.
    pub(crate) method: String,
    /// The request target.
    pub(crate) target: String,
    /// Its fields.
    pub(crate) fields: HeaderMap,
    /// As it came: from the request line to the empty line.
    pub(crate) raw: Bytes,
    /// True if this is HTTP/1.0.
    pub(crate) old: bool,
}

/// The end of a head in what was read so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Behind this many bytes.
    At(usize),
    /// Not yet.
    Beyond,
}

/// Finds the end of the head. `seen` bytes were looked at before.
///
/// Looking begins three bytes before what was seen, so that a line end that came in two pieces is
/// found; a head that comes byte by byte is not read again and again.
///
/// # Errors
/// A line feed alone (RFC 9112 section 2.2 lets a recipient take it for a line's end: two
/// recipients that differ in that can be played against each other), a line or head over the limit.
pub(crate) fn end(input: &[u8], seen: usize, bytes_max: usize) -> Result<End, BadHead> {
    let line_max = LINE_BYTES_MAX.min(bytes_max);
    let from = seen.saturating_sub(3);
    for at in memchr::memchr_iter(b'\n', input.get(from..).unwrap_or_default()) {
        let at = from + at;
        if at == 0 || input.get(at - 1) != Some(&b'\r') {
            return Err(BadHead(Condition::BadMessage, "End every line with CR LF."));
        }
        if at >= 3 && input.get(at - 3..at - 1) == Some(b"\r\n") {
            let fits = at < bytes_max && has_line(input, line_max);
            return if fits { Ok(End::At(at + 1)) } else { Err(too_large(input, line_max)) };
        }
    }
    if input.len() > bytes_max || input.len() > line_max && !has_line(input, line_max) {
        return Err(too_large(input, line_max));
    }
    Ok(End::Beyond)
}

/// Returns whether the first line ends within so many bytes.
fn has_line(input: &[u8], line_max: usize) -> bool {
    memchr::memchr(b'\n', input.get(..line_max).unwrap_or(input)).is_some()
}

/// Returns what is too large in a head that is: the fields, or the request line alone.
fn too_large(input: &[u8], line_max: usize) -> BadHead {
    if has_line(input, line_max) {
        return FIELDS_TOO_LARGE;
    }
    let start = input.get(..line_max).unwrap_or(input);
    // RFC 9112 section 3: a method longer than any is 501.
    if start.contains(&b' ') { TARGET_TOO_LONG } else { METHOD_TOO_LONG }
}

/// Takes the next head off the input, if all of it is there. `seen` bytes were looked at before,
/// and are counted here.
///
/// # Errors
/// Bytes that are no head, or too large a one.
pub(crate) fn next(
    input: &mut BytesMut,
    seen: &mut usize,
    bytes_max: usize,
) -> Result<Option<Head>, BadHead> {
    input.advance(blank(input));
    match end(input, *seen, bytes_max)? {
        End::At(length) => Head::take(input, length).map(Some),
        End::Beyond => {
            *seen = input.len();
            Ok(None)
        }
    }
}

/// Returns how many bytes of empty lines stand before the request line: they are skipped (RFC 9112
/// section 2.2), for as long as a head may take.
///
/// Some old clients send one behind the content of a POST.
fn blank(input: &[u8]) -> usize {
    input.chunks(2).take_while(|line| line == b"\r\n").count() * 2
}

impl Head {
    /// Takes a whole head of `length` bytes off the input.
    ///
    /// # Errors
    /// Whatever is not of the grammar.
    fn take(input: &mut BytesMut, length: usize) -> Result<Self, BadHead> {
        let raw = input.split_to(length).freeze();
        let head = match Self::parse(&raw) {
            Err(OTHER_VERSION) => {
                let known = as_known_version(&raw)?;
                Self { raw, ..Self::parse(&known)? }
            }
            parsed => parsed?,
        };
        head.check()?;
        Ok(head)
    }

    /// Reads a head of HTTP/1.0 or HTTP/1.1; values share the memory of `raw`.
    fn parse(raw: &Bytes) -> Result<Self, BadHead> {
        let mut room = [httparse::EMPTY_HEADER; FIELDS_MAX];
        let mut parsed = httparse::Request::new(&mut room);
        match parsed.parse(raw) {
            Ok(httparse::Status::Complete(end)) if end == raw.len() => {}
            Ok(_) => return Err(MALFORMED),
            Err(error) => return Err(bad(error)),
        }
        let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
            return Err(MALFORMED);
        };
        let mut fields = HeaderMap::with_capacity(parsed.headers.len());
        for line in parsed.headers.iter() {
            let name = HeaderName::from_bytes(line.name.as_bytes()).map_err(|_| MALFORMED)?;
            let value = HeaderValue::from_maybe_shared(raw.slice_ref(line.value));
            fields.append(name, value.map_err(|_| MALFORMED)?);
        }
        let (method, target) = (method.to_owned(), target.to_owned());
        Ok(Self { method, target, fields, raw: raw.clone(), old: parsed.version == Some(0) })
    }

    /// Returns how the content is framed (RFC 9112 section 6.3).
    ///
    /// # Errors
    /// A head that could be read in two ways: both framings, several lengths, odd codings.
    pub(crate) fn framing(&self) -> Result<Framing, BadHead> {
        let coded = self.fields.contains_key(header::TRANSFER_ENCODING);
        let mut lengths = self.fields.get_all(header::CONTENT_LENGTH).iter();
        let (length, more) = (lengths.next(), lengths.next());
        match (coded, length, more) {
            (false, None, _) => Ok(Framing::Length(0)),
            (false, Some(length), None) => decimal(length.as_bytes()).map(Framing::Length),
            (false, _, Some(_)) => Err(BadHead(Condition::BadMessage, "Send Content-Length once.")),
            // RFC 9112 section 6.1 lets a server refuse this: it is how requests are smuggled.
            (true, Some(_), _) => Err(BadHead(
                Condition::BadMessage,
                "Send either Content-Length or Transfer-Encoding, not both.",
            )),
            (true, None, _) if self.old => Err(BadHead(
                Condition::BadMessage,
                "HTTP/1.0 has no Transfer-Encoding; send Content-Length.",
            )),
            (true, None, _) => self.coding(),
        }
    }

    /// Returns whether the connection may go on after this request (RFC 9112 section 9.3).
    ///
    /// HTTP/1.1 goes on unless `close` is said, HTTP/1.0 ends unless `keep-alive` is.
    pub(crate) fn keeps_alive(&self) -> bool {
        let named = |option: &str| {
            let lines = self.fields.get_all(header::CONNECTION).iter();
            let mut options =
                lines.filter_map(|line| line.to_str().ok()).flat_map(|l| l.split(','));
            options.any(|its| its.trim().eq_ignore_ascii_case(option))
        };
        if self.old { named("keep-alive") && !named("close") } else { !named("close") }
    }

    /// Returns whether the client waits for 100 (RFC 9110 section 10.1.1).
    ///
    /// # Errors
    /// An expectation that is not `100-continue`.
    pub(crate) fn expects_continue(&self) -> Result<bool, BadHead> {
        match Expectation::from_headers(&self.fields) {
            Expectation::Nothing => Ok(false),
            // RFC 9110 section 10.1.1: a client of HTTP/1.0 does not wait.
            _ if self.old => Ok(false),
            Expectation::Continue => Ok(true),
            Expectation::Unknown => Err(UNKNOWN_EXPECTATION),
        }
    }

    /// Demands the one Host that RFC 9112 section 3.2 wants, and that it is one. HTTP/1.0 may have
    /// none.
    fn check(&self) -> Result<(), BadHead> {
        let mut hosts = self.fields.get_all(header::HOST).iter();
        match (hosts.next(), hosts.next()) {
            (_, Some(_)) => Err(BadHead(Condition::BadMessage, "Send Host once.")),
            (None, None) if self.old => Ok(()),
            (None, None) => Err(BadHead(Condition::BadMessage, "HTTP/1.1 needs a Host field.")),
            (Some(host), None) => {
                let good = host.to_str().is_ok_and(Host::is_valid);
                let bad = BadHead(Condition::BadMessage, "The value of Host is no host and port.");
                if good { Ok(()) } else { Err(bad) }
            }
        }
    }

    /// The framing by Transfer-Encoding (RFC 9112 section 6.1): `chunked` alone is understood;
    /// another coding before it is 501, any other list has no readable end.
    fn coding(&self) -> Result<Framing, BadHead> {
        let lines = self.fields.get_all(header::TRANSFER_ENCODING).iter();
        let listed = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        let codings: Vec<&[u8]> = listed.map(<[u8]>::trim_ascii).collect();
        let chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
        let other = |coding: &&[u8]| !coding.is_empty() && !chunked(coding);
        match codings.as_slice() {
            [only] if chunked(only) => Ok(Framing::Chunked),
            // RFC 9112 section 6.1: chunked is applied once, and last.
            [others @ .., last] if chunked(last) && others.iter().all(other) => Err(BadHead(
                Condition::UnsupportedTransferCoding,
                "The only transfer coding that is understood is chunked, alone.",
            )),
            _ => Err(BadHead(
                Condition::BadMessage,
                "The content has no readable end: the transfer coding must be chunked, once.",
            )),
        }
    }
}

/// A length, in digits and nothing else (RFC 9110 section 8.6).
///
/// # Errors
/// Anything else, and more than there are octets.
pub(crate) fn decimal(value: &[u8]) -> Result<u64, BadHead> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let number = digits.then(|| std::str::from_utf8(value).ok()?.parse().ok()).flatten();
    number.ok_or(BadHead(Condition::BadMessage, "Content-Length must be one decimal number."))
}

/// The refusal for what the parser found wrong, as precise as it tells.
fn bad(error: httparse::Error) -> BadHead {
    match error {
        httparse::Error::TooManyHeaders => FIELDS_TOO_LARGE,
        httparse::Error::Version => OTHER_VERSION,
        httparse::Error::HeaderName => BadHead(
            Condition::BadMessage,
            "A field name is malformed: no space before the colon, no folded lines.",
        ),
        httparse::Error::HeaderValue => {
            BadHead(Condition::BadMessage, "A field value holds a control character.")
        }
        httparse::Error::Token | httparse::Error::NewLine | httparse::Error::Status => MALFORMED,
    }
}

/// A head of HTTP/1.2 to HTTP/1.9 as one of HTTP/1.1, as which it is processed (RFC 9110 section
/// 6.2).
fn as_known_version(raw: &[u8]) -> Result<Bytes, BadHead> {
    let line = raw.split(|byte| *byte == b'\r').next().unwrap_or_default();
    match line.rsplit(|byte| *byte == b' ').next() {
        Some([b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'2'..=b'9']) => {}
        Some([b'H', b'T', b'T', b'P', b'/', b'0' | b'2'..=b'9', b'.', b'0'..=b'9']) => {
            return Err(OTHER_VERSION);
        }
        _ => return Err(MALFORMED),
    }
    let (before, after) = raw.split_at_checked(line.len() - 1).unwrap_or_default();
    Ok([before, b"1", after.get(1..).unwrap_or_default()].concat().into())
}

/// Octets of a request line: RFC 9112 section 3 recommends 8,000 at the least; what a path of our
/// own can have, all of it percent-encoded, fits as well.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// Field lines of one head: browsers send about 20, proxies add a few.
pub(crate) const FIELDS_MAX: usize = 128;

/// The refusal of what is no request line.
const MALFORMED: BadHead = BadHead(
    Condition::BadMessage,
    "The request line must be: method, space, target, space, HTTP/1.1.",
);
/// The refusal of HTTP/0.9, HTTP/2.0 and later in a request line (RFC 9110 section 15.6.6).
const OTHER_VERSION: BadHead =
    BadHead(Condition::UnsupportedVersion, "Speak HTTP/1.1, or HTTP/2 with prior knowledge.");
/// The refusal of an expectation that nobody defined.
pub(crate) const UNKNOWN_EXPECTATION: BadHead =
    BadHead(Condition::ExpectationFailed, "The only expectation that can be met is 100-continue.");
/// The refusal of a first line without a blank within its limit.
const METHOD_TOO_LONG: BadHead = BadHead(Condition::UnknownMethod, "No method has so long a name.");
/// The refusal of a longer request line (RFC 9110 section 15.5.15).
const TARGET_TOO_LONG: BadHead = BadHead(
    Condition::TargetTooLong,
    "Send a shorter target: a request line may have 16,384 octets, or fewer by --head-bytes.",
);
/// The refusal of more or longer fields (RFC 6585 section 5).
const FIELDS_TOO_LARGE: BadHead = BadHead(
    Condition::FieldsTooLarge,
    "Send fewer or shorter header fields: 128 lines are read, and --head-bytes octets.",
);
