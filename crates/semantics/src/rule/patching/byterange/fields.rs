//! The fields of a part.

use super::super::error::{At, PatchError};
use super::limits::ByteRangeLimits;
use crate::excerpt::excerpt;

/// The fields of a part that mean something here.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_field_names, reason = "the names are those of the fields of HTTP")]
pub(super) struct Fields {
    content_range: Option<ContentRange>,
    content_offset: Option<ContentOffset>,
    content_length: Option<u64>,
    pub(super) content_type: Option<String>,
}

/// The demand of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// Write the body there.
    Write { offset: u64 },
    /// Make this the resource's length.
    Length { length: u64 },
}

/// RFC 9110 section 14.4, with bytes as the unit.
#[derive(Debug, Clone, Copy)]
enum ContentRange {
    Range { first: u64, last: u64, complete_length: Option<u64> },
    Unsatisfied { complete_length: u64 },
}

/// Section 2.3 of the draft, with bytes as the unit.
#[derive(Debug, Clone, Copy)]
struct ContentOffset {
    offset: u64,
    complete_length: Option<u64>,
}

/// Reads field lines up to the empty line; returns where the body begins.
pub(super) fn read(
    bytes: &[u8],
    part: usize,
    limits: &ByteRangeLimits,
) -> Result<(Fields, usize), PatchError> {
    let maximum = limits.part_fields_bytes_max;
    let mut fields = Fields::default();
    let mut at = 0;
    loop {
        let rest = bytes.get(at..bytes.len().min(maximum)).unwrap_or_default();
        let Some(length) = rest.windows(2).position(|pair| pair == b"\r\n") else {
            if bytes.len() > maximum {
                return Err(too_long(part, limits));
            }
            let reason = "the fields do not end with an empty line, CR LF";
            return Err(PatchError::malformed(At::Part(part), reason));
        };
        at += length + 2;
        let line = rest.get(..length).unwrap_or_default();
        if line.is_empty() {
            return Ok((fields, at));
        }
        let Some(colon) = line.iter().position(|&b| b == b':') else {
            return Err(PatchError::malformed(At::Part(part), "a field line has no colon"));
        };
        let (name, value) = line.split_at(colon);
        fields.add(part, name, value.get(1..).unwrap_or_default())?;
    }
}

pub(super) fn too_long(part: usize, limits: &ByteRangeLimits) -> PatchError {
    let maximum = limits.part_fields_bytes_max as u64;
    PatchError::too_large(At::Part(part), "bytes of fields in a part", maximum)
}

impl Fields {
    /// Adds a field; names and values are checked as those of any field (RFC 9110 section 5).
    pub(super) fn add(&mut self, part: usize, name: &[u8], value: &[u8]) -> Result<(), PatchError> {
        let malformed = |reason: String| PatchError::malformed(At::Part(part), reason);
        if name.is_empty() || !name.iter().all(|&b| is_token(b)) {
            return Err(malformed(format!("\"{}\" is not a field name", excerpt(name))));
        }
        let visible = |&b: &u8| b == b'\t' || b >= b' ' && b != 0x7F;
        let text = std::str::from_utf8(value).ok().filter(|_| value.iter().all(visible));
        let name = name.to_ascii_lowercase();
        let known = KNOWN.contains(&&*name);
        let value = match text {
            Some(text) => text.trim_matches([' ', '\t']),
            // Octets beyond ASCII are no fault of a field that is ignored.
            None if !known && value.iter().all(visible) => return Ok(()),
            None => {
                let reason = format!("the value of {} is not a field value", excerpt(&name));
                return Err(malformed(reason));
            }
        };
        let twice = match &*name {
            b"content-range" => {
                self.content_range.replace(ContentRange::parse(part, value)?).is_some()
            }
            b"content-offset" => {
                self.content_offset.replace(ContentOffset::parse(part, value)?).is_some()
            }
            b"content-length" => {
                let length = number(value)
                    .ok_or_else(|| malformed("the Content-Length is not a number".into()))?;
                self.content_length.replace(length).is_some()
            }
            b"content-type" => self.content_type.replace(value.to_owned()).is_some(),
            _ if known && !is_plain(value) => {
                let at = At::Part(part);
                return Err(PatchError::unprocessable(at, "the content of the part is encoded"));
            }
            _ => false,
        };
        if twice {
            return Err(malformed(format!("the field {} is there twice", excerpt(&name))));
        }
        Ok(())
    }

    /// Returns what the part asks for, if its body has this many bytes.
    pub(super) fn target(&self, part: usize, body_length: u64) -> Result<Target, PatchError> {
        let malformed = |reason: String| Err(PatchError::malformed(At::Part(part), reason));
        let (target, length) = match (self.content_range, self.content_offset) {
            (Some(_), Some(_)) => {
                return malformed("it has both a Content-Range and a Content-Offset".into());
            }
            (None, None) => {
                return malformed("it has neither a Content-Range nor a Content-Offset".into());
            }
            (Some(ContentRange::Unsatisfied { complete_length }), None) => {
                (Target::Length { length: complete_length }, 0)
            }
            (Some(ContentRange::Range { first, last, .. }), None) => {
                // RFC 9110 section 14.4: the last position is not before the first; both are below
                // the largest number, so that the length fits.
                (Target::Write { offset: first }, last - first + 1)
            }
            (None, Some(ContentOffset { offset, .. })) => {
                (Target::Write { offset }, self.content_length.unwrap_or(body_length))
            }
        };
        if let Some(declared) = self.content_length
            && declared != length
        {
            return malformed(format!(
                "the Content-Length is {declared} and the range has {length} bytes"
            ));
        }
        if length != body_length {
            return malformed(format!(
                "its body has {body_length} bytes where its fields say {length}"
            ));
        }
        if let (Target::Write { offset }, Some(complete)) = (target, self.complete_length())
            && offset.saturating_add(length) > complete
        {
            return malformed("the range goes beyond the complete length".into());
        }
        Ok(target)
    }

