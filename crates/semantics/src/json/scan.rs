//! The grammar of JSON (RFC 8259), checked once over the whole text without recursion.

use super::blank::{byte, skip_blank};
use super::text::{LARGE_BYTES_MIN, Text, offset};

/// Why a text is not JSON that we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The byte at which the fault was seen, counted from 0.
    pub(crate) byte: usize,
    /// A clause that says what is wrong; none when the text is nested too deeply.
    pub(crate) reason: Option<&'static str>,
}

/// Validates a whole JSON text; at most [`NESTING_MAX`] levels deep.
pub(crate) fn validate(bytes: &[u8]) -> Result<Text<'_>, Fault> {
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(Fault { byte: error.valid_up_to(), reason: Some("the text is not UTF-8") });
    }
    let at = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let mut scanner = Scanner { bytes, at, open: Vec::new(), large: Vec::new() };
    scanner.blank();
    scanner.document()?;
    let mut large = scanner.large;
    large.sort_unstable();
    Ok(Text::new(bytes, at, large))
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The containers that are open: where each begins and the byte that closes it.
    open: Vec<(usize, u8)>,
    large: Vec<(u32, u32)>,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), Fault> {
        loop {
            if self.value()? && self.after_value()? {
                break;
            }
        }
        if self.at < self.bytes.len() {
            return Err(self.fault("something follows the end of the JSON value"));
        }
        Ok(())
    }

    /// Reads a scalar, an empty container or the beginning of a container; true if a value ended.
    fn value(&mut self) -> Result<bool, Fault> {
        match byte(self.bytes, self.at) {
            b'{' => {
                self.enter(b'}')?;
                if self.leave(b'}') {
                    return Ok(true);
                }
                self.name()?;
                Ok(false)
            }
            b'[' => {
                self.enter(b']')?;
                Ok(self.leave(b']'))
            }
            b'"' => self.string().map(|()| true),
            b'-' | b'0'..=b'9' => self.number().map(|()| true),
            _ => self.literal().map(|()| true),
        }
    }

    /// Closes what ends here and steps over a comma; true if the outermost value ended.
    fn after_value(&mut self) -> Result<bool, Fault> {
        loop {
            self.blank();
            let Some(&(_, close)) = self.open.last() else { return Ok(true) };
            if self.leave(close) {
                continue;
            }
            if byte(self.bytes, self.at) != b',' {
                return Err(self.fault("a comma or the end of the object or array is missing"));
            }
            self.at += 1;
            self.blank();
            if close == b'}' {
                self.name()?;
            }
            return Ok(false);
        }
    }

    fn enter(&mut self, close: u8) -> Result<(), Fault> {
        if self.open.len() >= NESTING_MAX {
            return Err(Fault { byte: self.at, reason: None });
        }
        self.open.push((self.at, close));
        self.at += 1;
        self.blank();
        Ok(())
    }

    fn leave(&mut self, close: u8) -> bool {
        if byte(self.bytes, self.at) != close {
            return false;
        }
        self.at += 1;
        if let Some((start, _)) = self.open.pop()
            && self.at - start >= LARGE_BYTES_MIN
        {
            self.large.push((offset(start), offset(self.at)));
        }
        true
    }

    fn name(&mut self) -> Result<(), Fault> {
        if byte(self.bytes, self.at) != b'"' {
            return Err(self.fault("a member name in double quotes is missing"));
        }
        self.string()?;
        self.blank();
        if byte(self.bytes, self.at) != b':' {
            return Err(self.fault("a colon after the member name is missing"));
        }
        self.at += 1;
        self.blank();
        Ok(())
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            match byte(self.bytes, self.at) {
                b'"' => break,
                b'\\' => self.escape()?,
                0 if self.at >= self.bytes.len() => {
                    return Err(self.fault("a string has no end"));
                }
                0..=0x1F => return Err(self.fault("a string holds a bare control character")),
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let length = match byte(self.bytes, self.at + 1) {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' if (2..6).all(|n| byte(self.bytes, self.at + n).is_ascii_hexdigit()) => 6,
            _ => return Err(self.fault("an escape sequence is not one of JSON's")),
        };
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        if byte(self.bytes, self.at) == b'-' {
            self.at += 1;
        }
        if byte(self.bytes, self.at) == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if byte(self.bytes, self.at) == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(byte(self.bytes, self.at), b'e' | b'E') {
            self.at += 1;
            if matches!(byte(self.bytes, self.at), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while byte(self.bytes, self.at).is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.fault("a number has no digit where one is needed"));
        }
        Ok(())
    }

    fn literal(&mut self) -> Result<(), Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let word =
            [&b"true"[..], b"false", b"null"].into_iter().find(|word| rest.starts_with(word));
        match word {
            Some(word) => self.at += word.len(),
            None => return Err(self.fault("a JSON value is missing")),
        }
        Ok(())
    }

    fn blank(&mut self) {
        self.at = skip_blank(self.bytes, self.at);
    }

    fn fault(&self, reason: &'static str) -> Fault {
        Fault { byte: self.at, reason: Some(reason) }
    }
}

/// Levels of objects and arrays inside each other, in a document, a patch and a result. Real
/// documents stay below 30; the comparison, the copy and the writing of a value recurse once a
/// level, so that this is what keeps them within a thread's stack.
pub(crate) const NESTING_MAX: usize = 128;

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
