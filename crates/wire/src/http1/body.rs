//! The content of a request: by length or chunked (RFC 9112 sections 6 and 7), decoded strictly and
//! in pieces.
//!
//! Two readers that see the end of a message at different places are how requests are smuggled (RFC
//! 9112 section 11.2). So lines end with CR LF and nothing else, extensions and trailers must be of
//! the grammar although they are dropped, and the first doubt ends the connection. It knows no
//! socket: whoever reads feeds it (the fuzz target `body` does, too).

use bytes::{Buf, Bytes, BytesMut};

/// The framing of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// So many octets.
    Length(u64),
    /// In chunks.
    Chunked,
}

/// Takes content off what was read, piece by piece.
#[derive(Debug)]
pub(crate) struct Decoder {
    /// The place in the grammar.
    state: State,
    /// Octets of chunk extensions, zeros before sizes and trailers so far, which nobody reads.
    overhead: usize,
}

/// The find of the decoder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Octets of the content, at least one.
    Data(Bytes),
    /// More has to be read first.
    Wanting,
    /// The content ended; what is left belongs to the next request.
    End,
}

/// The content breaks the rules of its framing: it has no readable end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadFraming(pub &'static str);

/// The place of a decoder in the grammar; numbers are octets still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Length(u64),
    ChunkSize,
    ChunkData(u64),
    ChunkEnd,
    Trailers,
    Done,
}

impl Decoder {
    /// A decoder for content framed so.
    pub(crate) fn new(framing: Framing) -> Self {
        let state = match framing {
            Framing::Length(0) => State::Done,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::ChunkSize,
        };
        Self { state, overhead: 0 }
    }

    /// Returns whether the end was reached.
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Returns how many octets are still to come, where that is known.
    pub(crate) fn left(&self) -> Option<u64> {
        match self.state {
            State::Length(left) => Some(left),
            State::Done => Some(0),
            State::ChunkSize | State::ChunkData(_) | State::ChunkEnd | State::Trailers => None,
        }
    }

    /// Returns how many octets are still to come at the least.
    ///
    /// By this it is decided whether content that nobody read is worth waiting for.
    pub(crate) fn left_min(&self) -> u64 {
        match self.state {
            State::Length(left) | State::ChunkData(left) => left,
            State::ChunkSize | State::ChunkEnd | State::Trailers | State::Done => 0,
        }
    }

    /// The next piece.
    ///
    /// # Errors
    /// Content that is not of the grammar, and extensions or trailers beyond their limit.
    pub(crate) fn next(&mut self, input: &mut BytesMut) -> Result<Piece, BadFraming> {
        loop {
            match self.state {
                State::Done => return Ok(Piece::End),
                State::Length(left) => {
                    return Ok(data(input, left).map_or(Piece::Wanting, |piece| {
                        let left = left - piece.len() as u64;
                        self.state = if left == 0 { State::Done } else { State::Length(left) };
                        Piece::Data(piece)
                    }));
                }
                State::ChunkData(left) => {
                    return Ok(data(input, left).map_or(Piece::Wanting, |piece| {
                        let left = left - piece.len() as u64;
                        self.state =
                            if left == 0 { State::ChunkEnd } else { State::ChunkData(left) };
                        Piece::Data(piece)
                    }));
                }
                State::ChunkEnd => match input.get(..2) {
                    Some(b"\r\n") => {
                        input.advance(2);
                        self.state = State::ChunkSize;
                    }
                    Some(_) => return Err(BadFraming("A chunk is longer than its size says.")),
                    None => return Ok(Piece::Wanting),
                },
                State::ChunkSize => {
                    let Some(line) = line(input)? else { return Ok(Piece::Wanting) };
                    self.state = match self.chunk_size(&line)? {
                        0 => State::Trailers,
                        size => State::ChunkData(size),
                    };
                }
                State::Trailers => {
                    let Some(line) = line(input)? else { return Ok(Piece::Wanting) };
                    if line.is_empty() {
                        self.state = State::Done;
                    } else {
                        self.trailer(&line)?;
                    }
                }
            }
        }
    }

    /// `chunk-size [ chunk-ext ]`: extensions that are not known are ignored (RFC 9112 section
    /// 7.1.1), if they are extensions. The size is paid for by the data; zeros before it and what
    /// stands behind it are not.
    fn chunk_size(&mut self, line: &[u8]) -> Result<u64, BadFraming> {
        let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (size, extensions) = line.split_at_checked(digits).unwrap_or_default();
        if size.is_empty() {
            return Err(BadFraming("A chunk size must be a hexadecimal number."));
        }
        if !are_extensions(extensions) {
            return Err(BadFraming(
                "Behind a chunk size, send nothing, or extensions as ;name=value.",
            ));
        }
        let zeros = size.iter().take_while(|digit| **digit == b'0').count();
        self.charge(zeros.saturating_sub(1) + extensions.len())?;
        let significant = size.get(zeros..).unwrap_or_default();
        if significant.len() > CHUNK_SIZE_DIGITS_MAX {
            return Err(BadFraming("A chunk size is too large."));
        }
        let value = |digit: u8| char::from(digit).to_digit(16).map_or(0, u64::from);
        Ok(significant.iter().fold(0, |size, digit| size << 4 | value(*digit)))
    }

