//! `multipart/byteranges` (RFC 2046 section 5.1.1).

use super::fields;
use super::limits::ByteRangeLimits;
use super::write::{RangeWrite, Writes};
use crate::rule::patching::error::{At, PatchError};

/// The writes of all parts.
pub(super) fn parse(
    body: &[u8],
    boundary: &str,
    limits: &ByteRangeLimits,
) -> Result<Vec<RangeWrite>, PatchError> {
    let malformed = |reason| PatchError::malformed(At::Patch, reason);
    if !is_boundary(boundary) {
        return Err(malformed("the boundary parameter is not one of RFC 2046"));
    }
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let dash_boundary = delimiter.get(2..).unwrap_or_default();
    let mut at = if body.starts_with(dash_boundary) {
        dash_boundary.len()
    } else {
        let first = find(body, &delimiter, 0);
        first.ok_or_else(|| malformed("the boundary is nowhere in it"))? + delimiter.len()
    };
    let mut writes = Writes::new(limits);
    for part in 1.. {
        let after = body.get(at..).unwrap_or_default();
        let (line, closes) = after.strip_prefix(b"--").map_or((after, false), |line| (line, true));
        let line = skip_padding(line);
        if closes && (line.is_empty() || line.starts_with(b"\r\n")) {
            break;
        }
        if closes || !line.starts_with(b"\r\n") {
            return Err(PatchError::malformed(At::Part(part), "its boundary line goes on"));
        }
        let start = body.len() - line.len() + 2;
        // The line break before the next boundary belongs to that; without fields and body it is
        // also the one that ends this boundary.
        let end = find(body, &delimiter, start - 2)
            .ok_or_else(|| PatchError::malformed(At::Part(part), "no boundary follows it"))?;
        let block = body.get(start..end + 2).unwrap_or_default();
        let (fields, length) = fields::read(block, part, limits)?;
        writes.part(&fields, part, std::iter::once((start + length).min(end)..end))?;
        at = end + delimiter.len();
    }
    if writes.list.is_empty() {
        return Err(malformed("it has no parts"));
    }
    Ok(writes.list)
}

/// Returns where the delimiter stands from a position on. Nothing of it repeats its first byte, so
/// that this reads every byte about once.
fn find(body: &[u8], delimiter: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = body.get(at..)?;
        at += rest.iter().position(|&b| b == b'\r')?;
        if body.get(at..)?.starts_with(delimiter) {
            return Some(at);
        }
        at += 1;
    }
}

/// RFC 2046 section 5.1.1: `transport-padding`.
fn skip_padding(line: &[u8]) -> &[u8] {
    let padding = line.iter().position(|b| !matches!(b, b' ' | b'\t')).unwrap_or(line.len());
    line.get(padding..).unwrap_or_default()
}

/// RFC 2046 section 5.1.1: `boundary`.
fn is_boundary(text: &str) -> bool {
    (1..=70).contains(&text.len())
        && !text.ends_with(' ')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b))
}
