//! Content-Transfer-Encoding of a part of a form (RFC 2045 section 6), which RFC 7578 section 4.7
//! deprecates and some clients still send.
//!
//! ```abnf
//! encoding := "Content-Transfer-Encoding" ":" mechanism
//! mechanism := "7bit" / "8bit" / "binary" / "quoted-printable" / "base64" / ietf-token / x-token
//! ```

use std::fmt;

use super::list::trim;

/// The field's name.
pub const NAME: &str = "Content-Transfer-Encoding";

/// Takes an encoding off while the content comes, and holds a line's end of it at most.
///
/// ```
/// use methodical_semantics::header::content_transfer_encoding::Decoder;
///
/// let mut decoder = Decoder::of("BASE64").unwrap();
/// let mut out = Vec::new();
/// decoder.decode(b"aGVs\r\nb", &mut out).unwrap();
/// decoder.decode(b"G8=", &mut out).unwrap();
/// decoder.finish(&mut out).unwrap();
/// assert_eq!(out, b"hello");
/// assert!(Decoder::of("x-uuencode").is_none());
/// ```
#[derive(Debug, Clone)]
pub struct Decoder(Mechanism);

#[derive(Debug, Clone)]
enum Mechanism {
    Identity,
    Base64 { bits: u32, digits: u8, padding: u8 },
    QuotedPrintable { blanks: Vec<u8>, escape: Escape },
}

/// The part that came of what begins with an equals sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Begun,
    /// Blanks behind it: only the end of the line may follow.
    Blank,
    /// A carriage return.
    Return,
    High(u8),
}

/// Why content is not in the encoding that it is said to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken(&'static str);

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl std::error::Error for Broken {}

impl Decoder {
    /// The decoder for a value of the field; nothing for an encoding that is not known.
    pub fn of(value: &str) -> Option<Self> {
        Some(Self(match trim(value).to_ascii_lowercase().as_str() {
            "" | "7bit" | "8bit" | "binary" => Mechanism::Identity,
            "base64" => Mechanism::Base64 { bits: 0, digits: 0, padding: 0 },
            "quoted-printable" => {
                Mechanism::QuotedPrintable { blanks: Vec::new(), escape: Escape::None }
            }
            _ => return None,
        }))
    }

    /// Returns whether content comes as it is.
    pub fn is_identity(&self) -> bool {
        matches!(self.0, Mechanism::Identity)
    }

    /// Appends what the next bytes mean: no more than they are.
    ///
    /// # Errors
    /// What is not in the encoding.
    pub fn decode(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Broken> {
        match &mut self.0 {
            Mechanism::Identity => out.extend_from_slice(bytes),
            Mechanism::Base64 { bits, digits, padding } => {
                for byte in bytes {
                    base64(*byte, (&mut *bits, &mut *digits, &mut *padding), out)?;
                }
            }
            Mechanism::QuotedPrintable { blanks, escape } => {
                for byte in bytes {
                    *escape = quoted(*byte, *escape, blanks, out)?;
                }
            }
        }
        Ok(())
    }

    /// Ends the content.
    ///
    /// # Errors
    /// It ends too early.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), Broken> {
        match self.0 {
            Mechanism::Base64 { digits, .. } if digits != 0 => Err(Broken("base64 breaks off")),
            Mechanism::QuotedPrintable { escape: Escape::High(_), .. } => Err(HEXADECIMAL),
            Mechanism::QuotedPrintable { blanks, escape: Escape::None } => {
                out.extend_from_slice(&blanks);
                Ok(())
            }
            Mechanism::Identity | Mechanism::Base64 { .. } | Mechanism::QuotedPrintable { .. } => {
                Ok(())
            }
        }
    }
}

/// RFC 2045 section 6.8: four digits are three bytes; line breaks and blanks mean nothing.
fn base64(
    byte: u8,
    (bits, digits, padding): (&mut u32, &mut u8, &mut u8),
    out: &mut Vec<u8>,
) -> Result<(), Broken> {
    let value = match byte {
        b' ' | b'\t' | b'\r' | b'\n' => return Ok(()),
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        b'=' if *digits >= 2 => {
            *padding += 1;
            0
        }
        _ => return Err(Broken("there is a character that is none of base64")),
    };
    if *padding > 0 && byte != b'=' {
        return Err(Broken("base64 goes on behind its end"));
    }
    *bits = (*bits << 6) | u32::from(value);
    *digits += 1;
    if *digits == 4 {
        let [_, bytes @ ..] = bits.to_be_bytes();
        let whole = bytes.len().saturating_sub(usize::from(*padding));
        out.extend(bytes.iter().take(whole));
        (*bits, *digits) = (0, 0);
    }
    Ok(())
}

/// RFC 2045 section 6.7: bytes by their hexadecimal digits, line ends that are none, and blanks at
/// the ends of lines that are not of the content.
fn quoted(
    byte: u8,
    escape: Escape,
    blanks: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Result<Escape, Broken> {
    match (escape, byte) {
        (Escape::Begun | Escape::Blank, b' ' | b'\t') => Ok(Escape::Blank),
        (Escape::Begun | Escape::Blank, b'\r') => Ok(Escape::Return),
        (Escape::Begun | Escape::Blank | Escape::Return, b'\n') => Ok(Escape::None),
        (Escape::Begun, _) => digit(byte).map(Escape::High),
        (Escape::High(high), _) => {
            out.push((high << 4) | digit(byte)?);
            Ok(Escape::None)
        }
        (Escape::Blank | Escape::Return, _) => Err(HEXADECIMAL),
        (Escape::None, b' ' | b'\t') => {
            blanks.push(byte);
            if blanks.len() > BLANKS_MAX { Err(Broken("a line is too long")) } else { Ok(escape) }
        }
        (Escape::None, b'\r' | b'\n') => {
            blanks.clear();
            out.push(byte);
            Ok(escape)
        }
        (Escape::None, b'=' | 33..=126) => {
            out.append(blanks);
            if byte == b'=' {
                return Ok(Escape::Begun);
            }
            out.push(byte);
            Ok(escape)
        }
        (Escape::None, _) => Err(Broken("there is a byte that quoted-printable has quoted")),
    }
}

fn digit(byte: u8) -> Result<u8, Broken> {
    let value = char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    value.ok_or(HEXADECIMAL)
}

const HEXADECIMAL: Broken = Broken("two hexadecimal digits are missing behind an equals sign");

/// Blanks of a line that are held until something stands behind them: lines have 76 characters, and
/// those of mail 998 at most (RFC 5322 section 2.1.1).
const BLANKS_MAX: usize = 998;