    /// Trailer fields are dropped: no method here knows one that could be merged (RFC 9110 section
    /// 6.5.1). What is no field is refused all the same, since another reader might see the end of
    /// the message elsewhere.
    fn trailer(&mut self, line: &[u8]) -> Result<(), BadFraming> {
        self.charge(line.len() + 2)?;
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (name, value) = (parts.next().unwrap_or_default(), parts.next());
        let is_name = !name.is_empty() && name.iter().copied().all(is_token);
        if is_name && value.is_some_and(is_text) {
            return Ok(());
        }
        Err(BadFraming("Behind the last chunk, send trailer fields or nothing."))
    }

    /// Counts octets that nobody reads; a client that sends many makes work for nothing.
    fn charge(&mut self, octets: usize) -> Result<(), BadFraming> {
        self.overhead = self.overhead.saturating_add(octets);
        if self.overhead > OVERHEAD_BYTES_MAX { Err(TOO_LONG) } else { Ok(()) }
    }
}

/// A line without its CR LF, if a whole one is there.
///
/// The caller reads more where none is whole, up to the longest that can be good.
fn line(input: &mut BytesMut) -> Result<Option<BytesMut>, BadFraming> {
    let Some(at) = memchr::memchr(b'\n', input) else {
        return if input.len() > LINE_BYTES_MAX { Err(TOO_LONG) } else { Ok(None) };
    };
    let mut line = input.split_to(at + 1);
    if !line.ends_with(b"\r\n") {
        return Err(BadFraming("End every chunk line with CR LF."));
    }
    line.truncate(at - 1);
    Ok(Some(line))
}

/// Takes what is there of `left` octets, without copying; nothing if none is.
fn data(input: &mut BytesMut, left: u64) -> Option<Bytes> {
    let take = usize::try_from(left).map_or(input.len(), |left| left.min(input.len()));
    (take > 0).then(|| input.split_to(take).freeze())
}

/// Returns whether this is `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` (RFC
/// 9112 section 7.1.1).
fn are_extensions(mut rest: &[u8]) -> bool {
    while !rest.is_empty() {
        let Some(named) = unblanked(rest).strip_prefix(b";").map(unblanked).and_then(without_token)
        else {
            return false;
        };
        rest = match unblanked(named).strip_prefix(b"=").map(unblanked) {
            None => named,
            Some(value) => {
                let behind = match value.strip_prefix(b"\"") {
                    Some(quoted) => without_quoted(quoted),
                    None => without_token(value),
                };
                let Some(behind) = behind else { return false };
                behind
            }
        };
    }
    true
}

/// Returns what stands behind the blanks at the start (RFC 9110 section 5.6.3).
fn unblanked(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    text.get(blanks..).unwrap_or_default()
}

/// Returns what stands behind the token at the start, if there is one.
fn without_token(text: &[u8]) -> Option<&[u8]> {
    let length = text.iter().take_while(|byte| is_token(**byte)).count();
    text.get(length..).filter(|_| length > 0)
}

/// Returns what stands behind the quoted string of which the first quote was read (RFC 9110 section
/// 5.6.4).
fn without_quoted(text: &[u8]) -> Option<&[u8]> {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if *byte != b'\t' && byte.is_ascii_control() => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return text.get(at + 1..),
            _ => {}
        }
    }
    None
}

/// Returns whether this may stand in a field value: no control characters but tabs (RFC 9110
/// section 5.5).
fn is_text(text: &[u8]) -> bool {
    text.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control())
}

/// Returns whether this may stand in a token (RFC 9110 section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The refusal of more than [`OVERHEAD_BYTES_MAX`].
const TOO_LONG: BadFraming =
    BadFraming("Chunk extensions, zeros before sizes and trailers are too long together.");

/// Octets of all chunk extensions, zeros before chunk sizes and trailers of one message: nobody
/// reads them, so they may not cost much.
pub(crate) const OVERHEAD_BYTES_MAX: usize = 8 * 1024;

/// Digits of a chunk size behind its zeros: 2^60 octets and more do not exist, and 16 digits do not
/// overflow.
const CHUNK_SIZE_DIGITS_MAX: usize = 15;

/// Octets of a line of which the end has not come: all of the overhead, behind the longest size.
const LINE_BYTES_MAX: usize = OVERHEAD_BYTES_MAX + CHUNK_SIZE_DIGITS_MAX + 2;
