//! Chunked content (RFC 9112 section 7.1): in one piece and in many it is the same.
#![no_main]

#[path = "../../crates/wire/src/http1/body.rs"]
#[allow(dead_code, reason = "the server uses more of it")]
mod body;

use body::{BadFraming, Decoder, Framing, Piece};
use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (step, data) = input;
    let whole = decoded(data, data.len().max(1));
    let in_pieces = decoded(data, usize::from(step).max(1));
    match (whole, in_pieces) {
        (Ok(whole), Ok(in_pieces)) => assert_eq!(whole, in_pieces),
        // A line that is too long is noticed earlier or later, by how it comes.
        (whole, in_pieces) => {
            assert!(data.len() > body::OVERHEAD_BYTES_MAX || whole.is_err() == in_pieces.is_err())
        }
    }
});

/// The content, whether it ended, and how many bytes of the input are behind it.
fn decoded(data: &[u8], step: usize) -> Result<(Vec<u8>, bool, usize), BadFraming> {
    let mut decoder = Decoder::new(Framing::Chunked);
    let mut content = Vec::new();
    let mut input = BytesMut::new();
    let mut rest = data.chunks(step);
    loop {
        match decoder.next(&mut input)? {
            Piece::Data(bytes) => {
                assert!(!bytes.is_empty());
                content.extend_from_slice(&bytes);
            }
            Piece::Wanting => match rest.next() {
                Some(more) => input.extend_from_slice(more),
                None => return Ok((content, false, 0)),
            },
            Piece::End => {
                assert!(decoder.is_done());
                let behind = input.len() + rest.map(<[u8]>::len).sum::<usize>();
                return Ok((content, true, behind));
            }
        }
    }
}