    /// The complete length that the part anticipates.
    pub(super) fn complete_length(&self) -> Option<u64> {
        match (self.content_range, self.content_offset) {
            (Some(ContentRange::Range { complete_length, .. }), _) => complete_length,
            (Some(ContentRange::Unsatisfied { complete_length }), _) => Some(complete_length),
            (None, Some(offset)) => offset.complete_length,
            (None, None) => None,
        }
    }
}

impl ContentRange {
    /// RFC 9110 section 14.4: `range-unit SP ( range-resp / unsatisfied-range )`.
    fn parse(part: usize, value: &str) -> Result<Self, PatchError> {
        let reason = || format!("\"{}\" is not a Content-Range", excerpt(value.as_bytes()));
        let malformed = || PatchError::malformed(At::Part(part), reason());
        let (unit, range) = value.split_once(' ').ok_or_else(malformed)?;
        known_unit(part, unit)?;
        let (range, complete) = range.split_once('/').ok_or_else(malformed)?;
        if range == "*" {
            let complete_length = number(complete).ok_or_else(malformed)?;
            return Ok(Self::Unsatisfied { complete_length });
        }
        let (first, last) = range.split_once('-').ok_or_else(malformed)?;
        let (first, last) = number(first).zip(number(last)).ok_or_else(malformed)?;
        let complete_length = match complete {
            "*" => None,
            digits => Some(number(digits).ok_or_else(malformed)?),
        };
        if last < first || complete_length.is_some_and(|length| length <= last) {
            return Err(malformed());
        }
        Ok(Self::Range { first, last, complete_length })
    }
}

impl ContentOffset {
    /// Section 2.3 of the draft: `sf-item` with the parameters `unit` and `complete-length`.
    fn parse(part: usize, value: &str) -> Result<Self, PatchError> {
        let reason = || format!("\"{}\" is not a Content-Offset", excerpt(value.as_bytes()));
        let malformed = || PatchError::malformed(At::Part(part), reason());
        let (offset, mut rest) = value.split_at(value.find(';').unwrap_or(value.len()));
        let offset = integer(offset).ok_or_else(malformed)?;
        let mut complete_length = None;
        while let Some(next) = rest.strip_prefix(';') {
            let (name, value, after) = parameter(next).ok_or_else(malformed)?;
            match name {
                "unit" => known_unit(part, value)?,
                "complete-length" => {
                    complete_length = Some(integer(value).ok_or_else(malformed)?);
                }
                _ => {}
            }
            rest = after;
        }
        if rest.is_empty() { Ok(Self { offset, complete_length }) } else { Err(malformed()) }
    }
}

/// The first parameter of a structured field (RFC 8941 section 3.1.2), its value as written and
/// what follows it.
fn parameter(text: &str) -> Option<(&str, &str, &str)> {
    let text = text.trim_start_matches(' ');
    let (name, rest) = text.split_at(text.find(|c: char| !is_key(c)).unwrap_or(text.len()));
    if !name.starts_with(|c: char| c.is_ascii_lowercase() || c == '*') {
        return None;
    }
    match rest.strip_prefix('=') {
        Some(value) => {
            let (value, after) = value.split_at(item_end(value)?);
            Some((name, value, after))
        }
        None => Some((name, "", rest)),
    }
}

/// Returns where a parameter's value ends, which is a string in quotes or anything without blanks.
fn item_end(text: &str) -> Option<usize> {
    let Some(string) = text.strip_prefix('"') else {
        let end = text.find([';', ' ', '"']).unwrap_or(text.len());
        return (end > 0).then_some(end);
    };
    let mut escaped = false;
    let ends = |c: char| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    };
    string.find(ends).map(|end| end + 2)
}

fn known_unit(part: usize, unit: &str) -> Result<(), PatchError> {
    if unit.eq_ignore_ascii_case("bytes") {
        return Ok(());
    }
    let reason = format!("\"{}\" is not a range unit that is known here", excerpt(unit.as_bytes()));
    Err(PatchError::unprocessable(At::Part(part), reason))
}

/// True for values of the encoding fields that leave the content as it is.
fn is_plain(value: &str) -> bool {
    ["", "identity", "binary", "8bit", "7bit"].iter().any(|plain| value.eq_ignore_ascii_case(plain))
}

/// RFC 9110 section 8.6: `1*DIGIT`, below the largest number that there is.
fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|&number: &u64| plain && number < u64::MAX)
}

/// RFC 8941 section 3.3.1: an `sf-integer`, here not below zero.
fn integer(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let value = number(digits).filter(|_| digits.len() <= SF_INTEGER_DIGITS_MAX)?;
    (value == 0 || digits.len() == text.len()).then_some(value)
}

/// RFC 9110 section 5.6.2: `tchar`.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// RFC 8941 section 3.1.2: a character of `key`.
fn is_key(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | '*')
}

/// The fields that a part is judged by.
const KNOWN: [&[u8]; 7] = [
    b"content-range",
    b"content-offset",
    b"content-length",
    b"content-type",
    b"content-encoding",
    b"content-transfer-encoding",
    b"transfer-encoding",
];

/// RFC 8941 section 3.3.1.
const SF_INTEGER_DIGITS_MAX: usize = 15;
